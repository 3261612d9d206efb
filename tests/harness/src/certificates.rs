//! Certificates of an authority of the test's own, for servers that speak TLS.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
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
