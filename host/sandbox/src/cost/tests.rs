use std::{
    future::{pending, ready},
    pin::pin,
    task::Poll,
};

use super::*;

const MIB: usize = 1 << 20;

fn work(duration: Duration) {
    let begun = cpu::thread_time();
    while cpu::thread_time() - begun < duration {}
}

#[test]
fn memory_is_bytes_times_the_time_they_were_held() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut memory = MemoryAccount {
        bytes: 0,
        since: start,
        byte_nanoseconds: 0,
    };
    let mib = MIB as u64;
    // (at, more, less, MiB-seconds until then)
    for (now, more, less, expected) in [
        (5, 2 * mib, 0, 0.0),
        (8, 4 * mib, 2 * mib, 6.0),
        // Another thread's clock was read before and comes after.
        (7, mib, 0, 6.0),
        (10, 0, 5 * mib, 16.0),
        (100, 0, 0, 16.0),
    ] {
        memory.hold(at(now), more, less);
        assert!((memory.mib_seconds() - expected).abs() < 1e-9, "{now}");
    }
}

#[test]
fn a_sandbox_s_memory_counts_from_its_beginning_to_its_end() {
    let meter = CostMeter::new();
    let begun = Instant::now();
    let mut tally = meter.open();
    tally.hold(64 * MIB);
    std::thread::park_timeout(Duration::from_millis(20));
    let held = meter.total().mib_seconds;
    drop(tally);
    let at_end = meter.total().mib_seconds;
    let most = 64.0 * begun.elapsed().as_secs_f64();
    std::thread::park_timeout(Duration::from_millis(20));

    assert!(
        0.0 < held && held <= at_end && at_end <= most,
        "{held} {at_end} {most}"
    );
    assert!((meter.total().mib_seconds - at_end).abs() < 1e-9);
}

#[test]
fn requests_of_all_sandboxes_add_up_and_outlive_them() {
    let meter = CostMeter::new();
    let (one, two) = (meter.open(), meter.open());
    one.requests(1, 10, 1);
    two.requests(1, 20, 2);
    drop(one);
    let next = meter.open();
    next.requests(1, 30, 3);

    let total = meter.total();
    assert_eq!(
        (total.requests, total.request_bytes, total.response_bytes),
        (3, 60, 6)
    );
    assert_eq!(lock(&meter.account).pages.len(), 2);
}

#[tokio::test]
async fn a_call_that_ends_at_once_is_charged_to_its_end() {
    let meter = CostMeter::new();
    let mut tally = meter.open();
    let begun = Instant::now();
    tally.begin(begun);
    tally
        .counted(pin!(async { work(Duration::from_millis(2)) }))
        .await;
    tally.end(Instant::now());
    let charged = meter.total().guest_cpu_seconds;
    assert!(
        (0.002..=begun.elapsed().as_secs_f64()).contains(&charged),
        "{charged}"
    );
    tally.end(Instant::now() + Duration::from_secs(9));
    assert!((meter.total().guest_cpu_seconds - charged).abs() < 1e-9);
}

#[tokio::test]
async fn a_call_is_charged_its_work_and_not_its_waiting() {
    let meter = CostMeter::new();
    let mut tally = meter.open();
    let before = cpu::thread_time();
    tally.begin(Instant::now());
    let call = async {
        work(Duration::from_millis(2));
        tokio::time::sleep(Duration::from_millis(30)).await;
        work(Duration::from_millis(2));
    };
    tally.counted(pin!(call)).await;
    tally.end(Instant::now());
    let (charged, most) = (meter.total().guest_cpu_seconds, cpu::thread_time() - before);
    assert!(
        (0.004..=most.as_secs_f64()).contains(&charged),
        "{charged} {most:?}"
    );
}

#[test]
fn a_call_that_is_given_up_is_charged_what_it_worked() {
    let meter = CostMeter::new();
    let mut tally = meter.open();
    tally.begin(Instant::now());
    {
        let call = pin!(async {
            work(Duration::from_millis(2));
            pending::<()>().await;
        });
        let mut call = pin!(tally.counted(call));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert_eq!(call.as_mut().poll(&mut context), Poll::Pending);
    }
    assert!(meter.total().guest_cpu_seconds >= 0.002);
}

#[tokio::test]
async fn a_native_run_is_charged_once_and_not_to_the_guest() {
    let meter = CostMeter::new();
    let mut tally = meter.open();
    let page = tally.page();
    let before = cpu::thread_time();
    tally.begin(Instant::now());
    let call = async {
        let begun = Instant::now();
        let native = page.native_begins();
        work(Duration::from_millis(5));
        page.native_ended(native, begun.elapsed());
        work(Duration::from_millis(1));
    };
    tally.counted(pin!(call)).await;
    tally.end(Instant::now());
    let (total, most) = (meter.total(), cpu::thread_time() - before);
    assert!(total.native_cpu_seconds >= 0.005, "{total:?}");
    assert!(total.guest_cpu_seconds >= 0.001, "{total:?}");
    assert!(
        total.cpu_seconds() <= most.as_secs_f64(),
        "{total:?} {most:?}"
    );
}

#[tokio::test]
async fn what_a_panic_left_behind_is_not_charged_to_the_next_call() {
    cpu::native_ran(Spell {
        wall: Duration::from_secs(1),
        work: Duration::from_secs(1),
    });
    let meter = CostMeter::new();
    let mut tally = meter.open();
    tally.begin(Instant::now());
    tally.counted(pin!(ready(()))).await;
    work(Duration::from_millis(1));
    tally.end(Instant::now());
    assert!(meter.total().guest_cpu_seconds >= 0.001);
}
