//! What a deployment is for where versions are compared: the control, or a treatment that may replace it.
//!
//! A role routes no request. It says with what the others are compared, and it belongs to the place that a deployment
//! has in its endpoint, not to a revision: swapping or rolling back a deployment leaves it.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{DeploymentName, Percent, TrafficSplit};

/// What a deployment is for. At most one deployment of an endpoint is its control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the others are compared with.
    Control,
    /// One of the others.
    Treatment,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Control => "control",
            Self::Treatment => "treatment",
        })
    }
}

/// With what the deployments of an endpoint are compared: the control, also if it has no traffic; else the one with the
/// largest share, the first by name of equal ones; none if traffic is off.
///
/// A treatment is never what others are compared with, even with the largest share.
pub fn baseline<'a>(
    deployments: impl IntoIterator<Item = (&'a DeploymentName, Option<Role>)>,
    traffic: &TrafficSplit,
) -> Option<&'a DeploymentName> {
    let mut largest: Option<(&DeploymentName, Percent)> = None;
    for (name, role) in deployments {
        match role {
            Some(Role::Control) => return Some(name),
            Some(Role::Treatment) => continue,
            None => {}
        }
        let share = traffic.share(name);
        let is_larger = largest.is_none_or(|(first, most)| {
            share > most || share == most && name.as_str() < first.as_str()
        });
        if share > Percent::ZERO && is_larger {
            largest = Some((name, share));
        }
    }
    largest.map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_is_the_baseline_and_else_the_largest_share() {
        let none = None;
        let control = Some(Role::Control);
        let treatment = Some(Role::Treatment);
        type Deployments<'a> = &'a [(&'a str, Option<Role>)];
        let cases: [(Deployments<'_>, &str, Option<&str>); 9] = [
            (&[], "", None),
            (&[("blue", none), ("green", none)], "", None),
            (
                &[("blue", none), ("green", none)],
                "blue=90 green=10",
                Some("blue"),
            ),
            (
                &[("blue", none), ("green", none)],
                "blue=10 green=90",
                Some("green"),
            ),
            // Equal shares: the first by name, in whatever order they are given.
            (
                &[("green", none), ("blue", none)],
                "blue=50 green=50",
                Some("blue"),
            ),
            (
                &[("blue", none), ("green", control)],
                "blue=90 green=10",
                Some("green"),
            ),
            (
                &[("blue", none), ("green", control)],
                "blue=100",
                Some("green"),
            ),
            (
                &[("blue", treatment), ("green", none)],
                "blue=90 green=10",
                Some("green"),
            ),
            (
                &[("blue", treatment), ("green", treatment)],
                "blue=90 green=10",
                None,
            ),
        ];
        for (deployments, traffic, expected) in cases {
            let named: Vec<_> = deployments
                .iter()
                .map(|(name, role)| (DeploymentName::new(name).unwrap(), *role))
                .collect();
            let found = baseline(
                named.iter().map(|(name, role)| (name, *role)),
                &traffic.parse().unwrap(),
            );
            assert_eq!(
                found.map(DeploymentName::as_str),
                expected,
                "{deployments:?} {traffic}"
            );
        }
    }
}
