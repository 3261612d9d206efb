//! How an endpoint's requests are shared out.
//!
//! The split is a pure function of a key, so every host with the same table makes the same choice and a sticky
//! client stays where it is. Ranges are laid out in the order of the deployments' names: between two
//! deployments, moving ten percent moves exactly ten percent of the keys. [`routes`] go before the split.

pub mod routes;

mod apportion;

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

pub use routes::{Carrier, InvalidRoute, Route};

use crate::{DeploymentName, InvalidName, InvalidPercent, Percent};

/// Largest share of the live traffic that may be mirrored, in percent.
pub const MAX_MIRROR_PERCENT: u8 = 50;

/// Where a request falls on a circle of 10,000 points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutingPoint(u16);

impl RoutingPoint {
    /// The point of `key` under `salt`: `xxh3(salt ‖ key) mod 10000`.
    pub fn of(salt: &[u8], key: &[u8]) -> Self {
        let mut hash = Xxh3::new();
        hash.update(salt);
        hash.update(key);
        Self::from_hash(hash.digest())
    }

    fn from_hash(hash: u64) -> Self {
        // 10,000 fits in 16 bits, so the remainder does.
        Self((hash % 10_000) as u16)
    }

    /// Whether the point lies in the first `share` of the circle.
    pub fn is_within(self, share: Percent) -> bool {
        self.is_among_first(u16::from(share.get()) * 100)
    }

    /// Whether the point is one of the first so many.
    pub fn is_among_first(self, points: u16) -> bool {
        self.0 < points
    }
}

/// The shares of an endpoint's deployments. They sum to 100, or to 0: traffic is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<DeploymentName, Percent>",
    into = "BTreeMap<DeploymentName, Percent>"
)]
pub struct TrafficSplit {
    shares: BTreeMap<DeploymentName, Percent>,
}

/// Where and how much of the live traffic is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mirror {
    /// The deployment that gets the copies.
    pub target: DeploymentName,
    /// The share of the live requests that is copied, at most [`MAX_MIRROR_PERCENT`].
    pub share: Percent,
}

/// Shares or a mirror that break the rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTraffic {
    /// Shares that sum to neither 0 nor 100.
    #[error(
        "traffic sums to {sum} percent ({shares}): shares must sum to 100, or to 0 to turn traffic off"
    )]
    Sum {
        /// What the shares sum to.
        sum: u32,
        /// The shares as given.
        shares: String,
    },
    /// A piece that is not `NAME=PERCENT`.
    #[error("{piece:?} is not a share: expected NAME=PERCENT, as in blue=90")]
    Piece {
        /// The piece.
        piece: String,
    },
    /// A deployment named twice.
    #[error("deployment {name} is named twice")]
    Twice {
        /// The deployment.
        name: DeploymentName,
    },
    /// More than one mirror target.
    #[error("{count} mirror targets given: an endpoint has at most one")]
    ManyMirrors {
        /// How many were given.
        count: usize,
    },
    /// A mirror share over the limit.
    #[error("mirror share {share} is over the limit of {MAX_MIRROR_PERCENT} percent")]
    MirrorShare {
        /// The share.
        share: Percent,
    },
    /// A deployment that would take live and mirrored traffic.
    #[error(
        "deployment {name} takes live traffic ({share} percent): it cannot be the mirror target too"
    )]
    LiveAndMirror {
        /// The deployment.
        name: DeploymentName,
        /// Its live share.
        share: Percent,
    },
    /// A share that is no percent.
    #[error(transparent)]
    Percent(#[from] InvalidPercent),
    /// A name that breaks the rule.
    #[error(transparent)]
    Name(#[from] InvalidName),
}

impl TrafficSplit {
    /// The split with these shares.
    ///
    /// # Errors
    ///
    /// [`InvalidTraffic::Sum`] unless they sum to 100 or 0.
    pub fn new(shares: BTreeMap<DeploymentName, Percent>) -> Result<Self, InvalidTraffic> {
        let sum = sum(&shares);
        if sum == 0 || sum == 100 {
            Ok(Self { shares })
        } else {
            Err(InvalidTraffic::Sum {
                sum,
                shares: written(&shares),
            })
        }
    }

    /// Everything to one deployment.
    pub fn all_to(name: DeploymentName) -> Self {
        Self {
            shares: BTreeMap::from([(name, Percent::ALL)]),
        }
    }

    /// The split in which `default` gets what `shares` leave of 100.
    ///
    /// # Errors
    ///
    /// [`InvalidTraffic::Sum`] if `shares` alone are over 100; [`InvalidTraffic::Twice`] if they name `default`.
    pub fn with_remainder(
        mut shares: BTreeMap<DeploymentName, Percent>,
        default: DeploymentName,
    ) -> Result<Self, InvalidTraffic> {
        if shares.contains_key(&default) {
            return Err(InvalidTraffic::Twice { name: default });
        }
        let sum = sum(&shares);
        match Percent::new(100 - i64::from(sum)) {
            Ok(rest) => {
                shares.insert(default, rest);
                Self::new(shares)
            }
            Err(_) => Err(InvalidTraffic::Sum {
                sum,
                shares: written(&shares),
            }),
        }
    }

    /// Each deployment's share, in the order of names.
    pub fn shares(&self) -> impl Iterator<Item = (&DeploymentName, Percent)> {
        self.shares.iter().map(|(name, share)| (name, *share))
    }

    /// The share of one deployment; zero if it is not named.
    pub fn share(&self, name: &DeploymentName) -> Percent {
        self.shares.get(name).copied().unwrap_or(Percent::ZERO)
    }

    /// Whether no deployment gets anything.
    pub fn is_off(&self) -> bool {
        self.shares.values().all(|share| *share == Percent::ZERO)
    }

    /// The deployment in whose range `point` lies; none if traffic is off.
    pub fn choose(&self, point: RoutingPoint) -> Option<&DeploymentName> {
        let mut end = 0;
        self.shares.iter().find_map(|(name, share)| {
            end += u16::from(share.get()) * 100;
            (point.0 < end).then_some(name)
        })
    }

    /// The split without a deployment that is going away.
    ///
    /// Its share is not handed to the others: if it had one, traffic is off afterwards.
    #[must_use]
    pub fn without(&self, name: &DeploymentName) -> Self {
        let mut shares = self.shares.clone();
        match shares.remove(name) {
            None | Some(Percent::ZERO) => Self { shares },
            Some(_) => Self::default(),
        }
    }
}

impl Mirror {
    /// The mirror that `shares` describe: one target with a share above 0, or none.
    ///
    /// # Errors
    ///
    /// [`InvalidTraffic::ManyMirrors`], [`InvalidTraffic::MirrorShare`], or
    /// [`InvalidTraffic::LiveAndMirror`] if the target takes a share of `traffic`.
    pub fn from_shares(
        shares: &BTreeMap<DeploymentName, Percent>,
        traffic: &TrafficSplit,
    ) -> Result<Option<Self>, InvalidTraffic> {
        let mut targets = shares.iter().filter(|(_, share)| **share > Percent::ZERO);
        let Some((target, share)) = targets.next() else {
            return Ok(None);
        };
        let more = targets.count();
        if more > 0 {
            return Err(InvalidTraffic::ManyMirrors { count: more + 1 });
        }
        if share.get() > MAX_MIRROR_PERCENT {
            return Err(InvalidTraffic::MirrorShare { share: *share });
        }
        let live = traffic.share(target);
        if live > Percent::ZERO {
            return Err(InvalidTraffic::LiveAndMirror {
                name: target.clone(),
                share: live,
            });
        }
        Ok(Some(Self {
            target: target.clone(),
            share: *share,
        }))
    }

    /// The one-entry map that users see.
    pub fn to_shares(&self) -> BTreeMap<DeploymentName, Percent> {
        BTreeMap::from([(self.target.clone(), self.share)])
    }
}

/// The shares written in `text`, as in `blue=90 green=10`; commas serve as blanks do.
///
/// # Errors
///
/// [`InvalidTraffic`] that quotes the piece which is wrong. The sum is not checked here.
pub fn parse_shares(text: &str) -> Result<BTreeMap<DeploymentName, Percent>, InvalidTraffic> {
    let mut shares = BTreeMap::new();
    for piece in text.split([' ', ',']).filter(|piece| !piece.is_empty()) {
        let malformed = || InvalidTraffic::Piece {
            piece: piece.to_owned(),
        };
        let (name, share) = piece.split_once('=').ok_or_else(malformed)?;
        let share = Percent::new(share.parse().map_err(|_| malformed())?)?;
        let name = DeploymentName::new(name)?;
        if shares.insert(name.clone(), share).is_some() {
            return Err(InvalidTraffic::Twice { name });
        }
    }
    Ok(shares)
}

fn sum(shares: &BTreeMap<DeploymentName, Percent>) -> u32 {
    shares.values().map(|share| u32::from(share.get())).sum()
}

fn written(shares: &BTreeMap<DeploymentName, Percent>) -> String {
    let pieces: Vec<_> = shares
        .iter()
        .map(|(name, share)| format!("{name}={share}"))
        .collect();
    pieces.join(" ")
}

impl fmt::Display for TrafficSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&written(&self.shares))
    }
}

impl FromStr for TrafficSplit {
    type Err = InvalidTraffic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(parse_shares(text)?)
    }
}

impl TryFrom<BTreeMap<DeploymentName, Percent>> for TrafficSplit {
    type Error = InvalidTraffic;

    fn try_from(shares: BTreeMap<DeploymentName, Percent>) -> Result<Self, Self::Error> {
        Self::new(shares)
    }
}

impl From<TrafficSplit> for BTreeMap<DeploymentName, Percent> {
    fn from(split: TrafficSplit) -> Self {
        split.shares
    }
}

#[cfg(test)]
mod tests;
