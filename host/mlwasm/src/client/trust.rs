//! Whose certificates a command trusts: the public authorities', or those of one file.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// What TLS connections trust.
///
/// # Errors
///
/// If the file can not be read or holds no certificate.
pub(crate) fn config(file: Option<&Path>) -> anyhow::Result<TlsConfig> {
    let roots = match file {
        Some(file) => RootCerts::new_with_certs(&read(file)?),
        None => RootCerts::WebPki,
    };
    Ok(TlsConfig::builder().root_certs(roots).build())
}

/// The file as it is, for libraries that read it by themselves.
///
/// # Errors
///
/// As [`config`].
pub(crate) fn pem(file: &Path) -> anyhow::Result<Vec<u8>> {
    let text = fs::read(file).with_context(|| reading(file))?;
    certificates(file, &text)?;
    Ok(text)
}

/// The certificates in a file.
///
/// # Errors
///
/// If it can not be read or holds none.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<Certificate<'static>>> {
    certificates(file, &fs::read(file).with_context(|| reading(file))?)
}

fn reading(file: &Path) -> String {
    format!("reading the certificates in {}", file.display())
}

fn certificates(file: &Path, text: &[u8]) -> anyhow::Result<Vec<Certificate<'static>>> {
    let mut certificates = Vec::new();
    for item in parse_pem(text) {
        if let PemItem::Certificate(certificate) = item.with_context(|| reading(file))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        bail!("{} holds no certificate in PEM", file.display());
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(config(Some(&path)).is_err() && pem(&path).is_err());
        fs::write(&path, "nothing").unwrap();
        let error = config(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("ca.pem holds no certificate"), "{error}");
        assert_eq!(pem(&path).unwrap_err().to_string(), error);
    }
}
