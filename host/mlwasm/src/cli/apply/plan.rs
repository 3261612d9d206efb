//! What files ask for beside what the server has: what would be made and what would change. Reads, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use mlwasm_types::{
    DeploymentName, DeploymentSpec, EndpointName, EndpointSpec, ProvisioningState,
    api::{DeploymentView, EndpointView},
    registry::{ModelReference, Pick, RegisteredModel},
};
use serde_json::{Value, json};

use super::{
    changes::{self, Change},
    manifest::{DescribedDeployment, DescribedEndpoint, Manifest, Place},
};
use crate::{
    cli::{
        instance_type::Profiles,
        merge::{self, Patch},
        output, views,
    },
    client::Client,
};

/// What is to be done about one object.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// It is not there.
    Create,
    /// These settings differ.
    Change(Vec<Change>),
    /// Nothing differs, but its revision failed, for this reason: it is tried again.
    Retry(String),
    /// Nothing differs.
    Nothing,
}

/// An endpoint that a file describes, beside what is there.
#[derive(Debug)]
pub(crate) struct EndpointPlan {
    pub(crate) described: DescribedEndpoint,
    /// The endpoint as it is.
    pub(crate) current: Option<Value>,
    /// What it would be.
    pub(crate) wanted: EndpointSpec,
    pub(crate) action: Action,
}

/// A deployment that a file describes, beside what is there.
#[derive(Debug)]
pub(crate) struct DeploymentPlan {
    pub(crate) described: DescribedDeployment,
    /// The deployment as it is.
    pub(crate) current: Option<Value>,
    /// What it would be.
    pub(crate) wanted: Value,
    pub(crate) action: Action,
}

/// All objects, in the order of their files.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) endpoints: Vec<EndpointPlan>,
    pub(crate) deployments: Vec<DeploymentPlan>,
}

impl Plan {
    /// Compares `manifest` with what the server has.
    ///
    /// # Errors
    ///
    /// Names the place of a setting that is out of bounds, of traffic for a deployment that is neither on the server nor in
    /// the files, of a deployment whose endpoint is neither; or what keeps the server from answering.
    pub(crate) fn make(manifest: Manifest, client: &Client) -> anyhow::Result<Self> {
        let server = Server::ask(client, &manifest)?;
        server.check_references(&manifest)?;
        let profiles = Profiles::of(client);
        let endpoints = manifest.endpoints.into_iter().map(|described| {
            let place = described.place.clone();
            server
                .endpoint(described)
                .map_err(|error| at(&place, &error))
        });
        let endpoints = endpoints.collect::<Result<_, _>>()?;
        let deployments = manifest.deployments.into_iter().map(|described| {
            let place = described.place.clone();
            server
                .deployment(described, client, &profiles)
                .map_err(|error| at(&place, &error))
        });
        Ok(Self {
            endpoints,
            deployments: deployments.collect::<Result<_, _>>()?,
        })
    }
}

/// The error with the place of the object that it is about. Wherever it came from, the command failed: exit code 1.
pub(crate) fn at(place: &Place, error: &anyhow::Error) -> anyhow::Error {
    place.error(&output::described(error))
}

/// What the server has of the endpoints that files name, or would put something into.
struct Server {
    endpoints: BTreeMap<EndpointName, Found>,
}

struct Found {
    endpoint: Value,
    deployments: BTreeMap<DeploymentName, Value>,
}

impl Server {
    fn ask(client: &Client, manifest: &Manifest) -> anyhow::Result<Self> {
        let of_endpoints = manifest.endpoints.iter().map(|it| &it.name);
        let of_deployments = manifest.deployments.iter().map(|it| &it.target.endpoint);
        let names: BTreeSet<_> = of_endpoints.chain(of_deployments).collect();
        let mut endpoints = BTreeMap::new();
        for name in names {
            let Some(endpoint) = client.find(&views::endpoint_path(name))? else {
                continue;
            };
            let listed: Vec<Value> = views::read(&client.get(&views::deployments_path(name))?)?;
            let named = |view: Value| {
                let name = views::read::<DeploymentView>(&view)?.spec.name;
                anyhow::Ok((name, view))
            };
            let deployments = listed.into_iter().map(named).collect::<Result<_, _>>()?;
            endpoints.insert(
                name.clone(),
                Found {
                    endpoint,
                    deployments,
                },
            );
        }
        Ok(Self { endpoints })
    }

    /// Refuses what would lead nowhere, as the server would, but before anything is changed.
    fn check_references(&self, manifest: &Manifest) -> anyhow::Result<()> {
        for deployment in &manifest.deployments {
            let endpoint = &deployment.target.endpoint;
            let is_described = manifest.endpoints.iter().any(|it| it.name == *endpoint);
            if !is_described && !self.endpoints.contains_key(endpoint) {
                bail!(
                    "{}: endpoint {endpoint} does not exist: describe it too, in a document with `name: {endpoint}`",
                    deployment.place
                );
            }
        }
        Ok(())
    }

    fn endpoint(&self, described: DescribedEndpoint) -> anyhow::Result<EndpointPlan> {
        let current = self
            .endpoints
            .get(&described.name)
            .map(|it| it.endpoint.clone());
        let before = match &current {
            Some(view) => views::read::<EndpointView>(view)?.spec,
            None => EndpointSpec::named(described.name.clone()),
        };
        let before = views::to_json(&before)?;
        let mut patch = described.settings.clone();
        merge::replace_whole(&mut patch, "tags", &before);
        let wanted: EndpointSpec = serde_json::from_value(merged(&before, patch))?;
        wanted.validate()?;
        let action = match &current {
            None => Action::Create,
            Some(_) => change(&before, &views::to_json(&wanted)?),
        };
        Ok(EndpointPlan {
            described,
            current,
            wanted,
            action,
        })
    }

    fn deployment(
        &self,
        mut described: DescribedDeployment,
        client: &Client,
        profiles: &Profiles<'_>,
    ) -> anyhow::Result<DeploymentPlan> {
        profiles.settle(&mut described.wanted)?;
        let target = &described.target;
        let found = self.endpoints.get(&target.endpoint);
        let current = found
            .and_then(|it| it.deployments.get(&target.deployment))
            .cloned();
        let Some(view) = &current else {
            described.wanted.require_scorer()?;
            let target = &described.target;
            let spec = described
                .wanted
                .to_spec(&target.endpoint, &target.deployment);
            let spec = completed(None, spec, profiles)?;
            return Ok(DeploymentPlan {
                wanted: views::to_json(&checked(spec, client)?)?,
                described,
                current,
                action: Action::Create,
            });
        };
        let view: DeploymentView = views::read(view)?;
        let before = views::to_json(&view.spec)?;
        let patch = described.wanted.to_patch(&before);
        let Value::Object(patch) = completed(Some(&before), patch, profiles)? else {
            bail!("the settings are no map");
        };
        let wanted = views::to_json(&checked(merged(&before, patch), client)?)?;
        let action = match change(&before, &wanted) {
            Action::Nothing if view.status.provisioning_state == ProvisioningState::Failed => {
                Action::Retry(view.status.error.unwrap_or_default())
            }
            action => action,
        };
        Ok(DeploymentPlan {
            described,
            current,
            wanted,
            action,
        })
    }
}

/// Refuses traffic, mirrors and routes to deployments that are neither on the server nor in the files.
///
/// # Errors
///
/// Names the place and the deployment.
pub(crate) fn check_routing(plan: &Plan, client: &Client) -> anyhow::Result<()> {
    for endpoint in &plan.endpoints {
        let name = &endpoint.wanted.name;
        let of_files = plan.deployments.iter().map(|it| &it.described.target);
        let mut known: BTreeSet<DeploymentName> = of_files
            .filter(|target| target.endpoint == *name)
            .map(|target| target.deployment.clone())
            .collect();
        if endpoint.current.is_some() {
            let listed: Vec<DeploymentView> =
                views::read(&client.get(&views::deployments_path(name))?)?;
            known.extend(listed.into_iter().map(|view| view.spec.name));
        }
        if let Some(missing) = routed_to(&endpoint.wanted).find(|it| !known.contains(*it)) {
            bail!(
                "{}: deployment {name}/{missing} gets requests and is neither on the server nor in the files",
                endpoint.described.place
            );
        }
    }
    Ok(())
}

/// The deployments that an endpoint's traffic, mirror and routes name.
pub(crate) fn routed_to(spec: &EndpointSpec) -> impl Iterator<Item = &DeploymentName> {
    let live = spec.traffic.shares().map(|(name, _)| name);
    let routes = spec.routes.iter().map(|route| &route.deployment);
    live.chain(spec.mirror_traffic.keys()).chain(routes)
}

fn change(before: &Value, wanted: &Value) -> Action {
    match changes::between(before, wanted) {
        changes if changes.is_empty() => Action::Nothing,
        changes => Action::Change(changes),
    }
}

fn merged(before: &Value, patch: Patch) -> Value {
    let before = before.as_object().cloned().unwrap_or_default();
    Value::Object(merge::merged(before, patch))
}

/// `settings` with the limits of the profile that they name, as the server completes them.
fn completed(
    before: Option<&Value>,
    settings: Value,
    profiles: &Profiles<'_>,
) -> anyhow::Result<Value> {
    if settings.get("instance_type").is_none_or(Value::is_null) {
        return Ok(settings);
    }
    Ok(profiles.all()?.laid_under(before, settings)?)
}

/// The spec with the digests of the registered models that it names, if it is one that the server would take.
fn checked(mut spec: Value, client: &Client) -> anyhow::Result<DeploymentSpec> {
    let models = spec.get_mut("models").and_then(Value::as_object_mut);
    for model in models.into_iter().flatten().map(|(_, model)| model) {
        let reference = model["digest"]
            .as_str()
            .filter(|it| ModelReference::is_meant_by(it));
        if let Some(reference) = reference {
            model["digest"] = json!(registered(&reference.parse()?, client)?.model.digest);
        }
    }
    let spec: DeploymentSpec = serde_json::from_value(spec)?;
    spec.validate()?;
    Ok(spec)
}

fn registered(reference: &ModelReference, client: &Client) -> anyhow::Result<RegisteredModel> {
    let path = format!("/v1/models/{}", reference.name);
    match reference.pick {
        Pick::Version(version) => views::read(&client.get(&format!("{path}/{version}"))?),
        Pick::Latest => {
            let versions: Vec<RegisteredModel> = views::read(&client.get(&path)?)?;
            let last = versions.into_iter().max_by_key(|it| it.version);
            last.ok_or_else(|| anyhow!("model {} has no version", reference.name))
        }
    }
}
