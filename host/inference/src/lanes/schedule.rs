//! Which model's run is next: the one whose model has had the least of the lanes' time.
//!
//! This is start-time fair queueing (Goyal, Vin, Cheng, 1996) over models: a model that wants more than its share gets what
//! the others leave, and one that comes seldom is next at once, however long the queue of the others is. Within a model
//! first come, first served. Time counts, not runs: a model of 2 ms beside one of 40 ms gets twenty runs for each.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// A model's queue, by its number.
pub(super) type Id = u64;

/// Which queue is next. `W` is what is to be done for a queue.
#[derive(Debug)]
pub(super) struct Schedule<W> {
    queues: HashMap<Id, Queue<W>>,
    /// The queues in which something waits, in the order in which they began to.
    waiting: Vec<Id>,
    /// The time that the last one chosen had had. Who was away comes back here, so that nobody saves up time.
    clock: Duration,
    next: Id,
}

#[derive(Debug)]
struct Queue<W> {
    work: W,
    /// Pieces of work that wait.
    tickets: usize,
    /// Lanes that work on it.
    running: usize,
    /// The most lanes that may.
    most: usize,
    /// The lanes' time that it has had.
    had: Duration,
    /// What waits may wait until then for more to come.
    patience: Option<Instant>,
}

/// What a free lane does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pick<W> {
    /// Do this.
    Run(W, Turn),
    /// Nothing before then.
    Until(Instant),
    /// Nothing.
    Rest,
}

/// One piece of work that a lane has been given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    id: Id,
    /// Other lanes that work on the same queue.
    pub(super) beside: usize,
    charged: Duration,
}

impl<W: Clone> Schedule<W> {
    pub(super) fn new() -> Self {
        Self {
            queues: HashMap::new(),
            waiting: Vec::new(),
            clock: Duration::ZERO,
            next: 0,
        }
    }

    /// A new queue, of which `most` pieces are worked on at once.
    pub(super) fn open(&mut self, work: W, most: usize) -> Id {
        let id = self.next;
        self.next += 1;
        let queue = Queue {
            work,
            tickets: 0,
            running: 0,
            most,
            had: self.clock,
            patience: None,
        };
        self.queues.insert(id, queue);
        id
    }

    pub(super) fn close(&mut self, id: Id) {
        self.queues.remove(&id);
        self.waiting.retain(|waiting| *waiting != id);
    }

    /// One more piece waits.
    pub(super) fn submit(&mut self, id: Id) {
        let clock = self.clock;
        if let Some(queue) = self.queues.get_mut(&id) {
            if queue.tickets == 0 {
                self.waiting.push(id);
                if queue.running == 0 {
                    queue.had = queue.had.max(clock);
                }
            }
            queue.tickets += 1;
        }
    }

    /// One piece less waits: nobody wants it any more.
    pub(super) fn withdraw(&mut self, id: Id) {
        if let Some(queue) = self.queues.get_mut(&id)
            && queue.tickets > 0
        {
            queue.tickets -= 1;
            if queue.tickets == 0 {
                self.waiting.retain(|waiting| *waiting != id);
            }
        }
    }

    /// What waits has no reason to wait for more.
    pub(super) fn hurry(&mut self, id: Id) {
        if let Some(queue) = self.queues.get_mut(&id) {
            queue.patience = None;
        }
    }

    /// What a lane that is free at `now` does. `expected` says what a run for a queue may take.
    pub(super) fn pick(&mut self, now: Instant, expected: impl Fn(&W) -> Duration) -> Pick<W> {
        let mut until: Option<Instant> = None;
        let mut best: Option<(usize, Duration)> = None;
        for (position, id) in self.waiting.iter().enumerate() {
            let Some(queue) = self.queues.get(id) else {
                continue;
            };
            match queue.patience.filter(|patience| *patience > now) {
                Some(patience) => until = Some(until.map_or(patience, |until| until.min(patience))),
                None if queue.running >= queue.most => {}
                None if best.is_some_and(|(_, had)| had <= queue.had) => {}
                None => best = Some((position, queue.had)),
            }
        }
        let Some((position, had)) = best else {
            return until.map_or(Pick::Rest, Pick::Until);
        };
        let id = self.waiting[position];
        self.clock = self.clock.max(had);
        match self.queues.get_mut(&id) {
            Some(queue) => {
                queue.tickets -= 1;
                if queue.tickets == 0 {
                    self.waiting.remove(position);
                }
                let beside = queue.running;
                queue.running += 1;
                // Charged ahead, so that two lanes that are free at once do not both take the same queue's work.
                let charged = expected(&queue.work);
                queue.had += charged;
                let turn = Turn {
                    id,
                    beside,
                    charged,
                };
                Pick::Run(queue.work.clone(), turn)
            }
            None => Pick::Rest,
        }
    }

    /// The turn ended after `took`.
    pub(super) fn end(&mut self, turn: Turn, took: Duration) {
        if let Some(queue) = self.queues.get_mut(&turn.id) {
            queue.running -= 1;
            queue.had = (queue.had + took).saturating_sub(turn.charged);
            if queue.running == 0 {
                // Nobody is left to wait for.
                queue.patience = None;
            }
        }
    }

    /// The turn ended without work: what waits would rather wait for more until `patience`.
    pub(super) fn put_back(&mut self, turn: Turn, patience: Instant) {
        let Some(queue) = self.queues.get_mut(&turn.id) else {
            return;
        };
        queue.running -= 1;
        queue.had = queue.had.saturating_sub(turn.charged);
        if queue.running > 0 {
            queue.patience = Some(patience);
        }
        if queue.tickets == 0 {
            self.waiting.push(turn.id);
        }
        queue.tickets += 1;
    }

    /// Pieces of work that wait.
    pub(super) fn waiting(&self) -> usize {
        self.queues.values().map(|queue| queue.tickets).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    type Names = Schedule<&'static str>;

    /// What a run of each takes.
    fn cost(name: &&'static str) -> Duration {
        match *name {
            "slow" => 40 * MS,
            "quick" => 2 * MS,
            _ => MS,
        }
    }

    fn pick(schedule: &mut Names, now: Instant) -> (&'static str, Turn) {
        match schedule.pick(now, cost) {
            Pick::Run(name, turn) => (name, turn),
            other => panic!("{other:?}"),
        }
    }

    /// Lets one lane work `turns` times, each queue refilled as it empties; returns the runs of each.
    fn saturate(schedule: &mut Names, ids: &[Id], turns: usize) -> HashMap<&'static str, u32> {
        let now = Instant::now();
        let mut runs = HashMap::new();
        for id in ids {
            schedule.submit(*id);
            schedule.submit(*id);
        }
        for _ in 0..turns {
            let (name, turn) = pick(schedule, now);
            *runs.entry(name).or_default() += 1;
            schedule.end(turn, cost(&name));
            schedule.submit(turn.id);
        }
        runs
    }

    #[test]
    fn models_that_want_everything_get_equal_time() {
        let mut schedule = Names::new();
        let ids = ["slow", "quick"].map(|name| schedule.open(name, usize::MAX));
        let runs = saturate(&mut schedule, &ids, 2_100);
        assert!(
            (1_990..=2_010).contains(&runs["quick"]),
            "20 quick runs for a slow one: {runs:?}"
        );
    }

    #[test]
    fn whoever_comes_seldom_is_next_and_nobody_saves_up_time() {
        let now = Instant::now();
        let mut schedule = Names::new();
        let (slow, quick) = (schedule.open("slow", 9), schedule.open("quick", 9));
        for _ in 0..100 {
            schedule.submit(slow);
        }
        for _ in 0..50 {
            let (_, turn) = pick(&mut schedule, now);
            schedule.end(turn, 40 * MS);
        }
        // Two seconds behind, it is next, and not for the two seconds that it did not ask for.
        for _ in 0..100 {
            schedule.submit(quick);
        }
        let order: Vec<_> = (0..42)
            .map(|_| {
                let (name, turn) = pick(&mut schedule, now);
                schedule.end(turn, cost(&name));
                name
            })
            .collect();
        assert_eq!(order[0], "quick");
        let slow_ones = order.iter().filter(|name| **name == "slow").count();
        assert!((1..=3).contains(&slow_ones), "{order:?}");
    }

    #[test]
    fn two_free_lanes_take_the_work_of_two_models() {
        let now = Instant::now();
        let mut schedule = Names::new();
        for name in ["slow", "quick"] {
            let id = schedule.open(name, 9);
            schedule.submit(id);
            schedule.submit(id);
        }
        let first = pick(&mut schedule, now);
        let second = pick(&mut schedule, now);
        assert_eq!((first.0, second.0), ("slow", "quick"));
    }

    #[test]
    fn a_queue_has_no_more_lanes_than_it_may() {
        let now = Instant::now();
        let mut schedule = Names::new();
        let id = schedule.open("slow", 1);
        schedule.submit(id);
        schedule.submit(id);
        let (_, turn) = pick(&mut schedule, now);
        assert_eq!(schedule.pick(now, cost), Pick::Rest);
        schedule.end(turn, MS);
        assert_eq!(pick(&mut schedule, now).1.beside, 0);
        assert_eq!(schedule.waiting(), 0);
    }

    #[test]
    fn patience_ends_in_time_when_hurried_and_when_nobody_is_left_to_wait_for() {
        let now = Instant::now();
        let mut schedule = Names::new();
        let id = schedule.open("m", 9);
        for _ in 0..5 {
            schedule.submit(id);
        }
        let (_, other) = pick(&mut schedule, now);
        let put_back = |schedule: &mut Names| {
            let (_, turn) = pick(schedule, now);
            assert_eq!(turn.beside, 1);
            schedule.put_back(turn, now + MS);
            assert_eq!(schedule.pick(now, cost), Pick::Until(now + MS));
        };
        put_back(&mut schedule);
        let (_, in_time) = pick(&mut schedule, now + MS);
        schedule.end(in_time, MS);

        schedule.hurry(id);
        put_back(&mut schedule);
        schedule.hurry(id);
        let (_, hurried) = pick(&mut schedule, now);
        schedule.end(hurried, MS);

        put_back(&mut schedule);
        schedule.end(other, MS);
        assert_eq!(pick(&mut schedule, now).1.beside, 0);
    }

    #[test]
    fn what_is_withdrawn_is_not_chosen() {
        let now = Instant::now();
        let mut schedule = Names::new();
        let id = schedule.open("m", 9);
        schedule.submit(id);
        schedule.submit(id);
        schedule.withdraw(id);
        assert_eq!(schedule.waiting(), 1);
        let (_, turn) = pick(&mut schedule, now);
        schedule.end(turn, MS);
        schedule.withdraw(id);
        assert_eq!(schedule.pick(now, cost), Pick::Rest);
    }

    #[test]
    fn a_closed_queue_is_forgotten_even_while_its_work_is_done() {
        let now = Instant::now();
        let mut schedule = Names::new();
        let id = schedule.open("m", 9);
        schedule.submit(id);
        schedule.submit(id);
        let (_, turn) = pick(&mut schedule, now);
        schedule.close(id);
        schedule.end(turn, MS);
        schedule.submit(id);
        assert_eq!(schedule.pick(now, cost), Pick::Rest);
        assert_eq!(schedule.waiting(), 0);
    }
}
