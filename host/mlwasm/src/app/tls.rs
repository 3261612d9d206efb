//! Who we are to TLS clients: a certificate and its key, read again when their files change.
//!
//! One configuration lives as long as the server; only what it presents is replaced. A pair that can not be used never takes
//! the place of one that can: it is logged, and the former one stays.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use mlwasm_sandbox::TaskGroup;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::{task, time::sleep};

use crate::config::TlsConfig;

/// How often the files are looked at: two look-ups of names, which cost nothing.
const LOOK: Duration = Duration::from_secs(1);

/// What is presented to clients.
#[derive(Debug)]
struct Presented(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Presented {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// The TLS of one listener.
pub(super) struct Tls {
    files: TlsConfig,
    provider: Arc<CryptoProvider>,
    presented: Arc<Presented>,
    seen: Seen,
}

/// The state of both files, as far as it shows that one was replaced. Links are followed.
type Seen = [Option<(u64, u64, SystemTime)>; 2];

impl Tls {
    /// Reads certificate and key. Blocks.
    ///
    /// # Errors
    ///
    /// Names the file that can not be used, or both if they do not belong together.
    pub(super) fn open(files: &TlsConfig) -> anyhow::Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let seen = seen(files);
        let pair = read(files, &provider)?;
        Ok(Self {
            files: files.clone(),
            provider,
            presented: Arc::new(Presented(ArcSwap::from_pointee(pair))),
            seen,
        })
    }

    /// The configuration of a listener: TLS 1.2 or 1.3, HTTP/2 or HTTP/1.1, no certificates of clients.
    ///
    /// # Errors
    ///
    /// If the cryptography that was built in lacks what these versions need.
    pub(super) fn config(&self) -> anyhow::Result<Arc<ServerConfig>> {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Presented>::clone(&self.presented);
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .context("setting up TLS")?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Follows the files until the group shuts down.
    pub(super) async fn follow(mut self, tasks: TaskGroup) {
        loop {
            tokio::select! {
                () = tasks.cancelled() => return,
                () = sleep(LOOK) => {}
            }
            let looked = task::spawn_blocking(move || {
                self.look();
                self
            });
            match looked.await {
                Ok(tls) => self = tls,
                // The runtime is going down.
                Err(_) => return,
            }
        }
    }

    fn look(&mut self) {
        let now = seen(&self.files);
        if now == self.seen {
            return;
        }
        self.seen = now;
        let certificate = self.files.certificate.display();
        match read(&self.files, &self.provider) {
            Ok(pair) => {
                self.presented.0.store(Arc::new(pair));
                tracing::info!(%certificate, "the TLS certificate was read again");
            }
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                %certificate,
                "the TLS certificate was replaced by one that can not be used; the former one stays"
            ),
        }
    }
}

fn seen(files: &TlsConfig) -> Seen {
    [&files.certificate, &files.key].map(|path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.ino(), metadata.len(), metadata.modified().ok()?))
    })
}

fn read(files: &TlsConfig, provider: &CryptoProvider) -> anyhow::Result<CertifiedKey> {
    let (certificate, key) = (&files.certificate, &files.key);
    let chain = open(certificate)
        .map(CertificateDer::pem_reader_iter)
        .and_then(|pieces| pieces.collect::<Result<Vec<_>, _>>().context("reading PEM"))
        .with_context(|| format!("the TLS certificate {}", certificate.display()))?;
    anyhow::ensure!(
        !chain.is_empty(),
        "the TLS certificate {} holds no certificate in PEM",
        certificate.display()
    );
    let private = open(key)
        .and_then(|file| PrivateKeyDer::from_pem_reader(file).context("reading PEM"))
        .with_context(|| format!("the TLS key {}", key.display()))?;
    CertifiedKey::from_der(chain, private, provider).with_context(|| {
        format!(
            "the TLS certificate {} and the key {}",
            certificate.display(),
            key.display()
        )
    })
}

fn open(path: &Path) -> anyhow::Result<io::BufReader<fs::File>> {
    Ok(io::BufReader::new(fs::File::open(path)?))
}
