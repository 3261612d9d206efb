//! Where a request carries what its way depends on: the routes of an endpoint, and its sticky header or cookie.
//!
//! Made once for each table, so that a request allocates nothing and pays for the headers and cookies that the routes
//! name, not for the routes: a hundred tenants of one header are one look-up. Nothing is decoded: a cookie's value is
//! what stands between `=` and `;`, quotes and all.

use std::{collections::HashMap, sync::Arc};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{COOKIE, InvalidHeaderName},
};
use mlwasm_types::{Carrier, EndpointSpec, Route};

use crate::Deployment;

/// The routes of one endpoint, by what they look at.
#[derive(Debug)]
pub(crate) struct Cohorts {
    sources: Vec<Source>,
}

/// One header or cookie, and where its values lead.
#[derive(Debug)]
struct Source {
    at: Place,
    targets: HashMap<Box<[u8]>, Target>,
}

#[derive(Debug)]
struct Target {
    /// Where the route stands in the endpoint's list: a request that fits two goes the way of the first.
    position: usize,
    deployment: Arc<Deployment>,
}

/// Where a request carries a value.
#[derive(Debug, PartialEq)]
enum Place {
    Header(HeaderName),
    Cookie(Box<[u8]>),
}

impl Place {
    fn of(carrier: &Carrier) -> Result<Self, InvalidHeaderName> {
        Ok(match carrier {
            Carrier::Header(name) => Self::Header(name.parse()?),
            Carrier::Cookie(name) => Self::Cookie(name.as_bytes().into()),
        })
    }
}

impl Cohorts {
    /// The routes that `deployment` knows a target of.
    pub(crate) fn new(
        routes: &[Route],
        deployment: impl Fn(&str) -> Option<Arc<Deployment>>,
    ) -> Self {
        let mut sources: Vec<Source> = Vec::new();
        for (position, route) in routes.iter().enumerate() {
            let place = Place::of(&route.carrier);
            let (Ok(at), Some(deployment)) = (place, deployment(route.deployment.as_str())) else {
                continue;
            };
            let target = Target {
                position,
                deployment,
            };
            let index = sources.iter().position(|source| source.at == at);
            let index = index.unwrap_or_else(|| {
                let targets = HashMap::new();
                sources.push(Source { at, targets });
                sources.len() - 1
            });
            sources[index]
                .targets
                .entry(route.value.as_bytes().into())
                .or_insert(target);
        }
        Self { sources }
    }

    /// The deployment to which the request's headers lead; none if no route fits.
    pub(crate) fn target(&self, headers: &HeaderMap) -> Option<&Arc<Deployment>> {
        if self.sources.is_empty() {
            return None;
        }
        let first = self
            .sources
            .iter()
            .filter_map(|source| source.target(headers))
            .min_by_key(|target| target.position)?;
        Some(&first.deployment)
    }
}

impl Source {
    /// The first route that one of the request's values takes.
    fn target(&self, headers: &HeaderMap) -> Option<&Target> {
        let by_position = |target: &&Target| target.position;
        match &self.at {
            Place::Header(name) => values(headers, name)
                .filter_map(|value| self.targets.get(value.as_bytes()))
                .min_by_key(by_position),
            Place::Cookie(name) => cookies(headers, name)
                .filter_map(|value| self.targets.get(value))
                .min_by_key(by_position),
        }
    }
}

/// What keeps a caller on one deployment.
#[derive(Debug)]
pub(crate) struct Stickiness {
    header: Option<HeaderName>,
    cookie: Option<Box<[u8]>>,
}

impl Stickiness {
    /// What `spec`, which was validated before it was stored, says of it.
    pub(crate) fn of(spec: &EndpointSpec) -> Self {
        let header = spec.sticky_header.as_ref();
        let cookie = spec.sticky_cookie.as_ref();
        Self {
            header: header.and_then(|name| name.parse().ok()),
            cookie: cookie.map(|name| name.as_bytes().into()),
        }
    }

    /// The caller's key: the header's value if it is sent, else the cookie's.
    pub(crate) fn key<'h>(&self, headers: &'h HeaderMap) -> Option<&'h [u8]> {
        let header = self
            .header
            .as_ref()
            .and_then(|name| values(headers, name).next());
        match (header, &self.cookie) {
            (Some(value), _) => Some(value.as_bytes()),
            (None, Some(cookie)) => cookies(headers, cookie).next(),
            (None, None) => None,
        }
    }
}

/// Each value of the header. Requests have few headers: looking through them costs less than hashing the name.
fn values<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h HeaderValue> {
    headers
        .iter()
        .filter_map(move |(found, value)| (found == name).then_some(value))
}

/// Each value of the cookie `name`: HTTP/2 clients may send every cookie in a header of its own.
fn cookies<'h>(headers: &'h HeaderMap, name: &[u8]) -> impl Iterator<Item = &'h [u8]> {
    values(headers, &COOKIE)
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(move |pair| pair.trim_ascii().strip_prefix(name)?.strip_prefix(b"="))
}

#[cfg(test)]
mod tests {
    use mlwasm_types::{DeploymentName, EndpointName};

    use super::*;
    use crate::DeploymentMeters;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn cohorts(routes: &[&str]) -> Cohorts {
        let routes: Vec<Route> = routes.iter().map(|text| text.parse().unwrap()).collect();
        Cohorts::new(&routes, |name| {
            let name = DeploymentName::new(name).ok()?;
            let is_gone = name.as_str() == "gone";
            (!is_gone).then(|| Arc::new(Deployment::new(name, DeploymentMeters::new(), None)))
        })
    }

    fn target<'c>(cohorts: &'c Cohorts, pairs: &[(&str, &str)]) -> Option<&'c str> {
        let target = cohorts.target(&headers(pairs))?;
        Some(target.name().as_str())
    }

    #[test]
    fn the_first_route_that_fits_decides() {
        let routes = [
            "x-tenant=acme->green",
            "cookie:tier=beta->red",
            "x-tenant=umbra->blue",
            "x-user=7->blue",
            "x-tenant=lost->gone",
        ];
        let cohorts = cohorts(&routes);
        type Headers<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Headers<'_>, Option<&str>); 14] = [
            (&[], None),
            (&[("x-tenant", "acme")], Some("green")),
            (&[("X-Tenant", "acme")], Some("green")),
            (&[("x-tenant", "Acme")], None),
            (&[("x-tenant", "acme ")], None),
            (&[("x-tenant", "acm")], None),
            (&[("x-tenant", "umbra")], Some("blue")),
            // The order is that of the list, not that of the request.
            (&[("x-user", "7"), ("x-tenant", "acme")], Some("green")),
            (
                &[("x-tenant", "umbra"), ("cookie", "tier=beta")],
                Some("red"),
            ),
            (
                &[("x-tenant", "umbra"), ("x-tenant", "acme")],
                Some("green"),
            ),
            (&[("cookie", "tier=beta")], Some("red")),
            (&[("cookie", "Tier=beta")], None),
            (&[("x-tenant", "lost")], None),
            (&[("x-tenant", "lost"), ("x-user", "7")], Some("blue")),
        ];
        for (pairs, expected) in cases {
            assert_eq!(target(&cohorts, pairs), expected, "{pairs:?}");
        }
        assert_eq!(target(&self::cohorts(&[]), &[("x-tenant", "acme")]), None);
    }

    #[test]
    fn a_cookie_is_found_among_others_in_one_header_or_several() {
        type Headers<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Headers<'_>, &[&str]); 11] = [
            (&[], &[]),
            (&[("cookie", "user=ann")], &["ann"]),
            (&[("cookie", "a=1; user=ann; b=2")], &["ann"]),
            (&[("cookie", "a=1;user=ann")], &["ann"]),
            (&[("cookie", "a=1"), ("cookie", "user=ann")], &["ann"]),
            (&[("cookie", "user=ann; user=ben")], &["ann", "ben"]),
            (&[("cookie", "user=")], &[""]),
            (&[("cookie", "user=a=b")], &["a=b"]),
            (&[("cookie", "user=\"ann\"")], &["\"ann\""]),
            (&[("cookie", "user; superuser=ann; users=ben")], &[]),
            (&[("cookie", ";; ; user")], &[]),
        ];
        for (pairs, expected) in cases {
            let headers = headers(pairs);
            let found: Vec<_> = cookies(&headers, b"user").collect();
            let expected: Vec<_> = expected.iter().map(|value| value.as_bytes()).collect();
            assert_eq!(found, expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_sticky_header_goes_before_the_sticky_cookie() {
        let mut spec = EndpointSpec::named(EndpointName::new("iris").unwrap());
        let both = headers(&[("cookie", "user=ann"), ("x-user", "ben")]);
        let cookie_only = headers(&[("cookie", "user=ann")]);
        let key = |spec: &EndpointSpec, headers: &HeaderMap| {
            let key = Stickiness::of(spec).key(headers)?.to_vec();
            Some(String::from_utf8(key).unwrap())
        };
        assert_eq!(key(&spec, &both), None);
        spec.sticky_cookie = Some("user".to_owned());
        assert_eq!(key(&spec, &both).as_deref(), Some("ann"));
        spec.sticky_header = Some("X-User".to_owned());
        assert_eq!(key(&spec, &both).as_deref(), Some("ben"));
        assert_eq!(key(&spec, &cookie_only).as_deref(), Some("ann"));
        assert_eq!(key(&spec, &HeaderMap::new()), None);
    }
}
