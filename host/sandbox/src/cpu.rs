//! Processor time of calls into guests and of native runs, for next to nothing.
//!
//! To ask the kernel for a thread's processor time takes a fifth of a microsecond, and it takes two questions: too much for a
//! call of one microsecond. What the wall clock says is at hand anyway, and is the same as long as the thread is not
//! interrupted, which happens to few calls that are so short. So a call is timed by the wall clock, until one was long: then
//! the next ones are timed by the thread's own clock. A call that was long by the wall clock alone was either work or an
//! interruption; it is charged what calls that long turn out to have worked when they are timed by the thread's clock.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

/// A stay on a processor above this is long: asking for the thread's time costs less than a hundredth of it, and an
/// interruption takes longer than this.
const LONG: Duration = Duration::from_micros(50);
/// How many stays are timed by the thread's clock after a long one. One of a kind that is long one time in so many is then
/// timed half of the time, which tells enough about the other half.
const WATCHED: u64 = 16;
/// What is known of long stays is halved when it comes to this many nanoseconds, so that it is never about a distant past.
const MEMORY: u64 = 10_000_000_000;

/// Processor time of the calling thread so far. A system call, unlike the time of day.
pub(crate) fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// Counts the processor time of one kind of work.
///
/// # Concurrency
///
/// One writer at a time, any number of readers, no lock. Whoever hands it to another writer also hands over what it counts for.
#[derive(Debug)]
pub(crate) struct CpuMeter {
    total_ns: AtomicU64,
    /// How many of the next stays are timed by the thread's clock.
    watched: AtomicU64,
    /// Of long stays that were timed by it: how long they took, and how much of that was work.
    long_wall_ns: AtomicU64,
    long_work_ns: AtomicU64,
}

/// The beginning of a stay on a processor: the thread's time then, if the stay is timed by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun(Option<Duration>);

/// How long something took, and what the processor worked meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spell {
    pub(crate) wall: Duration,
    pub(crate) work: Duration,
}

impl CpuMeter {
    /// Nothing counted yet, and nothing known.
    pub(crate) fn new() -> Self {
        Self {
            total_ns: AtomicU64::new(0),
            watched: AtomicU64::new(WATCHED),
            long_wall_ns: AtomicU64::new(0),
            long_work_ns: AtomicU64::new(0),
        }
    }

    /// All that was counted.
    pub(crate) fn total(&self) -> Duration {
        Duration::from_nanos(read(&self.total_ns))
    }

    /// A stay begins, on this thread.
    pub(crate) fn begin(&self) -> Begun {
        Begun((read(&self.watched) > 0).then(thread_time))
    }

    /// The stay ends that `begun` on this thread, `wall` ago. What of it is counted elsewhere is `other`. Returns its work.
    pub(crate) fn end(&self, begun: Begun, wall: Duration, other: Spell) -> Duration {
        let wall = wall.saturating_sub(other.wall);
        let timed = begun.0.map(|begun| {
            thread_time()
                .saturating_sub(begun)
                .saturating_sub(other.work)
        });
        self.charge(wall, timed)
    }

    /// Counts work that was timed by the clock of its thread.
    pub(crate) fn add(&self, work: Duration) {
        write(&self.total_ns, read(&self.total_ns) + nanoseconds(work));
    }

    fn charge(&self, wall: Duration, timed: Option<Duration>) -> Duration {
        let is_long = wall > LONG;
        if is_long {
            write(&self.watched, WATCHED);
        }
        let work = match timed {
            Some(work) => {
                if is_long {
                    self.learn(wall, work);
                } else {
                    write(&self.watched, read(&self.watched).saturating_sub(1));
                }
                work
            }
            None if is_long => self.guess(wall),
            None => wall,
        };
        self.add(work);
        work
    }

    fn learn(&self, wall: Duration, work: Duration) {
        let (mut walls, mut works) = (read(&self.long_wall_ns), read(&self.long_work_ns));
        if walls > MEMORY {
            (walls, works) = (walls / 2, works / 2);
        }
        write(&self.long_wall_ns, walls.saturating_add(nanoseconds(wall)));
        write(&self.long_work_ns, works.saturating_add(nanoseconds(work)));
    }

    /// The work of a long stay that only the wall clock has seen.
    fn guess(&self, wall: Duration) -> Duration {
        let (walls, works) = (read(&self.long_wall_ns), read(&self.long_work_ns));
        if walls == 0 {
            return LONG;
        }
        // Not above 1, but for the two clocks, which are read one after the other.
        let share = (works as f64 / walls as f64).min(1.0);
        wall.mul_f64(share)
    }
}

// One writer at a time: a plain load and a plain store do what a locked instruction would take ten times as long for.
fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn write(counter: &AtomicU64, value: u64) {
    counter.store(value, Ordering::Relaxed);
}

fn nanoseconds(duration: Duration) -> u64 {
    // Full after 584 years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

thread_local! {
    /// What of the guest's stay on this thread were native runs: they are counted apart.
    static NATIVE: Cell<Spell> = const { Cell::new(Spell { wall: Duration::ZERO, work: Duration::ZERO }) };
}

/// A native run took so much of the guest's stay on this thread.
pub(crate) fn native_ran(spell: Spell) {
    NATIVE.with(|native| {
        let before = native.get();
        native.set(Spell {
            wall: before.wall + spell.wall,
            work: before.work + spell.work,
        });
    });
}

/// What native runs took of this thread's time since the last call.
pub(crate) fn take_native() -> Spell {
    NATIVE.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_micros(10);
    const TICK: Duration = Duration::from_millis(4);

    fn us(us: u64) -> Duration {
        Duration::from_micros(us)
    }

    fn is_timed(meter: &CpuMeter) -> bool {
        meter.begin().0.is_some()
    }

    /// A meter that has seen enough short stays to trust the wall clock.
    fn calm() -> CpuMeter {
        let meter = CpuMeter::new();
        for _ in 0..WATCHED {
            assert!(is_timed(&meter));
            meter.charge(SHORT, Some(SHORT));
        }
        assert!(!is_timed(&meter));
        meter
    }

    #[test]
    fn a_short_stay_is_charged_what_it_took() {
        let meter = calm();
        let before = meter.total();
        for wall in [us(0), us(1), LONG] {
            assert_eq!(meter.charge(wall, None), wall);
            assert!(!is_timed(&meter), "{wall:?}");
        }
        assert_eq!(meter.total() - before, us(1) + LONG);
    }

    #[test]
    fn a_stay_above_the_limit_has_the_next_ones_timed() {
        let meter = calm();
        meter.charge(LONG + us(1), None);
        for _ in 0..WATCHED {
            assert!(is_timed(&meter));
            meter.charge(SHORT, Some(SHORT));
        }
        assert!(!is_timed(&meter));
    }

    #[test]
    fn a_stay_that_was_interrupted_is_not_charged_the_interruption() {
        // Nothing known: no more than the limit. Then: what such stays turned out to be.
        let meter = calm();
        assert_eq!(meter.charge(TICK, None), LONG);
        meter.charge(TICK, Some(SHORT));
        assert_eq!(meter.charge(TICK, None), SHORT);
    }

    #[test]
    fn a_long_stay_is_charged_in_full_if_such_stays_are_work() {
        let meter = calm();
        meter.charge(us(1_000), Some(us(1_000)));
        assert_eq!(meter.charge(us(3_000), None), us(3_000));
        // The thread's clock may run ahead of the wall by a reading.
        let ahead = calm();
        ahead.charge(us(1_000), Some(us(1_001)));
        assert_eq!(ahead.charge(us(3_000), None), us(3_000));
    }

    #[test]
    fn work_of_two_kinds_is_charged_within_a_few_percent() {
        // One call in a hundred is a millisecond, the others 5 us; one in 200 is interrupted for a tick. The order is that of
        // a multiplicative generator, so that no rhythm of the meter's own meets one of the load.
        let meter = CpuMeter::new();
        let (mut truth, mut random) = (Duration::ZERO, 1_u64);
        for _ in 0..200_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let dice = (random >> 33) % 1_000;
            let work = if dice < 10 { us(1_000) } else { us(5) };
            let wall = if dice % 200 == 199 { work + TICK } else { work };
            truth += work;
            let timed = is_timed(&meter).then_some(work);
            meter.charge(wall, timed);
        }
        let ratio = meter.total().as_secs_f64() / truth.as_secs_f64();
        assert!((0.95..1.05).contains(&ratio), "{ratio}");
    }

    #[test]
    fn what_is_known_of_long_stays_fades() {
        let meter = calm();
        let second = Duration::from_secs(1);
        for _ in 0..1_000 {
            meter.charge(second, Some(second));
        }
        for _ in 0..100 {
            meter.charge(second, Some(Duration::ZERO));
        }
        assert!(meter.charge(second, None) < second / 10);
    }

    #[test]
    fn what_is_counted_elsewhere_is_not_counted_here() {
        let meter = calm();
        let before = meter.total();
        let begun = meter.begin();
        native_ran(Spell {
            wall: us(600),
            work: us(500),
        });
        native_ran(Spell {
            wall: us(300),
            work: us(300),
        });
        let native = take_native();
        assert_eq!(
            native,
            Spell {
                wall: us(900),
                work: us(800)
            }
        );
        assert_eq!(meter.end(begun, us(920), native), us(20));
        assert_eq!(meter.total() - before, us(20));
        assert_eq!(take_native(), Spell::default());
    }

    #[test]
    fn a_timed_stay_is_charged_its_work_and_not_its_waiting() {
        let meter = CpuMeter::new();
        let begun = meter.begin();
        std::thread::park_timeout(Duration::from_millis(20));
        let work = meter.end(begun, Duration::from_millis(20), Spell::default());
        assert!(work < Duration::from_millis(20), "{work:?}");

        let begun = meter.begin();
        let before = thread_time();
        while thread_time() - before < Duration::from_millis(5) {}
        let work = meter.end(begun, Duration::from_secs(1), Spell::default());
        assert!(work >= Duration::from_millis(5), "{work:?}");
    }
}
