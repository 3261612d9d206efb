//! Answers questions that need no scorer, from the routing table and the meters.
//!
//! The server tells anyone that it lives. What is of a model is told to who may score there: a list holds those endpoints only
//! whose key came with the request, and those that ask for none.

use http::HeaderMap;
use mlwasm_routing::{ChooseError, Deployment, Endpoint, RoutingTable, Selection};
use std::sync::Arc;

use super::describe::{Config, IndexEntry, Metadata, Server, Statistics, why_not_ready};
use crate::{
    authenticate::authenticate,
    choose::wanted,
    gateway::Gateway,
    health::Readiness,
    rejection::Rejection,
    route::{Address, route},
    v2::Inquiry,
};

/// The answer to an inquiry.
#[derive(Debug)]
pub(crate) enum Told {
    Server(Server),
    Live,
    Ready(Readiness),
    Metadata(Metadata),
    ModelReady(String),
    Config(Config),
    Statistics(Vec<Statistics>),
    Index(Vec<IndexEntry>),
}

/// Answers `inquiry` for who sent these headers.
pub(crate) fn tell(
    gateway: &Gateway,
    inquiry: Inquiry<'_>,
    headers: &HeaderMap,
) -> Result<Told, Rejection> {
    let table = gateway.tables().load();
    Ok(match inquiry {
        Inquiry::Server => Told::Server(Server::THIS),
        Inquiry::ServerLive => Told::Live,
        Inquiry::ServerReady => Told::Ready(gateway.readiness()),
        Inquiry::Metadata(address) => {
            let (endpoint, deployment) = find(&table, address, headers)?;
            Told::Metadata(Metadata::of(endpoint, deployment))
        }
        Inquiry::Config(address) => {
            let (endpoint, deployment) = find(&table, address, headers)?;
            Told::Config(Config::of(endpoint, deployment))
        }
        Inquiry::Ready(address) => {
            let (endpoint, deployment) = find(&table, address, headers)?;
            if gateway.readiness() == Readiness::Draining {
                return Err(Rejection::Draining);
            }
            if why_not_ready(deployment).is_some() {
                return Err(Rejection::NotReady {
                    deployment: deployment.name().to_string(),
                });
            }
            Told::ModelReady(endpoint.name().to_string())
        }
        Inquiry::Statistics(Some(address)) => {
            Told::Statistics(statistics_of(&table, address, headers)?)
        }
        Inquiry::Statistics(None) => {
            let all = each(&table, headers);
            Told::Statistics(all.map(|(one, other)| Statistics::of(one, other)).collect())
        }
        Inquiry::Index | Inquiry::List => {
            let all = each(&table, headers);
            let mut entries: Vec<_> = all.map(|(one, other)| IndexEntry::of(one, other)).collect();
            entries.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
            Told::Index(entries)
        }
        Inquiry::Administration => return Err(Rejection::Administration),
    })
}

/// The deployments of all endpoints that the caller may use.
fn each<'t>(
    table: &'t RoutingTable,
    headers: &HeaderMap,
) -> impl Iterator<Item = (&'t Endpoint, &'t Deployment)> {
    table
        .endpoints()
        .filter_map(|endpoint| {
            let routed = route(table, endpoint.name().as_str()).ok()?;
            authenticate(routed, headers).ok().map(|_| &**endpoint)
        })
        .flat_map(|endpoint| {
            let deployments = endpoint.deployments();
            deployments.map(move |deployment| (endpoint, &**deployment))
        })
}

/// A version if one is named, else all of the model's.
fn statistics_of(
    table: &RoutingTable,
    address: Address<'_>,
    headers: &HeaderMap,
) -> Result<Vec<Statistics>, Rejection> {
    let endpoint = authenticate(route(table, address.endpoint)?, headers)?.endpoint();
    Ok(match wanted(endpoint, address, headers)? {
        Some(name) => {
            let deployment = endpoint.choose(Selection::Named(name))?;
            vec![Statistics::of(endpoint, deployment)]
        }
        None => {
            let deployments = endpoint.deployments();
            deployments
                .map(|deployment| Statistics::of(endpoint, deployment))
                .collect()
        }
    })
}

/// The deployment that speaks for a model: the one that is named, else the one with the greatest share of the traffic.
fn find<'t>(
    table: &'t RoutingTable,
    address: Address<'_>,
    headers: &HeaderMap,
) -> Result<(&'t Endpoint, &'t Arc<Deployment>), Rejection> {
    let endpoint = authenticate(route(table, address.endpoint)?, headers)?.endpoint();
    if let Some(name) = wanted(endpoint, address, headers)? {
        return Ok((endpoint, endpoint.choose(Selection::Named(name))?));
    }
    let shares = endpoint.traffic().shares();
    let greatest = shares
        .filter(|(_, share)| share.get() > 0)
        .max_by_key(|(_, share)| share.get())
        .and_then(|(name, _)| endpoint.deployment(name.as_str()));
    let deployment = greatest.ok_or_else(|| ChooseError::NoTraffic {
        endpoint: endpoint.name().to_string(),
    })?;
    Ok((endpoint, deployment))
}
