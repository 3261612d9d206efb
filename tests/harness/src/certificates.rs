//! Certificates of an authority of the test's own, for servers that speak TLS.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tempfile::TempDir;

use crate::failure::OrFail as _;

/// An authority, and files for a server at `127.0.0.1`. The files go when it does.
#[derive(Debug)]
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// A new authority, and a certificate and key of it in place.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().or_fail("making a folder");
        let key = KeyPair::generate().or_fail("making a key");
        let mut params = CertificateParams::new(Vec::new()).or_fail("naming an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).or_fail("signing an authority");
        write(&folder.path().join("ca.pem"), &authority.pem());
        let issuer = Issuer::new(params, key);
        let certificates = Self { folder };
        certificates.issue(&issuer);
        certificates
    }

    fn issue(&self, issuer: &Issuer<'_, KeyPair>) {
        let key = KeyPair::generate().or_fail("making a key");
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let params = CertificateParams::new(names).or_fail("naming a server");
        let certificate = params
            .signed_by(&key, issuer)
            .or_fail("signing a certificate");
        write(&self.certificate(), &certificate.pem());
        write(&self.key(), &key.serialize_pem());
    }

    /// What a client has to trust.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The server's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    /// The server's key.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("server.key")
    }

    /// What a server of the test's own speaks TLS by.
    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(self.certificate())
            .or_fail("reading a certificate")
            .collect();
        let key = PrivateKeyDer::from_pem_file(self.key()).or_fail("reading a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .or_fail("choosing versions of TLS")
            .with_no_client_auth()
            .with_single_cert(chain.or_fail("reading a certificate"), key)
            .or_fail("taking a certificate");
        Arc::new(config)
    }

    /// The setting of a listener, as in `mlwasm.toml`.
    pub fn setting(&self) -> String {
        format!(
            "tls = {{ certificate = {:?}, key = {:?} }}",
            self.certificate(),
            self.key()
        )
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).or_fail("writing a certificate");
}
