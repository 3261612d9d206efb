//! The calls of one request: what they may carry together, and their common end.
//!
//! A guest may hold on to a call beyond its request, since a sandbox serves many. So calls do not end with what the guest
//! holds: they look at this, which ends when the request does, however that happens.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Calls of one request that go on at once. More are refused: a guest that leaves answers unread has a socket open for each.
const AT_ONCE: u32 = 16;

/// The calls of one request. Dropped, it ends them.
#[derive(Debug)]
pub(crate) struct Calls(Arc<Shared>);

/// The same, for one of the calls. It counts as going on until it is dropped.
#[derive(Debug)]
pub(crate) struct Share(Arc<Shared>);

/// Counts what one direction of a call carries.
#[derive(Clone, Debug)]
pub(super) struct Carrier(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    over: CancellationToken,
    bytes_left: AtomicU64,
    exceeded: AtomicBool,
    going_on: AtomicU32,
}

impl Calls {
    /// Of a request whose calls may carry so many bytes.
    pub(crate) fn of(max_bytes: u64) -> Self {
        Self(Arc::new(Shared {
            over: CancellationToken::new(),
            bytes_left: AtomicU64::new(max_bytes),
            exceeded: AtomicBool::new(false),
            going_on: AtomicU32::new(0),
        }))
    }

    /// One more call; none if too many go on.
    pub(crate) fn share(&self) -> Option<Share> {
        let going_on = self.0.going_on.fetch_add(1, Ordering::Relaxed);
        let share = Share(Arc::clone(&self.0));
        // One too many is dropped, which takes it off the count.
        (going_on < AT_ONCE).then_some(share)
    }

    /// Whether they carried more than they may.
    pub(crate) fn have_exceeded(&self) -> bool {
        self.0.exceeded.load(Ordering::Acquire)
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.0.over.cancel();
    }
}

impl Share {
    /// Returns once the request has ended.
    ///
    /// # Cancel safety
    ///
    /// Safe: it owns nothing.
    pub(super) async fn over(&self) {
        self.0.over.cancelled().await;
    }

    pub(super) fn carrier(&self) -> Carrier {
        Carrier(Arc::clone(&self.0))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.0.going_on.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Carrier {
    /// Counts so many bytes; false if they are too many, which ends the request.
    pub(super) fn carry(&self, bytes: usize) -> bool {
        let taken = self
            .0
            .bytes_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes as u64)
            });
        if taken.is_err() {
            self.0.exceeded.store(true, Ordering::Release);
        }
        taken.is_ok()
    }

    /// Whether more was to be carried than may be.
    pub(super) fn has_exceeded(&self) -> bool {
        self.0.exceeded.load(Ordering::Acquire)
    }

    /// Ends once the request has.
    pub(super) fn over(&self) -> WaitForCancellationFutureOwned {
        self.0.over.clone().cancelled_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_may_carry_so_much_together() {
        for (first, second, fits) in [(9, 0, true), (9, 1, true), (9, 2, false), (0, 11, false)] {
            let calls = Calls::of(10);
            let (one, other) = (calls.share().unwrap(), calls.share().unwrap());
            assert!(one.carrier().carry(first));
            assert_eq!(other.carrier().carry(second), fits, "{first} + {second}");
            assert_eq!(calls.have_exceeded(), !fits);
        }
    }

    #[test]
    fn so_many_go_on_at_once_and_one_that_ends_makes_room() {
        let calls = Calls::of(1);
        let mut shares: Vec<_> = (0..AT_ONCE).map(|_| calls.share().unwrap()).collect();
        assert!(calls.share().is_none());
        assert!(calls.share().is_none());
        shares.pop();
        assert!(calls.share().is_some());
    }

    #[tokio::test]
    async fn they_end_with_their_request() {
        let calls = Calls::of(1);
        let share = calls.share().unwrap();
        let over = share.carrier().over();
        drop(calls);
        share.over().await;
        over.await;
    }
}
