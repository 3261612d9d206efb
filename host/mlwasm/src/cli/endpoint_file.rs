//! `endpoint.yml`: an endpoint in Azure's YAML keys.

use std::{collections::BTreeMap, path::Path};

use mlwasm_types::{
    AuthMode, DeploymentName, EndpointName, Percent, Route, ShadowSettings, TrafficSplit,
};
use serde::Deserialize;

use super::{
    azure::{self, AzureFile, Foreign, Tolerant},
    merge::Patch,
    yaml::{self, Document},
};

/// What an endpoint file says.
#[derive(Debug, Default)]
pub(crate) struct EndpointFile {
    pub(crate) name: Option<EndpointName>,
    /// All other settings that the file gives.
    pub(crate) settings: Patch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    name: Option<EndpointName>,
    #[serde(rename = "auth_mode")]
    _auth_mode: Option<AuthMode>,
    #[serde(rename = "description")]
    _description: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    #[serde(rename = "traffic")]
    _traffic: Option<TrafficSplit>,
    #[serde(rename = "mirror_traffic")]
    _mirror_traffic: Option<BTreeMap<DeploymentName, Percent>>,
    #[serde(rename = "sticky_header")]
    _sticky_header: Option<String>,
    #[serde(rename = "sticky_cookie")]
    _sticky_cookie: Option<String>,
    #[serde(rename = "routes")]
    _routes: Option<Vec<Route>>,
    #[serde(rename = "shadow")]
    _shadow: Option<ShadowSettings>,
}

/// Keys of Azure's files that mean nothing here, and what to use instead.
pub(crate) const FOREIGN: &[Foreign] = &[
    (
        "public_network_access",
        "the server's own listener decides who can reach it",
    ),
    ("identity", "scorers reach no other service"),
    ("compute", "endpoints run on the server itself"),
    ("properties", "use tags"),
    ("kind", "there is one kind of endpoint"),
    ("location", "endpoints run where the server runs"),
];

impl AzureFile for Keys {
    const FOREIGN: &'static [Foreign] = FOREIGN;
}

/// The file as it is checked: what it does not take, it refuses with line and column.
#[cfg(test)]
pub(crate) type Checked = Tolerant<Keys>;

/// The settings that a file gives as they stand.
const PLAIN_SETTINGS: [&str; 8] = [
    "auth_mode",
    "description",
    "traffic",
    "mirror_traffic",
    "sticky_header",
    "sticky_cookie",
    "routes",
    "shadow",
];

impl EndpointFile {
    /// Reads the file, and tells the user of the keys that have no effect.
    ///
    /// # Errors
    ///
    /// Names the file, and the line and column of a key that is unknown or a value that is none.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        Self::from_document(path, yaml::read(path)?)
    }

    /// Reads `text`, which stands in the file at `path`, and tells the user of the keys that have no effect.
    ///
    /// # Errors
    ///
    /// As [`EndpointFile::read`].
    pub(crate) fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        Self::from_document(path, yaml::parse_file(path, text)?)
    }

    fn from_document(path: &Path, document: Document<Tolerant<Keys>>) -> anyhow::Result<Self> {
        azure::report(path, &document.raw, Keys::FOREIGN);
        let keys = document.checked.0;
        let mut settings = Patch::new();
        for key in PLAIN_SETTINGS {
            if let Some(value) = document.raw.get(key) {
                settings.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(tags) = keys.tags {
            settings.insert("tags".to_owned(), serde_json::to_value(tags)?);
        }
        Ok(Self {
            name: keys.name,
            settings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azures_file_loads_and_only_what_it_gives_becomes_a_setting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endpoint.yml");
        std::fs::write(&path, "$schema: x\nname: iris\nauth_mode: key\ntags: {v: 1}\npublic_network_access: enabled\n").unwrap();
        let file = EndpointFile::read(&path).unwrap();
        assert_eq!(file.name.unwrap().as_str(), "iris");
        assert_eq!(
            serde_json::Value::Object(file.settings),
            serde_json::json!({"auth_mode": "key", "tags": {"v": "1"}})
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_column() {
        let refusal = |text: &str| {
            yaml::parse::<Tolerant<Keys>>(text)
                .err()
                .unwrap()
                .to_string()
        };
        insta::assert_snapshot!(refusal("name: iris\nauth_mode: basic\n"), @"2:1: unknown variant `basic`, expected one of key, aml_token, none");
        insta::assert_snapshot!(refusal("name: iris\nauth_mode: aad_token\n"), @"2:12: aad_token means tokens of Microsoft Entra, which this server does not ask: use aml_token, tokens that this server issues, or key");
        insta::assert_snapshot!(refusal("name: iris\ntraffic: {blue: 90}\n"), @"2:10: traffic sums to 90 percent (blue=90): shares must sum to 100, or to 0 to turn traffic off");
        let both =
            refusal("name: iris\nroutes: [{header: x, cookie: y, value: a, deployment: b}]\n");
        insta::assert_snapshot!(both, @"2:10: a route has either a header or a cookie: this one has both");
        insta::assert_snapshot!(refusal("name: iris\nsort: managed\n"), @"2:1: unknown field `sort`, expected one of name, auth_mode, description, tags, traffic, mirror_traffic, sticky_header, sticky_cookie, routes, shadow");
    }
}
