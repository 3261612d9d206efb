//! The routing table: everything that the way of one request needs to know, immutable.
//!
//! A request reads one table and nothing else, so it can never see half a change. Only what is ready is in a
//! table: a deployment whose first revision is still being made stands here without a [`Revision`].

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use http::{HeaderMap, HeaderValue};
use mlwasm_sandbox::SandboxPool;
use mlwasm_types::{
    DeploymentName, DeploymentSpec, EndpointName, EndpointSpec, Generation, Percent,
    RequestSettings, RevisionId, RevisionNumber, TrafficSplit,
};

use crate::{
    Admission, Breaker, Callers, CollectionTap, DeploymentMeters, ShadowTap,
    cohorts::{Cohorts, Stickiness},
};

/// All endpoints at one generation.
#[derive(Debug, Default)]
pub struct RoutingTable {
    generation: Generation,
    endpoints: HashMap<EndpointName, Arc<Endpoint>>,
}

impl RoutingTable {
    /// The table of these endpoints.
    pub fn new(generation: Generation, endpoints: impl IntoIterator<Item = Arc<Endpoint>>) -> Self {
        let by_name = |endpoint: Arc<Endpoint>| (endpoint.name.clone(), endpoint);
        Self {
            generation,
            endpoints: endpoints.into_iter().map(by_name).collect(),
        }
    }

    /// The generation of the desired state that this table carries out.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The endpoint of this name.
    pub fn endpoint(&self, name: &str) -> Option<&Arc<Endpoint>> {
        self.endpoints.get(name)
    }

    /// All endpoints, in no order.
    pub fn endpoints(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.endpoints.values()
    }
}

/// One endpoint as the data plane sees it.
#[derive(Debug)]
pub struct Endpoint {
    name: EndpointName,
    callers: Callers,
    traffic: TrafficSplit,
    stickiness: Stickiness,
    cohorts: Cohorts,
    mirror: Option<MirrorRoute>,
    mirror_salt: Vec<u8>,
    deployments: BTreeMap<DeploymentName, Arc<Deployment>>,
}

/// Where copies of an endpoint's requests go.
#[derive(Debug)]
pub struct MirrorRoute {
    /// The deployment that gets them.
    pub target: Arc<Deployment>,
    /// The share of the requests that is copied.
    pub share: Percent,
    /// Where its answers go to be compared; none where there is nothing to compare them with.
    pub tap: Option<Arc<ShadowTap>>,
}

/// What an [`Endpoint`] is made of.
#[derive(Debug)]
pub struct EndpointParts<'a> {
    /// What the operator wants; validated before it was stored.
    pub spec: &'a EndpointSpec,
    /// Who may call.
    pub callers: Callers,
    /// Every deployment of the endpoint, ready or not.
    pub deployments: BTreeMap<DeploymentName, Arc<Deployment>>,
    /// Where the mirror's answers go to be compared.
    pub shadow: Option<Arc<ShadowTap>>,
}

impl Endpoint {
    /// The endpoint of these parts. A mirror or a route whose target is not among the deployments is left out.
    pub fn new(parts: EndpointParts<'_>) -> Self {
        let EndpointParts {
            spec,
            callers,
            deployments,
            shadow,
        } = parts;
        let mirror = spec.mirror().ok().flatten().and_then(|mirror| {
            let target = deployments.get(&mirror.target)?;
            Some(MirrorRoute {
                target: Arc::clone(target),
                share: mirror.share,
                tap: shadow,
            })
        });
        Self {
            name: spec.name.clone(),
            callers,
            traffic: spec.traffic.clone(),
            stickiness: Stickiness::of(spec),
            cohorts: Cohorts::new(&spec.routes, |name| deployments.get(name).cloned()),
            mirror,
            mirror_salt: format!("{}/mirror", spec.name).into_bytes(),
            deployments,
        }
    }

    /// Its name.
    pub fn name(&self) -> &EndpointName {
        &self.name
    }

    /// Who may call it.
    pub fn callers(&self) -> &Callers {
        &self.callers
    }

    /// The shares of its deployments.
    pub fn traffic(&self) -> &TrafficSplit {
        &self.traffic
    }

    /// What keeps the caller on one deployment: the value of the sticky header, else of the sticky cookie.
    pub fn sticky_key<'h>(&self, headers: &'h HeaderMap) -> Option<&'h [u8]> {
        self.stickiness.key(headers)
    }

    /// The deployment to which a route sends a request with these headers, whatever the shares.
    pub fn routed(&self, headers: &HeaderMap) -> Option<&Arc<Deployment>> {
        self.cohorts.target(headers)
    }

    /// The mirror, if one is on.
    pub fn mirror(&self) -> Option<&MirrorRoute> {
        self.mirror.as_ref()
    }

    /// The deployment of this name.
    pub fn deployment(&self, name: &str) -> Option<&Arc<Deployment>> {
        self.deployments.get(name)
    }

    /// All deployments, in the order of names.
    pub fn deployments(&self) -> impl ExactSizeIterator<Item = &Arc<Deployment>> {
        self.deployments.values()
    }

    pub(crate) fn mirror_salt(&self) -> &[u8] {
        &self.mirror_salt
    }
}

/// One deployment as the data plane sees it.
#[derive(Debug)]
pub struct Deployment {
    name: DeploymentName,
    header_value: HeaderValue,
    meters: Arc<DeploymentMeters>,
    serving: Option<Revision>,
    collector: Option<Arc<CollectionTap>>,
}

impl Deployment {
    /// A deployment that `serving` answers for; without it, requests are refused with 503.
    ///
    /// # Panics
    ///
    /// Never: a deployment's name holds only characters that a header may hold.
    pub fn new(
        name: DeploymentName,
        meters: Arc<DeploymentMeters>,
        serving: Option<Revision>,
    ) -> Self {
        let header_value =
            HeaderValue::from_str(name.as_str()).expect("names are letters, digits and `-`");
        Self {
            name,
            header_value,
            meters,
            serving,
            collector: None,
        }
    }

    /// The same with a tap for the bodies that are to be kept.
    #[must_use]
    pub fn with_collector(self, collector: Option<Arc<CollectionTap>>) -> Self {
        Self { collector, ..self }
    }

    /// Where the bodies go that are to be kept, if any are.
    pub fn collector(&self) -> Option<&Arc<CollectionTap>> {
        self.collector.as_ref()
    }

    /// Its name.
    pub fn name(&self) -> &DeploymentName {
        &self.name
    }

    /// Its name as a response header carries it; cheap to clone.
    pub fn header_value(&self) -> &HeaderValue {
        &self.header_value
    }

    /// Its counters, the same ones over all its revisions.
    pub fn meters(&self) -> &Arc<DeploymentMeters> {
        &self.meters
    }

    /// The revision that answers, if one is ready.
    pub fn serving(&self) -> Option<&Revision> {
        self.serving.as_ref()
    }
}

/// One ready revision. Cheap to clone: tables made before and after an unrelated change share it.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Which one of the deployment's revisions.
    pub number: RevisionNumber,
    /// What it consists of.
    pub id: RevisionId,
    /// Time and queue limits of its requests.
    pub settings: RequestSettings,
    /// How many requests may be inside.
    pub admission: Arc<Admission>,
    /// Whether copies of requests are sent to it.
    pub breaker: Arc<Breaker>,
    /// Its sandboxes.
    pub pool: Arc<SandboxPool>,
}

impl Revision {
    /// The revision that `spec` describes, with its pool ready.
    pub fn new(number: RevisionNumber, spec: &DeploymentSpec, pool: Arc<SandboxPool>) -> Self {
        Self {
            number,
            id: spec.revision_id(),
            settings: spec.request_settings.clone(),
            admission: Admission::new(spec.max_in_flight()),
            breaker: Breaker::new(),
            pool,
        }
    }
}
