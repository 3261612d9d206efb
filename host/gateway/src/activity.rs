//! What a connection is doing: counts that the [warden](crate::warden) judges.
//!
//! The connection counts with plain stores and never asks for the time: a timer for each request would cost more
//! than routing it.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    task::Waker,
};

use futures_util::task::AtomicWaker;

/// What a client of HTTP/2 sends before anything else: 24 fixed bytes, and a frame that may be empty.
const HTTP2_PREFACE: u64 = 24 + 9;

/// What the warden wants of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// Go on.
    None = 0,
    /// Finish the requests that run, take no more, then close.
    Drain = 1,
    /// Close now.
    Close = 2,
}

/// The counts of one connection.
///
/// # Concurrency
///
/// The connection's task writes the bytes; its requests, which may run in other tasks, begin and end; the warden
/// reads and orders. No lock.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    requests: AtomicU64,
    in_flight: AtomicUsize,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    // What had been read when the last request ended: what comes after is the head of the next.
    bytes_in_at_end: AtomicU64,
    is_multiplexed: AtomicBool,
    is_write_blocked: AtomicBool,
    is_body_unread: AtomicBool,
    is_closing: AtomicBool,
    is_closed: AtomicBool,
    order: AtomicU8,
    waker: AtomicWaker,
}

/// A request on a connection. Dropping it ends the request.
#[derive(Debug)]
pub(crate) struct Presence<'a>(&'a Activity);

impl Activity {
    /// Marks the connection as HTTP/2.
    pub(crate) fn multiplexed(&self) {
        self.is_multiplexed.store(true, Ordering::Relaxed);
    }

    /// Counts a request in.
    pub(crate) fn begin(&self) -> Presence<'_> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.is_body_unread.store(false, Ordering::Relaxed);
        Presence(self)
    }

    /// Counts bytes that were read.
    pub(crate) fn read(&self, bytes: usize) {
        add(&self.bytes_in, bytes);
    }

    /// Counts bytes that were written.
    pub(crate) fn wrote(&self, bytes: usize) {
        add(&self.bytes_out, bytes);
        self.is_write_blocked.store(false, Ordering::Relaxed);
    }

    /// The socket takes no more bytes for now.
    pub(crate) fn write_blocked(&self) {
        self.is_write_blocked.store(true, Ordering::Relaxed);
    }

    /// Our side is closed.
    pub(crate) fn closing(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending what nobody will read.
    pub(crate) fn has_unread_input(&self) -> bool {
        self.is_body_unread.load(Ordering::Relaxed)
            || self.bytes_in.load(Ordering::Relaxed) > self.bytes_in_at_end.load(Ordering::Relaxed)
    }

    /// What the warden wants. `waker` is called when that changes.
    pub(crate) fn order(&self, waker: &Waker) -> Order {
        self.waker.register(waker);
        match self.order.load(Ordering::Acquire) {
            0 => Order::None,
            1 => Order::Drain,
            _ => Order::Close,
        }
    }

    /// The connection is gone.
    pub(crate) fn closed(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// Whether the connection is gone.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Whether the connection was told to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.order.load(Ordering::Relaxed) > Order::None as u8
    }

    /// Gives an order, unless a stricter one was given.
    pub(crate) fn give(&self, order: Order) {
        if self.order.fetch_max(order as u8, Ordering::AcqRel) < order as u8 {
            self.waker.wake();
        }
    }

    /// The counts of this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let bytes_in = self.bytes_in.load(Ordering::Relaxed);
        let phase = if self.is_closing.load(Ordering::Relaxed) {
            Phase::Closing
        } else if self.is_write_blocked.load(Ordering::Relaxed) {
            Phase::Writing
        } else if self.in_flight.load(Ordering::Relaxed) > 0 {
            Phase::Working
        } else if self.is_multiplexed.load(Ordering::Relaxed) {
            // Its pings are bytes too, so what comes after the preface tells nothing.
            if bytes_in < HTTP2_PREFACE {
                Phase::ReadingHead
            } else {
                Phase::Idle
            }
        } else if self.requests.load(Ordering::Relaxed) == 0
            || bytes_in > self.bytes_in_at_end.load(Ordering::Relaxed)
        {
            Phase::ReadingHead
        } else {
            Phase::Idle
        };
        Snapshot {
            phase,
            requests: self.requests.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
        }
    }
}

/// One task writes, so no read-modify-write is needed.
fn add(counter: &AtomicU64, bytes: usize) {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    let sum = counter.load(Ordering::Relaxed).wrapping_add(bytes);
    counter.store(sum, Ordering::Relaxed);
}

impl Presence<'_> {
    /// The request was refused before its body was read.
    pub(crate) fn leaves_body_unread(&self) {
        self.0.is_body_unread.store(true, Ordering::Relaxed);
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        let read = self.0.bytes_in.load(Ordering::Relaxed);
        self.0.bytes_in_at_end.store(read, Ordering::Relaxed);
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waiting for the rest of a head.
    ReadingHead,
    /// Waiting for a request.
    Idle,
    /// A request runs, whose own deadlines hold.
    Working,
    /// Waiting for the client to take bytes.
    Writing,
    /// Our side is closed.
    Closing,
}

/// The counts of one moment. Equal ones mean that nothing useful happened between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) phase: Phase,
    requests: u64,
    bytes_out: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_that_belongs_to_no_request_is_unread() {
        let activity = Activity::default();
        assert!(!activity.has_unread_input());
        activity.read(10);
        assert!(activity.has_unread_input());
        drop(activity.begin());
        assert!(!activity.has_unread_input());
        activity.begin().leaves_body_unread();
        assert!(activity.has_unread_input());
    }
}
