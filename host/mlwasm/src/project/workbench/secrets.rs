//! The secrets of a deployment as they are tried out: from this process's own variables, and from files.
//!
//! A server's operator says which ones deployments may reach; here the author is the operator.

use std::{collections::BTreeMap, env, fs};

use anyhow::{Context as _, anyhow, bail};
use mlwasm_types::SecretReference;

/// The values of `wanted`.
///
/// # Errors
///
/// Names the variable that has none, and its reference; never a value.
pub(super) fn resolve(
    wanted: &BTreeMap<String, SecretReference>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let resolve = |(variable, reference): (&String, &SecretReference)| {
        let value = value(reference).with_context(|| format!("secrets.{variable}: {reference}"))?;
        anyhow::Ok((variable.clone(), value))
    };
    wanted.iter().map(resolve).collect()
}

fn value(reference: &SecretReference) -> anyhow::Result<String> {
    match reference {
        SecretReference::Environment(name) => env::var(name)
            .map_err(|_| anyhow!("there is no such variable, or it is not text: set {name}")),
        SecretReference::File(path) => {
            let text = fs::read_to_string(path).context("reading the file")?;
            Ok(text.trim_end_matches(['\n', '\r']).to_owned())
        }
        SecretReference::Mount(_) => {
            bail!("only a server has a folder of secrets: use env:NAME to try it here")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_variable_or_a_file_and_what_is_missing_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        fs::write(&file, "hunter2\n").unwrap();
        let resolved = |reference: SecretReference| {
            let wanted = BTreeMap::from([("KEY".to_owned(), reference)]);
            resolve(&wanted).map(|values| values["KEY"].clone())
        };
        let path = file.display().to_string();
        assert_eq!(resolved(SecretReference::File(path)).unwrap(), "hunter2");
        let variable = SecretReference::Environment("CARGO_PKG_NAME".to_owned());
        assert_eq!(resolved(variable).unwrap(), "mlwasm");
        for (reference, text) in [
            (
                SecretReference::Environment("NOT_SET_AT_ALL".to_owned()),
                "secrets.KEY: env:NOT_SET_AT_ALL: there is no such variable",
            ),
            (
                SecretReference::Mount("key".to_owned()),
                "secrets.KEY: mount:key: only a server",
            ),
            (
                SecretReference::File("/nowhere".to_owned()),
                "secrets.KEY: file:/nowhere: reading the file",
            ),
        ] {
            let error = format!("{:#}", resolved(reference).unwrap_err());
            assert!(error.starts_with(text), "{error}");
        }
    }
}
