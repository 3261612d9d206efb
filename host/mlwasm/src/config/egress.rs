//! Settings of scorers' calls to others: whom deployments may name, and who vouches for them.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use mlwasm_control::{AllowedOrigins, EgressRules};
use mlwasm_sandbox::Authorities;
use mlwasm_types::Origin;
use serde::{Deserialize, Serialize};

use crate::client::trust;

/// Stands for all origins.
const ANY: &str = "*";

/// What the operator says of scorers' calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EgressConfig {
    /// The origins that deployments may name; `*` alone stands for all.
    pub(crate) allowed_origins: Vec<String>,
    /// Authorities that vouch for origins besides the public ones, in PEM.
    pub(crate) ca_file: Option<PathBuf>,
}

impl EgressConfig {
    /// Checks what the types alone do not hold.
    ///
    /// # Errors
    ///
    /// Names the key.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.allowed().map(drop)
    }

    /// The rules of a server.
    ///
    /// # Errors
    ///
    /// Names the key, and the file if it is one.
    pub(crate) fn rules(&self) -> anyhow::Result<EgressRules> {
        Ok(EgressRules {
            allowed: self.allowed()?,
            authorities: self.authorities()?,
        })
    }

    /// Who vouches for origins.
    ///
    /// # Errors
    ///
    /// Names the file that can not be used.
    pub(crate) fn authorities(&self) -> anyhow::Result<Authorities> {
        let Some(file) = &self.ca_file else {
            return Ok(Authorities::public_and(Vec::new())?);
        };
        let reading = || format!("egress.ca_file {}", file.display());
        let certificates = trust::read(file).with_context(reading)?;
        let certificates = certificates.iter().map(|it| it.der().to_vec()).collect();
        Authorities::public_and(certificates).with_context(reading)
    }

    fn allowed(&self) -> anyhow::Result<AllowedOrigins> {
        let is_any = |text: &String| text == ANY;
        match self.allowed_origins.as_slice() {
            [text] if is_any(text) => return Ok(AllowedOrigins::Any),
            texts if texts.iter().any(is_any) => {
                bail!("egress.allowed_origins holds \"*\" and more: \"*\" alone stands for all")
            }
            _ => {}
        }
        let origins = self.allowed_origins.iter().map(|text| {
            let origin: Origin = text.parse().context("egress.allowed_origins")?;
            anyhow::Ok(origin)
        });
        Ok(AllowedOrigins::These(origins.collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::load;

    #[test]
    fn allowed_origins_are_none_some_or_all() {
        let allowed = |value: &str| {
            let text = format!("data_dir = \"/d\"\n[egress]\nallowed_origins = {value}");
            let config = load(&text, &[])?;
            config.egress.allowed()
        };
        let these = |texts: &[&str]| {
            AllowedOrigins::These(texts.iter().map(|text| text.parse().unwrap()).collect())
        };
        assert_eq!(allowed("[]").unwrap(), these(&[]));
        assert_eq!(allowed("[\"*\"]").unwrap(), AllowedOrigins::Any);
        let some = "[\"https://a\", \"http://b:8080\"]";
        assert_eq!(
            allowed(some).unwrap(),
            these(&["https://a", "http://b:8080"])
        );
        for (value, words) in [
            ("[\"*\", \"https://a\"]", "\"*\" alone stands for all"),
            ("[\"https://*.internal\"]", "its host is none"),
            ("[\"a\"]", "scheme is neither"),
        ] {
            let error = format!("{:#}", allowed(value).unwrap_err());
            assert!(error.starts_with("egress.allowed_origins"), "{error}");
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_file_that_vouches_for_nobody_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            std::fs::write(&file, text).unwrap();
            let config = EgressConfig {
                ca_file: Some(file.clone()),
                ..EgressConfig::default()
            };
            let error = format!("{:#}", config.rules().unwrap_err());
            assert!(error.starts_with("egress.ca_file"), "{error}");
        }
    }
}
