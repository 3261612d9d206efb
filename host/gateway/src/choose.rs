//! Which deployment serves a request, and which one gets a copy. The rules stand in `mlwasm-routing`; here is
//! where a request carries what they ask for.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use mlwasm_routing::{ChooseError, Deployment, Endpoint, MirrorRoute, Selection, ShadowTap};
use mlwasm_types::AuthMode;

use crate::{
    authenticate::Caller,
    context::{RequestId, find},
    rejection::Rejection,
    route::Address,
};

/// Azure's header: asks for a deployment, and says who answered.
pub(crate) const AZUREML_DEPLOYMENT: HeaderName =
    HeaderName::from_static("azureml-model-deployment");
/// Our own name for the same.
pub(crate) const DEPLOYMENT: HeaderName = HeaderName::from_static("mlwasm-deployment");

/// The deployment that serves a request.
///
/// Taken out of one routing table, and valid after it: the request sees no later one.
#[derive(Debug)]
pub(crate) struct Chosen {
    deployment: Arc<Deployment>,
    auth: Option<AuthMode>,
    mirror: Option<CopyTo>,
}

/// Where a copy of a request goes.
#[derive(Debug)]
pub(crate) struct CopyTo {
    /// The deployment that gets it.
    pub(crate) target: Arc<Deployment>,
    /// Where its answer is compared with the live one, if it is.
    pub(crate) tap: Option<Arc<ShadowTap>>,
}

impl CopyTo {
    fn new(route: &MirrorRoute, live: &Deployment) -> Self {
        let tap = route.tap.as_ref();
        Self {
            target: Arc::clone(&route.target),
            tap: tap.filter(|tap| tap.baseline() == live.name()).cloned(),
        }
    }
}

impl Chosen {
    /// The target of a copy, chosen when the original was. A copy has no copies.
    pub(crate) fn for_copy(target: Arc<Deployment>) -> Self {
        Self {
            deployment: target,
            auth: None,
            mirror: None,
        }
    }

    /// How the caller proved who it is; none for a copy, which has no caller.
    pub(crate) fn auth(&self) -> Option<AuthMode> {
        self.auth
    }

    pub(crate) fn deployment(&self) -> &Arc<Deployment> {
        &self.deployment
    }

    /// The deployment that gets a copy, if this request is one of those to copy.
    pub(crate) fn mirror(&self) -> Option<&CopyTo> {
        self.mirror.as_ref()
    }
}

/// The deployment that the request names, in its address or else in a header, else the one to which a route sends it, else the one on whose share it falls.
pub(crate) fn choose(
    caller: Caller<'_>,
    address: Address<'_>,
    headers: &HeaderMap,
    id: &RequestId,
) -> Result<Chosen, Rejection> {
    let endpoint = caller.endpoint();
    let auth = Some(endpoint.callers().auth_mode());
    if let Some(name) = wanted(endpoint, address, headers)? {
        let deployment = Arc::clone(endpoint.choose(Selection::Named(name))?);
        // Whoever names a deployment tests it: the copy would be counted as traffic.
        return Ok(Chosen {
            deployment,
            auth,
            mirror: None,
        });
    }
    let id = id.as_bytes();
    let deployment = match endpoint.routed(headers) {
        Some(deployment) => deployment,
        None => {
            let key = endpoint.sticky_key(headers).unwrap_or(id);
            endpoint.choose(Selection::Shared { key })?
        }
    };
    let mirror = endpoint.mirror_for(id);
    Ok(Chosen {
        deployment: Arc::clone(deployment),
        auth,
        mirror: mirror.map(|route| CopyTo::new(route, deployment)),
    })
}

/// The deployment that a request asks for, if it asks for one.
pub(crate) fn wanted<'r>(
    endpoint: &Endpoint,
    address: Address<'r>,
    headers: &'r HeaderMap,
) -> Result<Option<&'r str>, ChooseError> {
    if address.deployment.is_some() {
        return Ok(address.deployment);
    }
    let Some(value) = named(headers) else {
        return Ok(None);
    };
    let name = value.to_str().map_err(|_| ChooseError::UnknownDeployment {
        endpoint: endpoint.name().to_string(),
        name: String::from_utf8_lossy(value.as_bytes())
            .chars()
            .take(64)
            .collect(),
    })?;
    Ok(Some(name))
}

fn named(headers: &HeaderMap) -> Option<&HeaderValue> {
    find(headers, &AZUREML_DEPLOYMENT).or_else(|| find(headers, &DEPLOYMENT))
}
