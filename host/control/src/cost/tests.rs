use mlwasm_types::DeploymentName;

use super::*;

fn name(endpoint: &str, deployment: &str, created: u64) -> (Key, Generation) {
    let endpoint = EndpointName::new(endpoint).unwrap();
    let key = (endpoint, DeploymentName::new(deployment).unwrap());
    (key, Generation(created))
}

fn books() -> Books {
    Books {
        opened: Instant::now(),
        opened_at: Timestamp::UNIX_EPOCH,
        deployments: BTreeMap::new(),
        gone: Cost::default(),
        all: Book::default(),
        process: Book::default(),
    }
}

/// A deployment whose counter rests, and whose book says that it had used so many CPU seconds, all of them in the guest, by
/// the first minute.
fn deployment(by_first_minute: f64) -> Deployment {
    let mut book = Book::default();
    book.write(1, used(by_first_minute));
    Deployment {
        meter: CostMeter::new(),
        book,
    }
}

fn used(seconds: f64) -> Cost {
    Cost {
        guest_cpu_seconds: seconds,
        ..Cost::default()
    }
}

#[test]
fn a_window_begins_at_a_reading_and_not_before_the_start() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let second = Duration::from_secs(1);
    for (now, window, first) in [
        (minutes(0), minutes(5), 0),
        (minutes(10), minutes(10), 0),
        (minutes(10) + second, minutes(10), 0),
        (minutes(10), minutes(11), 0),
        (minutes(10), minutes(3), 7),
        (minutes(10) + second, minutes(3), 7),
        (minutes(10), second, 9),
        (minutes(200), minutes(60), 140),
        (minutes(200), minutes(61), 135),
        (minutes(3_000), minutes(1_440), 1_560),
    ] {
        assert_eq!(first_minute(now, window), first, "{window:?} at {now:?}");
    }
}

#[test]
fn one_endpoint_is_shown_without_what_is_everybody_s() {
    let mut books = books();
    for endpoint in ["a", "b"] {
        books
            .deployments
            .insert(name(endpoint, "blue", 1), deployment(0.0));
    }
    let of = |endpoint: Option<&str>| {
        let endpoint = endpoint.map(|endpoint| EndpointName::new(endpoint).unwrap());
        books.report(Duration::ZERO, 0, endpoint.as_ref())
    };
    let one = of(Some("a"));
    assert_eq!(one.deployments.len(), 1);
    assert_eq!(one.deployments[0].endpoint.as_str(), "a");
    assert!(one.deleted.is_none() && one.process.is_none());
    let all = of(None);
    assert_eq!(all.deployments.len(), 2);
    assert!(all.deleted.is_some() && all.process.is_some());
    assert!(of(Some("c")).deployments.is_empty());
}

#[test]
fn what_a_deleted_deployment_used_within_the_window_is_not_lost() {
    let mut books = books();
    // It had used 5 s by the first minute, and 8 s when it went.
    books.all.write(1, used(5.0));
    books.gone = used(8.0);
    books
        .deployments
        .insert(name("a", "blue", 1), deployment(0.0));
    let whole = books.report(Duration::from_secs(120), 0, None);
    assert_eq!(whole.deleted, Some(used(8.0)));
    assert_eq!(whole.sum, used(8.0));
    assert_eq!(whole.since, Timestamp::UNIX_EPOCH);
    assert_eq!(whole.until.as_second(), 120);
    let last_minute = books.report(Duration::from_secs(120), 1, None);
    assert_eq!(last_minute.deleted, Some(used(3.0)));
    assert_eq!(last_minute.since.as_second(), 60);
}

#[test]
fn the_host_s_own_share_is_what_the_process_used_beyond_the_sum() {
    let mut books = books();
    books.gone = used(0.000_001);
    let report = books.report(Duration::ZERO, 0, None);
    let process = report.process.unwrap();
    assert!(process.cpu_seconds > 0.0);
    let explained = report.sum.cpu_seconds() + process.host_cpu_seconds;
    assert!((process.cpu_seconds - explained).abs() < 1e-9);
}

#[test]
fn a_minute_is_read_once_and_the_zeroth_not_at_all() {
    let mut books = books();
    books.write(0);
    assert!(!books.process.is_written(0));
    books.write(1);
    let first = books.process.at(1);
    books.write(1);
    assert!(books.process.at(1) == first && first > 0.0);
}
