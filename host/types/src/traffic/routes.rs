//! Cohorts: requests that one header or cookie sends to a deployment before the shares are looked at.
//!
//! Routes are tried in their order and the first that fits decides. A deployment that a route names takes live traffic,
//! whatever its share.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{DeploymentName, InvalidName, Mirror};

/// Most routes that an endpoint may have.
pub const MAX_ROUTES: usize = 100;

/// Most bytes that a route's value may have.
pub const MAX_ROUTE_VALUE: usize = 256;

/// Headers that decide something else, or that hold what must not be stored.
const RESERVED_HEADERS: [(&str, &str); 5] = [
    ("authorization", "it holds the caller's key"),
    ("proxy-authorization", "it holds a secret"),
    ("cookie", "write cookie:NAME=VALUE for one of its cookies"),
    (
        "azureml-model-deployment",
        "it names the deployment by itself, before any route",
    ),
    (
        "mlwasm-deployment",
        "it names the deployment by itself, before any route",
    ),
];

/// Where a request carries a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// In the header of this name, in lower case.
    Header(String),
    /// In the cookie of this name.
    Cookie(String),
}

/// Sends the requests that carry a value to a deployment.
///
/// Written `x-tenant=acme->green` or `cookie:tier=beta->green`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RouteFields", into = "RouteFields")]
pub struct Route {
    /// Where the value is looked for.
    pub carrier: Carrier,
    /// What it must be, byte for byte.
    pub value: String,
    /// Who answers then.
    pub deployment: DeploymentName,
}

/// Sends the requests that carry a value to a deployment: either a header's or a cookie's.
// A route as JSON and YAML write it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteFields {
    /// The header's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 256)]
    header: Option<String>,
    /// The cookie's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 256)]
    cookie: Option<String>,
    /// What the value must be, byte for byte.
    #[schema(min_length = 1, max_length = 256)]
    value: String,
    /// Who answers then.
    deployment: DeploymentName,
}

/// Routes that break a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoute {
    /// A text that is no route.
    #[error(
        "{text:?} is not a route: expected HEADER=VALUE->DEPLOYMENT or cookie:NAME=VALUE->DEPLOYMENT, as in \"x-tenant=acme->green\""
    )]
    Text {
        /// The text.
        text: String,
    },
    /// Neither or both of a header and a cookie.
    #[error("a route has either a header or a cookie: this one has {given}")]
    Carrier {
        /// What it has.
        given: &'static str,
    },
    /// A text that is no name of a header or cookie.
    #[error("{name:?} is not the name of a header or cookie")]
    Name {
        /// The text.
        name: String,
    },
    /// A header that can not be used.
    #[error("a route can not look at the header {name}: {reason}")]
    Reserved {
        /// The header.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// A value that no request can carry.
    #[error(
        "{value:?} can not be a route's value: it must be 1 to {MAX_ROUTE_VALUE} bytes without control characters, and without blanks at its ends; in a cookie also without `;`"
    )]
    Value {
        /// The value.
        value: String,
    },
    /// A name of a deployment that breaks the rule.
    #[error(transparent)]
    Deployment(#[from] InvalidName),
    /// More routes than an endpoint may have.
    #[error("{count} routes given: at most {MAX_ROUTES} are allowed")]
    TooMany {
        /// How many were given.
        count: usize,
    },
    /// A route that an earlier one leaves nothing.
    #[error("the route {route} is never reached: an earlier one has the same condition")]
    Unreachable {
        /// The later one.
        route: Route,
    },
    /// A route to the mirror's target.
    #[error(
        "the route {route} would give live traffic to the mirror's target: a deployment takes live or mirrored traffic, never both"
    )]
    ToMirror {
        /// The route.
        route: Route,
    },
}

impl Carrier {
    fn header(name: &str) -> Result<Self, InvalidRoute> {
        let name = token(name)?.to_ascii_lowercase();
        match RESERVED_HEADERS.iter().find(|(header, _)| *header == name) {
            Some((_, reason)) => Err(InvalidRoute::Reserved { name, reason }),
            None => Ok(Self::Header(name)),
        }
    }

    fn cookie(name: &str) -> Result<Self, InvalidRoute> {
        Ok(Self::Cookie(token(name)?.to_owned()))
    }
}

impl Route {
    fn new(
        carrier: Carrier,
        value: String,
        deployment: DeploymentName,
    ) -> Result<Self, InvalidRoute> {
        let is_cookie = matches!(carrier, Carrier::Cookie(_));
        let is_carried = (1..=MAX_ROUTE_VALUE).contains(&value.len())
            && value.trim() == value
            && !value.chars().any(char::is_control)
            && !(is_cookie && value.contains(';'));
        if is_carried {
            Ok(Self {
                carrier,
                value,
                deployment,
            })
        } else {
            Err(InvalidRoute::Value { value })
        }
    }
}

/// Checks what one route alone does not hold.
///
/// # Errors
///
/// [`InvalidRoute`] that quotes the route.
pub fn check_routes(routes: &[Route], mirror: Option<&Mirror>) -> Result<(), InvalidRoute> {
    if routes.len() > MAX_ROUTES {
        return Err(InvalidRoute::TooMany {
            count: routes.len(),
        });
    }
    let mut conditions = BTreeSet::new();
    for route in routes {
        if !conditions.insert((&route.carrier, &route.value)) {
            return Err(InvalidRoute::Unreachable {
                route: route.clone(),
            });
        }
        if mirror.is_some_and(|mirror| mirror.target == route.deployment) {
            return Err(InvalidRoute::ToMirror {
                route: route.clone(),
            });
        }
    }
    Ok(())
}

/// RFC 9110's `token`, which RFC 6265 asks of a cookie's name too.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

fn token(name: &str) -> Result<&str, InvalidRoute> {
    // Longer names than this are no names that anyone uses, and would be compared with every request's.
    if is_token(name) && name.len() <= MAX_ROUTE_VALUE {
        Ok(name)
    } else {
        Err(InvalidRoute::Name {
            name: name.chars().take(64).collect(),
        })
    }
}

impl TryFrom<RouteFields> for Route {
    type Error = InvalidRoute;

    fn try_from(fields: RouteFields) -> Result<Self, Self::Error> {
        let carrier = match (fields.header, fields.cookie) {
            (Some(name), None) => Carrier::header(&name)?,
            (None, Some(name)) => Carrier::cookie(&name)?,
            (None, None) => return Err(InvalidRoute::Carrier { given: "neither" }),
            (Some(_), Some(_)) => return Err(InvalidRoute::Carrier { given: "both" }),
        };
        Self::new(carrier, fields.value, fields.deployment)
    }
}

impl From<Route> for RouteFields {
    fn from(route: Route) -> Self {
        let (header, cookie) = match route.carrier {
            Carrier::Header(name) => (Some(name), None),
            Carrier::Cookie(name) => (None, Some(name)),
        };
        Self {
            header,
            cookie,
            value: route.value,
            deployment: route.deployment,
        }
    }
}

impl FromStr for Route {
    type Err = InvalidRoute;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || InvalidRoute::Text {
            text: text.to_owned(),
        };
        // From the right: a value may hold an arrow, a deployment's name can not.
        let (condition, deployment) = text.rsplit_once("->").ok_or_else(malformed)?;
        let (name, value) = condition.split_once('=').ok_or_else(malformed)?;
        let carrier = match name.trim().strip_prefix("cookie:") {
            Some(cookie) => Carrier::cookie(cookie)?,
            None => Carrier::header(name.trim())?,
        };
        let deployment = DeploymentName::new(deployment.trim())?;
        Self::new(carrier, value.trim().to_owned(), deployment)
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => f.write_str(name),
            Self::Cookie(name) => write!(f, "cookie:{name}"),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}->{}", self.carrier, self.value, self.deployment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::traffic::{TrafficSplit, parse_shares};

    fn route(text: &str) -> Route {
        text.parse().unwrap()
    }

    #[test]
    fn a_route_reads_back_as_written() {
        for text in [
            "x-tenant=acme->green",
            "cookie:tier=beta->green",
            "x-tenant=a=b->c->green",
        ] {
            assert_eq!(route(text).to_string(), text);
        }
        assert_eq!(
            route("X-Tenant = Acme Inc -> green").to_string(),
            "x-tenant=Acme Inc->green"
        );
        assert_eq!(
            route("cookie:Tier=beta->green").carrier,
            Carrier::Cookie("Tier".to_owned()),
            "the case of a cookie's name counts"
        );
    }

    #[test]
    fn what_is_no_route_is_refused() {
        let longest = "v".repeat(MAX_ROUTE_VALUE);
        assert!(format!("x={longest}->green").parse::<Route>().is_ok());
        let too_long = format!("x={longest}v->green");
        for (text, words) in [
            ("x-tenant=acme", "is not a route"),
            ("x-tenant->green", "is not a route"),
            ("=acme->green", "not the name of a header"),
            ("x tenant=acme->green", "not the name of a header"),
            ("cookie:=beta->green", "not the name of a header"),
            ("x-tenant=->green", "can not be a route's value"),
            ("x-tenant=a\nb->green", "can not be a route's value"),
            ("cookie:tier=a;b->green", "can not be a route's value"),
            (&too_long, "can not be a route's value"),
            ("x-tenant=acme->gr_een", "gr_een"),
            ("Authorization=Bearer x->green", "the caller's key"),
            ("cookie=a->green", "cookie:NAME=VALUE"),
            ("azureml-model-deployment=blue->green", "before any route"),
        ] {
            let error = text.parse::<Route>().unwrap_err().to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }

    #[test]
    fn in_json_a_route_has_a_header_or_a_cookie() {
        let forms = [
            (
                "x-tenant=acme->green",
                json!({"header": "x-tenant", "value": "acme", "deployment": "green"}),
            ),
            (
                "cookie:tier=beta->green",
                json!({"cookie": "tier", "value": "beta", "deployment": "green"}),
            ),
        ];
        for (text, form) in forms {
            assert_eq!(serde_json::to_value(route(text)).unwrap(), form);
            assert_eq!(serde_json::from_value::<Route>(form).unwrap(), route(text));
        }
        let refusal = |form: Value| {
            serde_json::from_value::<Route>(form)
                .unwrap_err()
                .to_string()
        };
        assert!(refusal(json!({"value": "a", "deployment": "green"})).contains("neither"));
        let both = json!({"header": "x", "cookie": "y", "value": "a", "deployment": "green"});
        assert!(refusal(both).contains("both"));
        assert!(
            refusal(json!({"heeder": "x", "value": "a", "deployment": "b"})).contains("heeder")
        );
    }

    #[test]
    fn routes_are_bounded_reachable_and_never_lead_to_the_mirror() {
        let many = |count: usize| -> Vec<_> {
            (0..count)
                .map(|n| route(&format!("x-tenant=t{n}->green")))
                .collect()
        };
        assert_eq!(check_routes(&many(MAX_ROUTES), None), Ok(()));
        assert_eq!(
            check_routes(&many(MAX_ROUTES + 1), None),
            Err(InvalidRoute::TooMany { count: 101 })
        );

        let same = [route("x-tenant=acme->green"), route("X-TENANT=acme->blue")];
        let error = check_routes(&same, None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the route x-tenant=acme->blue is never reached: an earlier one has the same condition"
        );
        let other = [
            route("x-tenant=acme->green"),
            route("cookie:x-tenant=acme->blue"),
        ];
        assert_eq!(check_routes(&other, None), Ok(()));

        let mirror = parse_shares("green=10").unwrap();
        let mirror = Mirror::from_shares(&mirror, &TrafficSplit::default()).unwrap();
        let error = check_routes(&same[..1], mirror.as_ref()).unwrap_err();
        assert!(matches!(error, InvalidRoute::ToMirror { .. }));
        assert_eq!(check_routes(&same[1..], mirror.as_ref()), Ok(()));
    }
}
