//! What a deployment did between two readings of its counters.

use mlwasm_routing::{DeploymentMeters, Outcome};
use mlwasm_types::rollout::Measured;

use super::statistics::{Share, percentile};

/// The counters of a deployment at one moment.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    outcomes: [u64; Outcome::ALL.len()],
    latencies: Vec<u32>,
}

/// What was counted between two readings.
///
/// Counted are the requests that clients sent, also those that name the deployment; copies are not.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Requests that ended by the deployment's doing.
    pub(super) requests: u64,
    /// Those among them that it failed.
    pub(super) errors: u64,
    /// Requests that found no room.
    pub(super) overloaded: u64,
    /// Good answers by their duration, in the buckets of the meters.
    pub(super) latencies: Vec<u32>,
}

impl Reading {
    /// The counters as they are now. The first reading begins to count fine latencies.
    pub(super) fn of(meters: &DeploymentMeters) -> Self {
        Self {
            outcomes: Outcome::ALL.map(|outcome| meters.durations(outcome).count()),
            latencies: meters.latencies().read(),
        }
    }

    /// What was counted since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Window {
        let mut window = Window {
            latencies: self
                .latencies
                .iter()
                .zip(&earlier.latencies)
                .map(|(now, then)| now.wrapping_sub(*then))
                .collect(),
            ..Window::default()
        };
        for outcome in Outcome::ALL {
            let index = outcome as usize;
            let count = self.outcomes[index].saturating_sub(earlier.outcomes[index]);
            match blame(outcome) {
                Blame::Nobody => window.requests += count,
                Blame::Deployment => {
                    window.requests += count;
                    window.errors += count;
                }
                Blame::Load => window.overloaded += count,
                Blame::Client => {}
            }
        }
        window
    }
}

/// Whose doing it is that a request ended so.
enum Blame {
    /// It ended well, or the scorer refused it as it should.
    Nobody,
    /// It failed.
    Deployment,
    /// It found no room. Compared by itself: at a share of 5 % the baseline is the one that is full, and its refusals must not
    /// make room for the candidate's errors.
    Load,
    /// The client went away.
    Client,
}

/// A client that sends its body too slowly gets 408 as well, and counts as a failure here. It meets both deployments alike, so
/// their difference does not show it.
fn blame(outcome: Outcome) -> Blame {
    match outcome {
        Outcome::Ok | Outcome::Refused => Blame::Nobody,
        Outcome::ScorerError
        | Outcome::ScorerFault
        | Outcome::Timeout
        // Not a matter of load: no sandbox is alive.
        | Outcome::Unavailable
        | Outcome::HostError => Blame::Deployment,
        Outcome::Overloaded => Blame::Load,
        Outcome::Cancelled => Blame::Client,
    }
}

impl Window {
    /// The errors.
    pub(super) fn failed(&self) -> Share {
        Share {
            some: self.errors,
            of: self.requests,
        }
    }

    /// The requests that found no room.
    pub(super) fn turned_away(&self) -> Share {
        Share {
            some: self.overloaded,
            of: self.requests + self.overloaded,
        }
    }

    /// The numbers for people.
    pub(super) fn measured(&self) -> Measured {
        // What is asked of the bounds does not matter here.
        let p99 = percentile(&self.latencies, 0.5);
        Measured {
            requests: self.requests,
            errors: self.errors,
            overloaded: self.overloaded,
            p99_ms: p99.map(|p99| (p99.value / 1_000.0).round() / 1_000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_end_of_a_request_is_blamed_on_the_right_one() {
        for (outcome, requests, errors, overloaded) in [
            (Outcome::Ok, 1, 0, 0),
            (Outcome::Refused, 1, 0, 0),
            (Outcome::ScorerError, 1, 1, 0),
            (Outcome::ScorerFault, 1, 1, 0),
            (Outcome::Timeout, 1, 1, 0),
            (Outcome::Unavailable, 1, 1, 0),
            (Outcome::HostError, 1, 1, 0),
            (Outcome::Overloaded, 0, 0, 1),
            (Outcome::Cancelled, 0, 0, 0),
        ] {
            let meters = DeploymentMeters::new();
            meters.finished(outcome, Duration::ZERO);
            let before = Reading::of(&meters);
            meters.finished(outcome, Duration::ZERO);
            let window = Reading::of(&meters).since(&before);
            assert_eq!(
                (window.requests, window.errors, window.overloaded),
                (requests, errors, overloaded),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn a_window_has_the_durations_of_its_own_good_answers() {
        let meters = DeploymentMeters::new();
        let before = Reading::of(&meters);
        meters.finished(Outcome::Ok, Duration::from_millis(10));
        let between = Reading::of(&meters);
        meters.finished(Outcome::Ok, Duration::from_millis(80));
        let after = Reading::of(&meters);

        let p99 = |window: Window| window.measured().p99_ms.unwrap();
        assert!((p99(between.since(&before)) - 10.0).abs() < 0.3);
        assert!((p99(after.since(&between)) - 80.0).abs() < 2.4);
        assert_eq!(after.since(&after).measured().p99_ms, None);
    }
}
