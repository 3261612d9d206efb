//! Ends connections that have done nothing useful for too long.
//!
//! One warden a listener looks at all connections every second and judges from what has changed since: so limits
//! hold to within two seconds, and a request costs no timer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::activity::{Activity, Order, Phase, Snapshot};

/// How long a connection may stay in each phase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Longest that a head may take.
    pub(crate) head: Duration,
    /// Longest without a request.
    pub(crate) idle: Duration,
    /// Longest that the client may take no byte of an answer.
    pub(crate) write: Duration,
    /// Longest that we read what nobody wants, so that the client sees our last answer.
    pub(crate) close: Duration,
}

/// A connection as the warden remembers it.
#[derive(Debug)]
struct Watched {
    activity: Arc<Activity>,
    last: Snapshot,
    since: Instant,
}

impl Watched {
    /// Whether the connection has been in its phase for too long, at `now`.
    fn is_overdue(&mut self, now: Instant, patience: &Patience) -> bool {
        let snapshot = self.activity.snapshot();
        if snapshot != self.last {
            self.last = snapshot;
            self.since = now;
            return false;
        }
        let longest = match snapshot.phase {
            Phase::ReadingHead => patience.head,
            Phase::Idle if self.activity.is_ending() => patience.head,
            Phase::Idle => patience.idle,
            Phase::Working => return false,
            Phase::Writing => patience.write,
            Phase::Closing => patience.close,
        };
        now.duration_since(self.since) >= longest
    }

    fn end(&mut self, now: Instant) {
        let order = match self.last.phase {
            // A request may be arriving this very moment: hyper closes only if it is not.
            Phase::Idle if !self.activity.is_ending() => Order::Drain,
            Phase::Idle | Phase::ReadingHead | Phase::Working | Phase::Writing | Phase::Closing => {
                Order::Close
            }
        };
        self.activity.give(order);
        self.since = now;
    }
}

/// Looks after all connections of one listener. Dropping it closes them.
#[derive(Debug)]
pub(crate) struct Warden {
    patience: Patience,
    connections: Vec<Watched>,
}

impl Warden {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            connections: Vec::new(),
        }
    }

    /// Looks after one more connection.
    pub(crate) fn watch(&mut self, activity: Arc<Activity>, now: Instant) {
        let last = activity.snapshot();
        self.connections.push(Watched {
            activity,
            last,
            since: now,
        });
    }

    /// Ends what is overdue and forgets what is closed. Returns how many connections it ended.
    pub(crate) fn inspect(&mut self, now: Instant) -> usize {
        self.connections
            .retain(|watched| !watched.activity.is_closed());
        let mut ended = 0;
        for watched in &mut self.connections {
            if watched.is_overdue(now, &self.patience) {
                watched.end(now);
                ended += 1;
            }
        }
        ended
    }

    /// Lets every connection finish what runs, and close.
    pub(crate) fn drain(&self) {
        for watched in &self.connections {
            watched.activity.give(Order::Drain);
        }
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        for watched in &self.connections {
            watched.activity.give(Order::Close);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    struct Bench {
        warden: Warden,
        activity: Arc<Activity>,
        start: Instant,
    }

    fn bench() -> Bench {
        let mut warden = Warden::new(Patience {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            write: Duration::from_secs(30),
            close: Duration::from_secs(2),
        });
        let (activity, start) = (Arc::new(Activity::default()), Instant::now());
        warden.watch(Arc::clone(&activity), start);
        Bench {
            warden,
            activity,
            start,
        }
    }

    impl Bench {
        fn at(&mut self, second: u64) -> Order {
            self.warden
                .inspect(self.start + Duration::from_secs(second));
            self.activity.order(Waker::noop())
        }

        fn request(&self) {
            self.activity.read(100);
            drop(self.activity.begin());
            self.activity.wrote(100);
        }
    }

    #[test]
    fn a_client_that_never_completes_a_head_is_closed() {
        let mut bench = bench();
        for second in 0..10 {
            bench.activity.read(1);
            assert_eq!(bench.at(second), Order::None);
        }
        assert_eq!(bench.at(10), Order::Close);
    }

    #[test]
    fn so_is_one_that_begins_a_second_head() {
        let mut bench = bench();
        bench.request();
        assert_eq!(bench.at(1), Order::None);
        bench.activity.read(1);
        assert_eq!(bench.at(2), Order::None);
        assert_eq!(bench.at(11), Order::None);
        assert_eq!(bench.at(12), Order::Close);
    }

    #[test]
    fn an_idle_connection_is_drained_and_one_in_use_is_not() {
        let mut bench = bench();
        for second in 0..120 {
            bench.request();
            assert_eq!(bench.at(second), Order::None);
        }
        assert_eq!(bench.at(178), Order::None);
        assert_eq!(bench.at(179), Order::Drain);
        // It was told, and is still there.
        assert_eq!(bench.at(188), Order::Drain);
        assert_eq!(bench.at(189), Order::Close);
    }

    #[test]
    fn a_request_takes_as_long_as_its_own_deadlines_allow() {
        let mut bench = bench();
        let request = Arc::clone(&bench.activity);
        let presence = request.begin();
        assert_eq!(bench.at(1), Order::None);
        assert_eq!(bench.at(3_600), Order::None);
        drop(presence);
        assert_eq!(bench.at(3_601), Order::None);
    }

    #[test]
    fn a_client_that_reads_nothing_is_closed_and_a_slow_one_is_not() {
        let mut bench = bench();
        let request = Arc::clone(&bench.activity);
        let _presence = request.begin();
        for second in 0..100 {
            bench.activity.wrote(1);
            bench.activity.write_blocked();
            assert_eq!(bench.at(second), Order::None);
        }
        assert_eq!(bench.at(128), Order::None);
        assert_eq!(bench.at(129), Order::Close);
    }

    #[test]
    fn the_bytes_of_pings_are_no_head() {
        let mut bench = bench();
        bench.activity.multiplexed();
        bench.activity.read(33);
        for second in 0..60 {
            bench.activity.read(17);
            assert_eq!(bench.at(second), Order::None);
        }
        bench.activity.read(17);
        assert_eq!(bench.at(60), Order::Drain);
    }

    #[test]
    fn half_a_preface_is_one() {
        let mut bench = bench();
        bench.activity.multiplexed();
        bench.activity.read(32);
        assert_eq!(bench.at(0), Order::None);
        assert_eq!(bench.at(10), Order::Close);
    }

    #[test]
    fn lingering_ends_soon_and_closed_connections_are_forgotten() {
        let mut bench = bench();
        bench.activity.closing();
        assert_eq!(bench.at(1), Order::None);
        assert_eq!(bench.at(3), Order::Close);
        bench.activity.closed();
        bench.at(4);
        assert!(bench.warden.connections.is_empty());
    }

    #[test]
    fn a_drain_reaches_every_connection_and_so_does_the_end() {
        let bench = bench();
        bench.warden.drain();
        assert_eq!(bench.activity.order(Waker::noop()), Order::Drain);
        drop(bench.warden);
        assert_eq!(bench.activity.order(Waker::noop()), Order::Close);
    }
}
