//! `deployment.yml`: a deployment in Azure's YAML keys.
//!
//! The file is checked against a type, so that a misspelt key is an error with line and column; then only the keys
//! that it gives become a patch, so that a deployment keeps what the file does not mention.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use mlwasm_types::{
    Batching, DataCollector, DeploymentName, EndpointName, InstanceTypeName, ModelName, MountPath,
    Origin, RequestSettings, Role, SandboxSettings, ScaleSettings, SecretReference,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    azure::{self, AzureFile, Foreign, Tolerant},
    file_tree::FilesSource,
    merge::Patch,
    model_file::{FileModel, ModelFile},
    yaml::{self, Document},
};

/// The name by which a scorer opens the one model of `model:`.
pub(crate) const SOLE_MODEL: &str = "model";

/// What a deployment file says; paths are made relative to the current folder.
#[derive(Debug, Default)]
pub(crate) struct DeploymentFile {
    pub(crate) name: Option<DeploymentName>,
    pub(crate) endpoint_name: Option<EndpointName>,
    /// The scorer's file.
    pub(crate) scorer: Option<PathBuf>,
    /// The models; none if the file does not speak of models.
    pub(crate) models: Option<BTreeMap<ModelName, FileModel>>,
    /// The files beside the models; none if the file does not speak of them.
    pub(crate) files: Option<FilesSource>,
    /// All other settings that the file gives.
    pub(crate) settings: Patch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    name: Option<DeploymentName>,
    endpoint_name: Option<EndpointName>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "role")]
    _role: Option<Role>,
    tags: Option<BTreeMap<String, String>>,
    model: Option<ModelFile>,
    models: Option<BTreeMap<ModelName, ModelFile>>,
    files: Option<FilesSource>,
    #[serde(rename = "model_mount_path")]
    _model_mount_path: Option<MountPath>,
    code_configuration: Option<CodeConfiguration>,
    environment_variables: Option<BTreeMap<String, String>>,
    #[serde(rename = "secrets")]
    _secrets: Option<BTreeMap<String, SecretReference>>,
    #[serde(rename = "egress")]
    _egress: Option<Vec<Origin>>,
    #[serde(rename = "instance_count")]
    _instance_count: Option<NonZeroU32>,
    #[serde(rename = "instance_type")]
    _instance_type: Option<InstanceTypeName>,
    #[serde(rename = "request_settings")]
    _request_settings: Option<RequestSettings>,
    scale_settings: Option<ScaleSettings>,
    #[serde(rename = "sandbox")]
    _sandbox: Option<SandboxSettings>,
    #[serde(rename = "infer_batching")]
    _infer_batching: Option<Batching>,
    #[serde(rename = "data_collector")]
    _data_collector: Option<DataCollector>,
}

/// Keys of Azure's files that mean nothing here, and what to use instead.
pub(crate) const FOREIGN: &[Foreign] = &[
    (
        "environment",
        "a scorer is one WebAssembly component that holds all its code; name it in code_configuration",
    ),
    (
        "app_insights_enabled",
        "metrics are always on, at /metrics of the administration address",
    ),
    (
        "liveness_probe",
        "a sandbox that traps, or is not done at its request's deadline, is replaced at once",
    ),
    (
        "readiness_probe",
        "a deployment is ready when `init` has returned in all its sandboxes; how long that may take is sandbox.init_timeout_ms",
    ),
    (
        "startup_probe",
        "the limit on `init` is sandbox.init_timeout_ms",
    ),
    (
        "egress_public_network_access",
        "a scorer calls nobody but the origins in egress",
    ),
    ("package_model", "models are uploaded with the deployment"),
    ("properties", "use tags"),
    (
        "identity",
        "a scorer has no identity of its own; give it what it shows to others by secrets",
    ),
    ("kind", "there is one kind of deployment"),
    (
        "resources",
        "a sandbox has limits instead; set sandbox.memory_limit_mb",
    ),
    ("type", "there is one kind of deployment"),
];

impl AzureFile for Keys {
    const FOREIGN: &'static [Foreign] = FOREIGN;
}

/// The file as it is checked: what it does not take, it refuses with line and column.
#[cfg(test)]
pub(crate) type Checked = Tolerant<Keys>;

/// The settings that a file gives as they stand.
const PLAIN_SETTINGS: [&str; 12] = [
    "data_collector",
    "description",
    "egress",
    "role",
    "infer_batching",
    "instance_count",
    "instance_type",
    "model_mount_path",
    "request_settings",
    "sandbox",
    "scale_settings",
    "secrets",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeConfiguration {
    #[serde(default)]
    code: PathBuf,
    scoring_script: PathBuf,
}

impl DeploymentFile {
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
    /// As [`DeploymentFile::read`].
    pub(crate) fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        Self::from_document(path, yaml::parse_file(path, text)?)
    }

    fn from_document(path: &Path, document: Document<Tolerant<Keys>>) -> anyhow::Result<Self> {
        azure::report(path, &document.raw, Keys::FOREIGN);
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_keys(document.checked.0, &document.raw, folder)
    }

    fn from_keys(keys: Keys, raw: &Value, folder: &Path) -> anyhow::Result<Self> {
        let below = |file: &Path| folder.join(file);
        let mut models = keys.models.map(|models| {
            models
                .into_iter()
                .map(|(name, file)| {
                    let raw = raw
                        .get("models")
                        .and_then(|models| models.get(name.as_str()));
                    let model = file.into_model(raw, folder);
                    (name, model)
                })
                .collect::<BTreeMap<_, _>>()
        });
        if let Some(file) = keys.model {
            let model = file.into_model(raw.get("model"), folder);
            models
                .get_or_insert_default()
                .insert(ModelName::new(SOLE_MODEL)?, model);
        }
        let mut settings = Patch::new();
        for key in PLAIN_SETTINGS {
            if let Some(value) = raw.get(key) {
                settings.insert(key.to_owned(), value.clone());
            }
        }
        if keys.scale_settings.is_some_and(|scale| scale.is_fixed()) {
            // What an earlier file said about scaling goes: it would contradict `type: default`.
            settings.insert("scale_settings".to_owned(), Value::Null);
        }
        let texts = [
            ("tags", keys.tags),
            ("environment_variables", keys.environment_variables),
        ];
        for (key, map) in texts {
            if let Some(map) = map {
                settings.insert(key.to_owned(), serde_json::to_value(map)?);
            }
        }
        Ok(Self {
            name: keys.name,
            endpoint_name: keys.endpoint_name,
            scorer: keys
                .code_configuration
                .map(|code| below(&code.code).join(code.scoring_script)),
            models,
            files: keys.files.map(|files| files.below(folder)),
            settings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::model_file::ModelSource;

    fn parse(text: &str) -> anyhow::Result<DeploymentFile> {
        let document = yaml::parse::<Tolerant<Keys>>(text)?;
        DeploymentFile::from_keys(document.checked.0, &document.raw, Path::new("project"))
    }

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn azures_file_loads() {
        let file = parse(
            "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: my-endpoint
model:
  path: ../../model-1/model/
code_configuration:
  code: ../../model-1/onlinescoring/
  scoring_script: score.py
environment:
  conda_file: ../../model-1/environment/conda.yaml
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
instance_type: Standard_DS3_v2
instance_count: 1
",
        )
        .unwrap();
        assert_eq!(file.name.unwrap().as_str(), "blue");
        assert_eq!(
            file.scorer.unwrap(),
            Path::new("project/../../model-1/onlinescoring/score.py")
        );
        assert_eq!(
            file.models.unwrap()[SOLE_MODEL].source,
            ModelSource::File("project/../../model-1/model/".into())
        );
        assert_eq!(
            Value::Object(file.settings),
            serde_json::json!({"instance_count": 1, "instance_type": "Standard_DS3_v2"})
        );
    }

    #[test]
    fn only_what_the_file_gives_becomes_a_setting() {
        let file = parse(
            "name: green
models: {iris: iris.onnx, scaler: {path: s.onnx}, other: 'azureml:other:2'}
environment_variables: {THRESHOLD: 0.5, DEBUG: true}
tags: {team: risk}
request_settings: {request_timeout_ms: 5000}
sandbox:
  memory_limit_mb: 128
",
        )
        .unwrap();
        assert_eq!(
            Value::Object(file.settings),
            serde_json::json!({
                "environment_variables": {"THRESHOLD": "0.5", "DEBUG": "true"},
                "tags": {"team": "risk"},
                "request_settings": {"request_timeout_ms": 5000},
                "sandbox": {"memory_limit_mb": 128},
            })
        );
        let models = file.models.unwrap();
        let at = |path: &str| ModelSource::File(path.into());
        assert_eq!(models["iris"].source, at("project/iris.onnx"));
        assert_eq!(models["scaler"].source, at("project/s.onnx"));
        let registered = ModelSource::Registered("mlwasm:other:2".parse().unwrap());
        assert_eq!(models["other"].source, registered);
        assert!(file.scorer.is_none() && file.endpoint_name.is_none());
    }

    #[test]
    fn azures_scale_settings_load_and_its_default_undoes_them() {
        let settings = |text: &str| {
            let file = parse(&format!("scale_settings: {text}\n"))?;
            anyhow::Ok(file.settings["scale_settings"].clone())
        };
        let scaled = "{type: target_utilization, min_instances: 0, max_instances: 8, polling_interval: PT5S, schedules: [{cron: 0 8 * * 1-5, min_instances: 4}]}";
        assert_eq!(
            settings(scaled).unwrap(),
            serde_json::json!({
                "type": "target_utilization", "min_instances": 0, "max_instances": 8, "polling_interval": "PT5S",
                "schedules": [{"cron": "0 8 * * 1-5", "min_instances": 4}],
            })
        );
        assert_eq!(settings("{type: default}").unwrap(), Value::Null);
        // The server says what is wrong with that.
        let kept = settings("{type: default, max_instances: 8}").unwrap();
        assert_eq!(kept["max_instances"], 8);
    }

    #[test]
    fn azures_data_collector_loads() {
        let file = parse(
            "data_collector: {collections: {request: {enabled: 'True'}, model_inputs: {enabled: 'True'}}, sampling_rate: 0.5, rolling_rate: hour}\n",
        );
        let collector = &file.unwrap().settings["data_collector"];
        assert_eq!(collector["sampling_rate"], 0.5);
        assert_eq!(collector["collections"]["model_inputs"]["enabled"], "True");
        let refused =
            refusal("data_collector:\n  collections:\n    model.inputs: {enabled: 'True'}\n");
        assert!(
            refused.starts_with("3:") && refused.contains("model.inputs"),
            "{refused}"
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_column() {
        insta::assert_snapshot!(refusal("name: blue\ninstance_cuont: 3\n"), @"2:1: unknown field `instance_cuont`, expected one of name, endpoint_name, description, role, tags, model, models, files, model_mount_path, code_configuration, environment_variables, secrets, egress, instance_count, instance_type, request_settings, scale_settings, sandbox, infer_batching, data_collector");
        insta::assert_snapshot!(refusal("name: blue\nsandbox:\n  memory: 3\n"), @"3:3: unknown field `memory`, expected one of isolation, memory_limit_mb, max_table_elements, max_handles, init_timeout_ms, max_response_bytes, max_hostcall_bytes, max_infer_calls, max_egress_calls, max_egress_bytes, max_log_lines_per_second, max_log_line_bytes, max_requests_per_sandbox, max_age_s, memory_high_water_mb");
        insta::assert_snapshot!(refusal("instance_count: many\n"), @"1:17: invalid u32");
        insta::assert_snapshot!(refusal("instance_count: 0\n"), @"1:1: invalid value: integer `0`, expected a nonzero u32");
        insta::assert_snapshot!(refusal("scale_settings:\n  schedules:\n    - {cron: 0 8 * *, min_instances: 1}\n"), @r#"3:14: "0 8 * *" has 4 fields: expected minute, hour, day of the month, month and day of the week, in UTC"#);
        insta::assert_snapshot!(refusal("scale_settings: {polling_interval: PT1.5S}\n"), @r#"1:36: "PT1.5S" are no whole seconds: write 1 or PT1S"#);
        insta::assert_snapshot!(refusal("scale_settings: {type: manual}\n"), @"1:24: unknown variant `manual`, expected one of default, target_utilization");
        insta::assert_snapshot!(refusal("name: my_blue\n"), @r#"1:7: deployment name "my_blue" is not allowed: use 1 to 32 letters, digits or `-`, beginning with a letter and ending with a letter or digit"#);
        insta::assert_snapshot!(refusal("name: blue\nmodel: azureml:iris\n"), @r#"2:8: "azureml:iris" names no registered model: expected mlwasm:NAME:VERSION or mlwasm:NAME@latest, as in mlwasm:iris:2"#);
        insta::assert_snapshot!(refusal("model: {file: a}\n"), @"1:9: unknown field `file`, expected one of path, name, version, type, batching, sessions, intra_threads, execution_provider, sample");
        insta::assert_snapshot!(refusal("name: [\n"), @"1:7: expected string scalar");
        insta::assert_snapshot!(refusal("name: a\nname: b\n"), @"2:1: duplicate mapping key: name");
        insta::assert_snapshot!(refusal("egress:\n  - https://a\n  - a:443\n"), @r#"3:5: "://a:443" is no origin: its scheme is neither http nor https; expected scheme://host or scheme://host:port, as in https://features.internal:8443"#);
        insta::assert_snapshot!(refusal("secrets: {A: hunter2}\n"), @"1:14: expected env:NAME, file:/path or mount:NAME, not the secret itself");
    }
}
