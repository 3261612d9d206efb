//! Clients that never stop asking, and the judgement of each answer.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    ops::RangeInclusive,
};

use futures_util::future::join_all;
use mlwasm_harness::{Platform, eventually};

/// What the clients saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How often each version answered.
    pub(super) versions: BTreeMap<u64, u64>,
    /// Each answer that should not have been, in words.
    pub(super) failures: Vec<String>,
}

/// What one answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is of a version that may answer at its time.
    Fine(u64),
    /// It is none that any client should get.
    Wrong,
}

/// Clients on connections of their own. All on the test's one thread: what is noted before a request is sent is true
/// when it is sent.
pub(super) struct Load {
    acknowledged: Cell<u64>,
    begun: Cell<u64>,
    answers: Cell<u64>,
    is_stopped: Cell<bool>,
    seen: RefCell<Seen>,
}

/// A request that is sent after `floor` was acknowledged, and answered before anything beyond `ceiling` was begun, is
/// answered by a version from `floor` to `ceiling`.
pub(super) fn judge(allowed: RangeInclusive<u64>, status: u16, text: &str) -> Verdict {
    match text.parse() {
        Ok(version) if status == 200 && allowed.contains(&version) => Verdict::Fine(version),
        Ok(_) | Err(_) => Verdict::Wrong,
    }
}

impl Load {
    /// Clients of a deployment that serves this version.
    pub(super) fn new(version: u64) -> Self {
        Self {
            acknowledged: Cell::new(version),
            begun: Cell::new(version),
            answers: Cell::new(0),
            is_stopped: Cell::new(false),
            seen: RefCell::default(),
        }
    }

    /// From now on `version` may answer.
    pub(super) fn begin(&self, version: u64) {
        self.begun.set(version);
    }

    /// From now on nothing older than `version` may.
    pub(super) fn acknowledge(&self, version: u64) {
        self.acknowledged.set(version);
    }

    /// Waits until `count` more answers have come.
    pub(super) async fn answered(&self, count: u64) {
        let enough = self.answers.get() + count;
        eventually("the load goes on", async || {
            (self.answers.get() >= enough).then_some(())
        })
        .await;
    }

    /// Has every client end after its present request.
    pub(super) fn stop(&self) {
        self.is_stopped.set(true);
    }

    /// What all clients saw.
    pub(super) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Runs the clients until they are stopped.
    pub(super) async fn run(&self, platform: &Platform, connections: u32) {
        join_all((0..connections).map(|_| self.ask(platform))).await;
    }

    async fn ask(&self, platform: &Platform) {
        while !self.is_stopped.get() {
            let call = platform.scoring("e").await;
            let floor = self.acknowledged.get();
            let answer = call.try_send().await;
            let allowed = floor..=self.begun.get();
            let (status, text) = match &answer {
                Ok(answer) => (answer.status(), answer.text()),
                Err(error) => (0, format!("{error:?}")),
            };
            let mut seen = self.seen.borrow_mut();
            match judge(allowed.clone(), status, &text) {
                Verdict::Fine(version) => *seen.versions.entry(version).or_insert(0) += 1,
                Verdict::Wrong => seen
                    .failures
                    .push(format!("{status} {text:?} when {allowed:?} may answer")),
            }
            self.answers.set(self.answers.get() + 1);
        }
    }
}
