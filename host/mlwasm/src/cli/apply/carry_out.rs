//! A plan carried out, in the one order in which no request is ever sent to what does not serve: endpoints without what
//! they do not have yet, then deployments until they serve, then traffic, mirrors and routes.

use mlwasm_types::{
    DeploymentName, EndpointName, EndpointSpec, Role, TrafficSplit,
    api::{DeploymentView, EndpointView},
};
use serde_json::{Value, json};

use super::{
    changes::{Change, ROUTING},
    manifest::Place,
    plan::{self, Action, DeploymentPlan, EndpointPlan, Plan},
};
use crate::{
    cli::{
        merge::{self, Patch},
        output, views, wait,
    },
    client::{Client, Precondition},
};

/// Whether a command returns when the server has accepted a deployment, or when it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    Accepted,
    Served,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created,
    Changed,
    Retried,
    Unchanged,
}

impl Outcome {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Retried => "tried again",
            Self::Unchanged => "unchanged",
        }
    }

    fn of(action: &Action) -> Self {
        match action {
            Action::Create => Self::Created,
            Action::Change(_) => Self::Changed,
            Action::Retry(_) => Self::Retried,
            Action::Nothing => Self::Unchanged,
        }
    }
}

/// One object, and what became of it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) outcome: Outcome,
}

/// The work under way.
pub(crate) struct Work<'a> {
    client: &'a Client,
    until: Until,
    /// What was done, in words, for whoever has to know where a failure left things.
    told: Vec<String>,
    /// Deployments that were accepted and were not waited for.
    unready: Vec<(EndpointName, DeploymentName)>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(client: &'a Client, until: Until) -> Self {
        Self {
            client,
            until,
            told: Vec::new(),
            unready: Vec::new(),
        }
    }

    /// Carries `plan` out.
    ///
    /// # Errors
    ///
    /// Names the place of the object that failed, why, and what was done before.
    pub(crate) fn carry_out(mut self, mut plan: Plan) -> anyhow::Result<Vec<Done>> {
        // A control that becomes a treatment goes before the treatment that becomes the control: there is never more than one.
        plan.deployments
            .sort_by_key(|it| it.wanted["role"] == json!(Role::Control));
        for endpoint in &mut plan.endpoints {
            self.prepare(endpoint)
                .map_err(|error| self.failed(&endpoint.described.place, &error))?;
        }
        for deployment in &plan.deployments {
            self.deploy(deployment)
                .map_err(|error| self.failed(&deployment.described.place, &error))?;
        }
        for endpoint in &plan.endpoints {
            self.route(endpoint)
                .map_err(|error| self.failed(&endpoint.described.place, &error))?;
        }
        Ok(outcomes(plan))
    }

    fn failed(&self, place: &Place, error: &anyhow::Error) -> anyhow::Error {
        let before = match self.told.is_empty() {
            true => "nothing was changed".to_owned(),
            false => format!("done before: {}", self.told.join(", ")),
        };
        plan::at(
            place,
            &anyhow::anyhow!("{}; {before}", output::described(error)),
        )
    }

    fn tell(&mut self, what: String) {
        output::note(&what);
        self.told.push(what);
    }

    /// Makes the endpoint, or changes all of it but where its requests go.
    fn prepare(&mut self, plan: &mut EndpointPlan) -> anyhow::Result<()> {
        let name = &plan.wanted.name;
        let path = views::endpoint_path(name);
        match &plan.action {
            Action::Create => {
                let spec = EndpointSpec {
                    traffic: TrafficSplit::default(),
                    mirror_traffic: Default::default(),
                    routes: Vec::new(),
                    ..plan.wanted.clone()
                };
                let made = self
                    .client
                    .put(&path, &views::to_json(&spec)?, Precondition::Absent)?;
                self.tell(format!("created endpoint {name}"));
                plan.current = Some(made);
            }
            Action::Change(changes) if !changes.iter().all(Change::is_routing) => {
                let mut patch = plan.described.settings.clone();
                if let Some(current) = &plan.current {
                    merge::replace_whole(&mut patch, "tags", current);
                }
                patch.retain(|key, _| !ROUTING.contains(&key.as_str()));
                let only = unchanged_endpoint(plan)?;
                let changed = self.client.patch(&path, &Value::Object(patch), only)?;
                self.tell(format!("changed endpoint {name}"));
                plan.current = Some(changed);
            }
            Action::Change(_) | Action::Retry(_) | Action::Nothing => {}
        }
        Ok(())
    }

    /// Makes the deployment what is wanted, and waits until that serves.
    fn deploy(&mut self, plan: &DeploymentPlan) -> anyhow::Result<()> {
        let (target, wanted) = (&plan.described.target, &plan.described.wanted);
        let answer = match (&plan.action, &plan.current) {
            (Action::Nothing, Some(current)) => current.clone(),
            (_, Some(current)) => {
                wanted.upload(self.client)?;
                let generation = views::read::<DeploymentView>(current)?.generation.0;
                let only = Precondition::Unchanged(generation);
                self.client
                    .patch(&target.path(), &wanted.to_patch(current), only)?
            }
            (_, None) => {
                wanted.upload(self.client)?;
                let spec = wanted.to_spec(&target.endpoint, &target.deployment);
                self.client
                    .put(&target.path(), &spec, Precondition::Absent)?
            }
        };
        let view: DeploymentView = views::read(&answer)?;
        let settled = view.status.provisioning_state.is_settled();
        let revision = view.status.revision;
        let verb = match plan.action {
            Action::Create => "created",
            Action::Change(_) => "changed",
            Action::Retry(_) => "tried again",
            Action::Nothing => "unchanged",
        };
        if self.until == Until::Accepted && !settled {
            self.unready
                .push((target.endpoint.clone(), target.deployment.clone()));
        } else {
            wait::until_served(self.client, target, answer)?;
        }
        if plan.action != Action::Nothing {
            self.tell(format!("{verb} deployment {target} (revision {revision})"));
        }
        Ok(())
    }

    /// Sends the endpoint's requests where they are to go.
    fn route(&mut self, plan: &EndpointPlan) -> anyhow::Result<()> {
        let name = &plan.wanted.name;
        let is_wanted = match &plan.action {
            Action::Create => plan::routed_to(&plan.wanted).next().is_some(),
            Action::Change(changes) => changes.iter().any(Change::is_routing),
            Action::Retry(_) | Action::Nothing => false,
        };
        if !is_wanted {
            if plan.wanted.traffic.is_off() && plan.wanted.routes.is_empty() {
                output::note(&format!(
                    "endpoint {name} has no traffic: requests get 404 until its file, or `mlwasm traffic`, says where they go"
                ));
            }
            return Ok(());
        }
        let is_unready = |it: &&DeploymentName| {
            let unready = self.unready.iter();
            unready.into_iter().any(|(e, d)| e == name && d == *it)
        };
        if let Some(unready) = plan::routed_to(&plan.wanted).find(is_unready) {
            output::note(&format!(
                "endpoint {name}: {unready} does not serve yet, so traffic, mirror and routes stay as they are: apply again"
            ));
            return Ok(());
        }
        let settings = plan.described.settings.iter();
        let patch: Patch = settings
            .filter(|(key, _)| ROUTING.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let only = unchanged_endpoint(plan)?;
        let path = views::endpoint_path(name);
        self.client.patch(&path, &Value::Object(patch), only)?;
        self.tell(format!(
            "set traffic of endpoint {name}: {}",
            plan.wanted.traffic
        ));
        Ok(())
    }
}

fn unchanged_endpoint(plan: &EndpointPlan) -> anyhow::Result<Precondition> {
    Ok(match &plan.current {
        Some(view) => Precondition::Unchanged(views::read::<EndpointView>(view)?.generation.0),
        None => Precondition::None,
    })
}

fn outcomes(plan: Plan) -> Vec<Done> {
    let endpoints = plan.endpoints.into_iter().map(|it| Done {
        kind: "endpoint",
        name: it.wanted.name.to_string(),
        place: it.described.place,
        outcome: Outcome::of(&it.action),
    });
    let deployments = plan.deployments.into_iter().map(|it| Done {
        kind: "deployment",
        name: it.described.target.to_string(),
        place: it.described.place,
        outcome: Outcome::of(&it.action),
    });
    endpoints.chain(deployments).collect()
}
