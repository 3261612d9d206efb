//! Endpoints and deployments as commands name, read and show them.

use std::fmt;

use anyhow::Context as _;
use mlwasm_types::{
    DeploymentName, DeploymentSpec, DeploymentStatus, Digest, EndpointName,
    api::{DeploymentView, EndpointView},
    baseline,
    status::{ScaleChange, ScaleStatus},
    tensor::TensorView,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    Cli,
    output::{Table, cell},
};

/// One deployment of one endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) endpoint: EndpointName,
    pub(crate) deployment: DeploymentName,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.endpoint, self.deployment)
    }
}

impl Target {
    /// Where the deployment is in the API.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", deployments_path(&self.endpoint), self.deployment)
    }
}

/// Where the endpoint is in the API.
pub(crate) fn endpoint_path(endpoint: &EndpointName) -> String {
    format!("/v1/endpoints/{endpoint}")
}

/// Where the endpoint's deployments are in the API.
pub(crate) fn deployments_path(endpoint: &EndpointName) -> String {
    format!("/v1/endpoints/{endpoint}/deployments")
}

/// Reads an answer of the server into its type.
///
/// # Errors
///
/// If the server is of a version that this client does not understand.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> anyhow::Result<T> {
    T::deserialize(value).context("the server's answer is not what this version of mlwasm expects")
}

/// A value of ours as JSON.
///
/// # Errors
///
/// Only if it has no JSON form.
pub(crate) fn to_json(value: &impl Serialize) -> anyhow::Result<Value> {
    serde_json::to_value(value).context("writing JSON")
}

/// Shows one endpoint.
///
/// # Errors
///
/// As [`super::output::Output::show`].
pub(crate) fn show_endpoint(cli: &Cli, endpoint: &Value) -> anyhow::Result<()> {
    let first = [
        "name",
        "scoring_uri",
        "swagger_uri",
        "auth_mode",
        "traffic",
        "mirror_traffic",
        "routes",
        "sticky_header",
        "sticky_cookie",
        "description",
        "tags",
    ];
    let view: EndpointView = read(endpoint)?;
    cli.output.show(endpoint, || {
        Table::object(&with_routes_in_words(endpoint, &view), &first)
    })
}

/// `endpoint` for people: its routes as they are typed.
fn with_routes_in_words(endpoint: &Value, view: &EndpointView) -> Value {
    let mut shown = endpoint.clone();
    let routes: Vec<_> = view.spec.routes.iter().map(ToString::to_string).collect();
    if let (Some(fields), false) = (shown.as_object_mut(), routes.is_empty()) {
        fields.insert("routes".to_owned(), routes.join(", ").into());
    }
    shown
}

/// A digest in few digits, as people tell them apart.
pub(crate) fn short(digest: &Digest) -> String {
    digest.hex().chars().take(12).collect()
}

/// Shows all endpoints.
///
/// # Errors
///
/// As [`super::output::Output::show`].
pub(crate) fn show_endpoints(cli: &Cli, endpoints: &Value) -> anyhow::Result<()> {
    let views: Vec<EndpointView> = read(endpoints)?;
    let row = |view: &EndpointView| {
        let mirror = to_json(&view.spec.mirror_traffic)
            .map(|mirror| cell(&mirror))
            .unwrap_or_default();
        vec![
            view.spec.name.to_string(),
            view.spec.traffic.to_string(),
            mirror,
            view.scoring_uri.clone(),
        ]
    };
    cli.output.show(endpoints, || {
        Table::list(
            &["NAME", "TRAFFIC", "MIRROR", "SCORING URI"],
            views.iter().map(row),
        )
    })
}

/// Shows one deployment.
///
/// # Errors
///
/// As [`super::output::Output::show`].
pub(crate) fn show_deployment(cli: &Cli, deployment: &Value) -> anyhow::Result<()> {
    let first = [
        "name",
        "endpoint_name",
        "role",
        "provisioning_state",
        "progress",
        "error",
        "revision",
        "serving_revision",
        "instance_count",
        "scale",
        "last_scale_change",
        "sandboxes",
        "inputs",
        "outputs",
        "description",
        "tags",
    ];
    let status = read::<DeploymentView>(deployment)?.status;
    cli.output.show(deployment, || {
        let shown = with_scale_in_words(deployment.clone(), &status);
        Table::object(&with_signature_in_words(shown, &status), &first)
    })
}

/// `deployment` for people: what its scorer takes and gives in a line each.
fn with_signature_in_words(mut shown: Value, status: &DeploymentStatus) -> Value {
    let (Some(fields), Some(signature)) = (shown.as_object_mut(), &status.signature) else {
        return shown;
    };
    let in_words = |tensors: &[TensorView]| {
        let in_words = |tensor: &TensorView| {
            let TensorView {
                name,
                datatype,
                shape,
            } = tensor;
            format!("{name}: {datatype} {shape:?}")
        };
        tensors.iter().map(in_words).collect::<Vec<_>>().join("; ")
    };
    fields.insert("inputs".to_owned(), in_words(&signature.inputs).into());
    fields.insert("outputs".to_owned(), in_words(&signature.outputs).into());
    fields.remove("signature");
    shown
}

/// `deployment` for people: how it is scaled in a few words, instead of an object within an object.
fn with_scale_in_words(mut shown: Value, status: &DeploymentStatus) -> Value {
    let (Some(fields), Some(scale)) = (shown.as_object_mut(), &status.scale) else {
        return shown;
    };
    fields.insert("scale".to_owned(), in_words(scale).into());
    if let Some(change) = &scale.last_change {
        let ScaleChange {
            time,
            from,
            to,
            reason,
        } = change;
        let text = format!("from {from} to {to} at {time:.0}: {reason}");
        fields.insert("last_scale_change".to_owned(), text.into());
    }
    shown
}

fn in_words(scale: &ScaleStatus) -> String {
    let ScaleStatus {
        wanted,
        min_instances,
        max_instances,
        ..
    } = scale;
    if min_instances == max_instances {
        wanted.to_string()
    } else {
        format!("{wanted} of {min_instances} to {max_instances}")
    }
}

/// How many sandboxes there shall be, or what was asked for while nothing serves.
fn instances(view: &DeploymentView) -> String {
    match &view.status.scale {
        Some(scale) => in_words(scale),
        None => view.spec.least_instances().to_string(),
    }
}

/// Shows the deployments of an endpoint, with the share of traffic that each gets.
///
/// # Errors
///
/// As [`super::output::Output::show`].
pub(crate) fn show_deployments(
    cli: &Cli,
    deployments: &Value,
    endpoint: &EndpointView,
) -> anyhow::Result<()> {
    let views: Vec<DeploymentView> = read(deployments)?;
    let roles = views.iter().map(|view| (&view.spec.name, view.spec.role));
    let baseline = baseline(roles, &endpoint.spec.traffic);
    let role = |spec: &DeploymentSpec| match spec.role {
        Some(role) => role.to_string(),
        None if baseline == Some(&spec.name) => "baseline".to_owned(),
        None => String::new(),
    };
    let row = |view: &DeploymentView| {
        let (spec, status) = (&view.spec, &view.status);
        vec![
            spec.name.to_string(),
            status.provisioning_state.to_string(),
            status
                .serving_revision
                .map(|revision| revision.to_string())
                .unwrap_or_default(),
            instances(view),
            format!("{} %", endpoint.spec.traffic.share(&spec.name)),
            endpoint
                .spec
                .mirror_traffic
                .get(&spec.name)
                .map(|share| format!("{share} %"))
                .unwrap_or_default(),
            role(spec),
        ]
    };
    let header = [
        "NAME",
        "STATE",
        "SERVING REVISION",
        "INSTANCES",
        "TRAFFIC",
        "MIRROR",
        "ROLE",
    ];
    cli.output
        .show(deployments, || Table::list(&header, views.iter().map(row)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn how_a_deployment_is_scaled_is_said_in_words() {
        let status = json!({
            "provisioning_state": "Succeeded", "revision": 1, "serving_revision": 1,
            "sandboxes": {"idle": 1, "busy": 0, "refilling": 0},
            "scale": {
                "wanted": 6, "min_instances": 1, "max_instances": 8,
                "last_change": {"time": "2026-03-09T08:00:00.123Z", "from": 1, "to": 6, "reason": "above_target"},
            },
        });
        let words = |status: &Value| {
            let shown = with_scale_in_words(status.clone(), &read(status).unwrap());
            (shown["scale"].clone(), shown["last_scale_change"].clone())
        };
        let change = "from 1 to 6 at 2026-03-09T08:00:00Z: the load is above the target";
        assert_eq!(words(&status), (json!("6 of 1 to 8"), json!(change)));

        let mut fixed = status;
        fixed["scale"] = json!({"wanted": 2, "min_instances": 2, "max_instances": 2});
        assert_eq!(words(&fixed), (json!("2"), Value::Null));
        fixed.as_object_mut().unwrap().remove("scale");
        assert_eq!(words(&fixed), (Value::Null, Value::Null));
    }

    #[test]
    fn what_a_typed_scorer_takes_and_gives_is_a_line_each() {
        let status = json!({
            "provisioning_state": "Succeeded", "revision": 1, "serving_revision": 1,
            "sandboxes": {"idle": 1, "busy": 0, "refilling": 0},
            "signature": {
                "inputs": [
                    {"name": "deck", "datatype": "BYTES", "shape": [-1, 1]},
                    {"name": "fare", "datatype": "FP32", "shape": [-1, 1]},
                ],
                "outputs": [{"name": "score", "datatype": "FP32", "shape": []}],
            },
        });
        let shown = with_signature_in_words(status.clone(), &read(&status).unwrap());
        assert_eq!(shown["inputs"], "deck: BYTES [-1, 1]; fare: FP32 [-1, 1]");
        assert_eq!(shown["outputs"], "score: FP32 []");
        assert_eq!(shown["signature"], Value::Null);
    }

    #[test]
    fn a_newer_servers_fields_do_not_disturb() {
        let spec = DeploymentSpec::new(
            EndpointName::new("e").unwrap(),
            DeploymentName::new("blue").unwrap(),
            Digest::of(b""),
        );
        let mut answer = to_json(&spec).unwrap();
        let status = json!({
            "provisioning_state": "Succeeded", "revision": 2, "serving_revision": 1, "generation": 7,
            "sandboxes": {"idle": 1, "busy": 0, "refilling": 0, "new": 1},
            "a_field_of_tomorrow": {"x": 1},
        });
        answer
            .as_object_mut()
            .unwrap()
            .extend(status.as_object().unwrap().clone());
        let view: DeploymentView = read(&answer).unwrap();
        assert_eq!(view.spec, spec);
        assert_eq!(view.generation.0, 7);
    }
}
