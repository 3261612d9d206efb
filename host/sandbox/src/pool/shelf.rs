//! Where the sandboxes of a pool are: on the shelf, lent, used up, or still to be made.
//!
//! Only moves and sums, all under the pool's one lock. What is missing is never stored but follows from the rest, so that
//! the books can not disagree: a sandbox that is lost on any way is missing from then on, and made again.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::PoolLoad;
use crate::{lease::SandboxLease, sandbox::Sandbox};

/// See the module.
pub(super) struct Shelf {
    /// How many sandboxes there should be. At 0, one is made for every request that finds none.
    target: usize,
    /// How many there may be.
    most: usize,
    /// The last one was used last.
    idle: Vec<Sandbox>,
    /// Who waits for a sandbox, first come first. Nobody does while one is idle.
    waiting: VecDeque<oneshot::Sender<SandboxLease>>,
    busy: usize,
    /// Used up or not wanted any more, and not dropped yet.
    spent: Vec<Sandbox>,
    /// Sandboxes on the shelf or lent that have outlived their time: their successors are missing.
    worn: usize,
    making: usize,
    /// Tasks that make and drop sandboxes.
    makers: usize,
    /// A sandbox could not be made, and the pause before the next try goes on.
    is_pausing: bool,
    /// The server has no room for a successor beside the worn sandbox that it is for.
    is_cramped: bool,
    /// The most requests that were here at once, since somebody asked.
    peak: usize,
    /// The fewest idle sandboxes since somebody asked: so many were not needed.
    unneeded: usize,
    /// Somebody watches for sandboxes that are idle at a target of 0.
    is_watched: bool,
}

/// What a maker is to do next.
pub(super) struct Job {
    /// Drop this, first: what is made next may need the room.
    pub(super) spent: Option<Sandbox>,
    /// Make one. It counts as being made from now on.
    pub(super) make: bool,
}

/// Where a sandbox went that was taken back.
pub(super) enum TakenBack {
    /// On the shelf.
    Idle,
    /// On the shelf, at a target of 0, and nobody watches for how long: the caller has to see to it.
    IdleUnwatched,
    /// It is one too many. A maker has to drop it.
    Spent,
    /// Nowhere: this waiter gets it from the caller.
    Owed(Sandbox, oneshot::Sender<SandboxLease>),
}

impl Shelf {
    /// A shelf with these sandboxes, as many as there should be.
    pub(super) fn new(idle: Vec<Sandbox>, most: usize) -> Self {
        Self {
            target: idle.len(),
            most: most.max(idle.len()).max(1),
            idle,
            waiting: VecDeque::new(),
            busy: 0,
            spent: Vec::new(),
            worn: 0,
            making: 0,
            makers: 0,
            is_pausing: false,
            is_cramped: false,
            peak: 0,
            unneeded: 0,
            is_watched: false,
        }
    }

    /// Lends the sandbox that was used last.
    pub(super) fn lend(&mut self) -> Option<Sandbox> {
        let sandbox = self.idle.pop()?;
        self.busy += 1;
        self.peak = self.peak.max(self.busy);
        self.unneeded = self.unneeded.min(self.idle.len());
        Some(sandbox)
    }

    /// Joins the queue; none if there is nothing to wait for.
    pub(super) fn queue(&mut self) -> Option<oneshot::Receiver<SandboxLease>> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.push_back(sender);
        if self.is_dead() {
            self.waiting.pop_back();
            return None;
        }
        self.peak = self.peak.max(self.busy + self.waiting.len());
        Some(receiver)
    }

    /// Takes those out of the queue who have left it.
    pub(super) fn forget_the_gone(&mut self) {
        self.waiting.retain(|waiter| !waiter.is_closed());
    }

    /// Takes back a sandbox that was lent and may be lent again.
    pub(super) fn take_back(&mut self, sandbox: Sandbox) -> TakenBack {
        if self.is_one_too_many(&sandbox) {
            self.spend(sandbox);
            return TakenBack::Spent;
        }
        if let Some(waiter) = self.waiting.pop_front() {
            return TakenBack::Owed(sandbox, waiter);
        }
        self.busy -= 1;
        if sandbox.wear.is_worn() {
            // Whoever can be served by another is.
            self.idle.insert(0, sandbox);
        } else {
            self.idle.push(sandbox);
        }
        if self.target > 0 || self.is_watched {
            return TakenBack::Idle;
        }
        self.is_watched = true;
        // Nothing has been idle for a whole turn yet.
        self.unneeded = 0;
        TakenBack::IdleUnwatched
    }

    /// Takes a sandbox that was lent and is not to be lent again.
    pub(super) fn spend(&mut self, sandbox: Sandbox) {
        self.busy -= 1;
        self.lose_worn(usize::from(sandbox.wear.is_worn()));
        self.spent.push(sandbox);
    }

    /// A sandbox that is lent is worn from now on.
    pub(super) fn wear_out(&mut self) {
        self.worn += 1;
    }

    /// From now on there should be `target` sandboxes. Whatever is idle and too much is spent.
    pub(super) fn resize(&mut self, target: usize) {
        let target = target.min(self.most);
        if target == self.target {
            return;
        }
        self.target = target;
        let surplus = self.live().saturating_sub(target);
        self.spend_oldest(surplus);
    }

    /// Spends what has been idle since the last call, if there should be none. Whether it is worth to call again.
    pub(super) fn spend_unneeded(&mut self) -> bool {
        if self.target == 0 {
            self.spend_oldest(self.unneeded);
        }
        self.unneeded = self.idle.len();
        self.is_watched = self.target == 0 && self.live() > 0;
        self.is_watched
    }

    /// How many more makers there should be, if at most `most` may be at it. They count from now on.
    pub(super) fn call_makers(&mut self, most: usize) -> usize {
        let jobs = self.spent.len().max(self.makeable());
        let more = jobs.min(most).saturating_sub(self.makers);
        self.makers += more;
        more
    }

    /// A maker's next job. If there is none, the maker counts no longer.
    pub(super) fn next_job(&mut self) -> Option<Job> {
        let job = Job {
            spent: self.spent.pop(),
            make: self.makeable() > 0,
        };
        if job.make {
            self.making += 1;
        }
        let is_any = job.make || job.spent.is_some();
        if !is_any {
            self.makers -= 1;
        }
        is_any.then_some(job)
    }

    /// A maker has ended before its work has.
    pub(super) fn lose_maker(&mut self) {
        self.makers -= 1;
    }

    /// A sandbox is made; it counts as lent until it is put down.
    pub(super) fn made(&mut self) {
        self.making -= 1;
        self.busy += 1;
        if self.live() > self.target {
            self.spend_worn();
        }
    }

    /// A sandbox could not be made for want of room. Whether a worn one gives way to it, now or when it comes back.
    pub(super) fn give_way(&mut self) -> bool {
        if self.worn == 0 {
            return false;
        }
        self.making -= 1;
        self.is_cramped = !self.spend_worn();
        true
    }

    /// A sandbox could not be made. Until [`Shelf::resume`] none is tried, and those get an end who have nothing to wait for.
    pub(super) fn pause(&mut self) -> VecDeque<oneshot::Sender<SandboxLease>> {
        self.is_pausing = true;
        self.unmade()
    }

    /// The making of a sandbox was given up.
    pub(super) fn unmade(&mut self) -> VecDeque<oneshot::Sender<SandboxLease>> {
        self.making -= 1;
        if self.is_dead() {
            std::mem::take(&mut self.waiting)
        } else {
            VecDeque::new()
        }
    }

    /// Whether the pause after a failure goes on.
    pub(super) fn is_pausing(&self) -> bool {
        self.is_pausing
    }

    /// The pause is over.
    pub(super) fn resume(&mut self) {
        self.is_pausing = false;
    }

    /// What is here now.
    pub(super) fn load(&self) -> PoolLoad {
        PoolLoad {
            target: self.target,
            idle: self.idle.len(),
            busy: self.busy,
            waiting: self.waiting.len(),
            refilling: self.missing() + self.making,
        }
    }

    /// The most requests that were here at once since the last call.
    pub(super) fn take_peak(&mut self) -> usize {
        let now = self.busy + self.waiting.len();
        std::mem::replace(&mut self.peak, now).max(now)
    }

    /// Whether there is nothing to wait for.
    pub(super) fn is_dead(&self) -> bool {
        self.live() + self.making + self.makeable() == 0
    }

    fn live(&self) -> usize {
        self.idle.len() + self.busy
    }

    /// Whether a sandbox that comes back is not wanted.
    fn is_one_too_many(&self, sandbox: &Sandbox) -> bool {
        if sandbox.wear.is_worn() {
            self.target == 0 || self.is_cramped || self.live() > self.target
        } else if self.target == 0 {
            self.live() > self.most
        } else {
            self.live() - self.worn > self.target
        }
    }

    /// Sandboxes that nobody is making yet.
    fn missing(&self) -> usize {
        let wanted = if self.target == 0 {
            // One for each request that has none.
            self.waiting
                .len()
                .min(self.most.saturating_sub(self.live()))
        } else {
            self.target.saturating_sub(self.live() - self.worn)
        };
        wanted.saturating_sub(self.making)
    }

    /// Those of them that can be made now.
    fn makeable(&self) -> usize {
        if self.is_pausing || self.is_cramped {
            0
        } else {
            self.missing()
        }
    }

    fn spend_oldest(&mut self, count: usize) {
        let count = count.min(self.idle.len());
        let worn = self.idle[..count]
            .iter()
            .filter(|sandbox| sandbox.wear.is_worn())
            .count();
        self.lose_worn(worn);
        self.spent.extend(self.idle.drain(..count));
    }

    /// Spends a worn sandbox that is idle. Whether there was one.
    fn spend_worn(&mut self) -> bool {
        // They are the first.
        let is_worn = self.idle.first().is_some_and(|first| first.wear.is_worn());
        if is_worn {
            self.spend_oldest(1);
        }
        is_worn
    }

    fn lose_worn(&mut self, count: usize) {
        if count > 0 {
            self.worn -= count;
            self.is_cramped = false;
        }
    }
}
