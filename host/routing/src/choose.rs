//! Which deployment serves a request: the one it names, or the one on whose share its key falls.

use std::sync::Arc;

use mlwasm_types::{RoutingPoint, TrafficSplit};

use crate::table::{Deployment, Endpoint, MirrorRoute};

/// How a request is placed.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// The request names its deployment, past the traffic rules.
    Named(&'a str),
    /// The traffic split decides by this key: what keeps the caller where it is, else the request's id.
    Shared {
        /// What is hashed.
        key: &'a [u8],
    },
}

/// Why no deployment serves a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// The request names a deployment that does not exist.
    #[error("endpoint {endpoint} has no deployment {name:?}")]
    UnknownDeployment {
        /// The endpoint.
        endpoint: String,
        /// The name, cut to a readable length.
        name: String,
    },
    /// Traffic is off.
    #[error("no deployment of endpoint {endpoint} has traffic above 0 percent")]
    NoTraffic {
        /// The endpoint.
        endpoint: String,
    },
}

impl Endpoint {
    /// The deployment that serves a request. The same table and the same selection give the same answer.
    ///
    /// # Errors
    ///
    /// [`ChooseError`] if the named deployment does not exist, or traffic is off.
    pub fn choose(&self, selection: Selection<'_>) -> Result<&Arc<Deployment>, ChooseError> {
        match selection {
            Selection::Named(name) => {
                self.deployment(name)
                    .ok_or_else(|| ChooseError::UnknownDeployment {
                        endpoint: self.name().to_string(),
                        name: name.chars().take(64).collect(),
                    })
            }
            Selection::Shared { key } => {
                self.placed(self.traffic(), key)
                    .ok_or_else(|| ChooseError::NoTraffic {
                        endpoint: self.name().to_string(),
                    })
            }
        }
    }

    /// The mirror, if the request with this id is one of those to copy.
    ///
    /// The salt differs from the split's, else a mirror of 10 % would copy only requests of one deployment.
    pub fn mirror_for(&self, request_id: &[u8]) -> Option<&MirrorRoute> {
        let mirror = self.mirror()?;
        RoutingPoint::of(self.mirror_salt(), request_id)
            .is_within(mirror.share)
            .then_some(mirror)
    }

    fn placed(&self, split: &TrafficSplit, key: &[u8]) -> Option<&Arc<Deployment>> {
        let point = RoutingPoint::of(self.name().as_str().as_bytes(), key);
        self.deployment(split.choose(point)?.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mlwasm_types::{
        DeploymentName, EndpointName, EndpointSpec, Percent, traffic::parse_shares,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::{Callers, DeploymentMeters, EndpointParts, KeyDigest};

    fn endpoint(traffic: &str, mirror: &str) -> Endpoint {
        let mut spec = EndpointSpec::named(EndpointName::new("iris").unwrap());
        spec.traffic = traffic.parse().unwrap();
        spec.mirror_traffic = parse_shares(mirror).unwrap();
        let deployments = ["blue", "green"].map(|name| {
            let name = DeploymentName::new(name).unwrap();
            (
                name.clone(),
                Arc::new(Deployment::new(name, DeploymentMeters::new(), None)),
            )
        });
        Endpoint::new(EndpointParts {
            spec: &spec,
            callers: Callers::new(KeyDigest::of(b"one"), KeyDigest::of(b"two")),
            deployments: BTreeMap::from(deployments),
            shadow: None,
        })
    }

    #[test]
    fn a_named_deployment_is_reached_at_zero_percent() {
        let endpoint = endpoint("blue=100", "");
        let chosen = endpoint.choose(Selection::Named("green")).unwrap();
        assert_eq!(chosen.name().as_str(), "green");
        assert!(matches!(
            endpoint.choose(Selection::Named("red")),
            Err(ChooseError::UnknownDeployment { .. })
        ));
    }

    #[test]
    fn without_traffic_nothing_is_chosen() {
        let endpoint = endpoint("", "");
        assert!(matches!(
            endpoint.choose(Selection::Shared { key: b"k" }),
            Err(ChooseError::NoTraffic { .. })
        ));
    }

    #[test]
    fn shares_and_mirror_come_out_within_the_binomial_bound() {
        let endpoint = endpoint("blue=100", "green=10");
        let split = self::endpoint("blue=90 green=10", "");
        let (mut green, mut mirrored) = (0_i32, 0_i32);
        for id in 0..100_000_u32 {
            let id = id.to_string();
            let selection = Selection::Shared { key: id.as_bytes() };
            green += i32::from(split.choose(selection).unwrap().name().as_str() == "green");
            mirrored += i32::from(endpoint.mirror_for(id.as_bytes()).is_some());
        }
        // Five standard deviations of 100,000 draws at 10 %: 5 · sqrt(100,000 · 0.1 · 0.9) = 474.
        assert!((green - 10_000).abs() < 474, "{green}");
        assert!((mirrored - 10_000).abs() < 474, "{mirrored}");
        assert_eq!(endpoint.mirror().unwrap().share, Percent::new(10).unwrap());
    }

    proptest! {
        #[test]
        fn equal_tables_make_equal_choices(key: Vec<u8>) {
            let (one, two) = (endpoint("blue=50 green=50", ""), endpoint("blue=50 green=50", ""));
            let choice = |endpoint: &Endpoint| {
                endpoint.choose(Selection::Shared { key: &key }).unwrap().name().clone()
            };
            prop_assert_eq!(choice(&one), choice(&two));
        }
    }
}
