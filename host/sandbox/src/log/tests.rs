//! The log's promises: order, bounds, rate, and lines made of whatever pieces a guest writes.

use std::time::Duration;

use bytes::Bytes;

use super::{output::Output, *};
use wasmtime_wasi::p2::OutputStream as _;

/// What a deployment allows that sets nothing.
const USUAL: LineLimits = LineLimits {
    per_second: 100,
    bytes: 4 << 10,
};

const ALL: LogQuery = LogQuery {
    after: None,
    lines: usize::MAX,
};

fn texts(log: &DeploymentLog) -> Vec<String> {
    log.page(ALL)
        .lines
        .into_iter()
        .map(|line| line.text)
        .collect()
}

fn write_many(log: &DeploymentLog, now: Instant, count: usize) {
    write_limited(log, now, count, USUAL);
}

fn write_limited(log: &DeploymentLog, now: Instant, count: usize, limits: LineLimits) {
    for number in 0..count {
        let entry = Entry {
            stream: LogStream::Stdout,
            request_id: None,
            is_mirror: false,
            text: &format!("line {number}"),
            limits,
        };
        log.add_at(now, &entry);
    }
}

#[test]
fn a_page_holds_the_last_lines_or_those_after_one() {
    let log = DeploymentLog::new();
    for number in 1..=5 {
        log.host(format!("{number}"));
    }
    let page = |after, lines| {
        let page = log.page(LogQuery { after, lines });
        let texts: Vec<_> = page.lines.into_iter().map(|line| line.text).collect();
        (texts.join(""), page.next_after)
    };
    assert_eq!(page(None, 2), ("45".to_owned(), 5));
    assert_eq!(page(None, 0), (String::new(), 5));
    assert_eq!(page(Some(0), 2), ("12".to_owned(), 2));
    assert_eq!(page(Some(3), 9), ("45".to_owned(), 5));
    assert_eq!(page(Some(5), 9), (String::new(), 5));
    assert_eq!(page(Some(99), 9), (String::new(), 99));
}

#[test]
fn lines_above_the_rate_are_counted_and_told_of_in_the_next_second() {
    let log = DeploymentLog::new();
    // Ahead of the clock, so that the second lasts as long as the test.
    let begun = Instant::now() + Duration::from_secs(3_600);
    write_many(&log, begun, 99);
    write_many(&log, begun, 1);
    assert_eq!(texts(&log).len(), 100);
    write_many(&log, begun, 7);
    assert_eq!(texts(&log).len(), 100);

    // What the host says is heard even now.
    log.host("stopped");
    write_many(&log, begun + Duration::from_secs(1), 1);

    let lines = log.page(ALL).lines;
    let last: Vec<_> = lines[100..].iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        last,
        [
            "stopped",
            "dropped 7 lines: more than 100 in a second",
            "line 0"
        ]
    );
    // The gap shows where lines are missing.
    assert_eq!((lines[99].sequence, lines[100].sequence), (100, 108));
}

#[test]
fn each_revision_prints_as_much_as_its_own_settings_allow() {
    let limits = |per_second| LineLimits {
        per_second,
        ..USUAL
    };
    let log = DeploymentLog::new();
    let begun = Instant::now() + Duration::from_secs(3_600);
    // They share the second: what the one printed is seen by the other.
    write_limited(&log, begun, 3, limits(2));
    write_limited(&log, begun, 3, limits(4));
    assert_eq!(texts(&log), ["line 0", "line 1", "line 0", "line 1"]);
    assert_eq!(log.dropped_lines(), 2);

    write_limited(&log, begun + Duration::from_secs(1), 1, limits(0));
    assert_eq!(texts(&log)[4], "dropped 2 lines: more than 4 in a second");
    assert_eq!(log.dropped_lines(), 3);
}

#[test]
fn the_ring_is_bounded_in_lines_and_bytes() {
    let log = DeploymentLog::new();
    let mut now = Instant::now();
    for _ in 0..=MAX_LINES / 100 {
        write_many(&log, now, 100);
        now += Duration::from_secs(1);
    }
    assert_eq!(texts(&log).len(), MAX_LINES);

    let long = "x".repeat(4 << 10);
    for _ in 0..300 {
        let entry = Entry {
            stream: LogStream::Stdout,
            request_id: None,
            is_mirror: false,
            text: &long,
            limits: USUAL,
        };
        log.add_at(now, &entry);
        now += Duration::from_secs(1);
    }
    let bytes: usize = texts(&log).iter().map(String::len).sum();
    assert!(bytes <= MAX_BYTES, "{bytes}");
    assert!(bytes > MAX_BYTES - long.len(), "{bytes}");
}

fn speaker(id: &str) -> Speaker<'_> {
    Speaker {
        id: Some(id),
        is_mirror: false,
    }
}

#[test]
fn lines_of_copies_are_marked_and_others_are_not() {
    let log = DeploymentLog::new();
    let output = Output::new(Arc::clone(&log), USUAL);
    let mut stdout = OutputHandle::new(&output, LogStream::Stdout);
    let mut print = |bytes: &'static [u8]| stdout.write(Bytes::from_static(bytes)).unwrap();
    let copy = Speaker {
        is_mirror: true,
        ..speaker("r1")
    };

    print(b"in init\n");
    output.begin(copy);
    print(b"ended\nopen");
    output.end();
    log.host_about(copy, "about it");
    output.begin(speaker("r2"));
    print(b"live\n");
    output.end();

    let lines = log.page(ALL).lines.into_iter();
    let marks: Vec<_> = lines.map(|line| (line.text, line.mirror)).collect();
    let expected = [
        ("in init", false),
        ("ended", true),
        ("open", true),
        ("about it", true),
        ("live", false),
    ];
    assert_eq!(marks, expected.map(|(text, mark)| (text.to_owned(), mark)));
}

#[test]
fn pieces_become_lines_and_the_end_of_a_call_ends_a_line() {
    let log = DeploymentLog::new();
    let output = Output::new(Arc::clone(&log), USUAL);
    let mut stdout = OutputHandle::new(&output, LogStream::Stdout);
    let mut stderr = OutputHandle::new(&output, LogStream::Stderr);
    let mut print = |bytes: &'static [u8]| stdout.write(Bytes::from_static(bytes)).unwrap();

    print(b"in init\n");
    output.begin(speaker("r1"));
    print(b"one");
    print(b" line\r\n\nnext");
    stderr
        .write(Bytes::from_static(b"bad \xff byte\n"))
        .unwrap();
    output.end();
    output.begin(speaker("r2"));
    output.end();

    let lines: Vec<_> = log
        .page(ALL)
        .lines
        .into_iter()
        .map(|line| {
            (
                line.stream.to_string(),
                line.request_id.unwrap_or_default(),
                line.text,
            )
        })
        .collect();
    let expected = [
        ("stdout", "", "in init"),
        ("stdout", "r1", "one line"),
        ("stdout", "r1", ""),
        ("stderr", "r1", "bad \u{fffd} byte"),
        ("stdout", "r1", "next"),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(stream, id, text)| (stream.to_owned(), id.to_owned(), text.to_owned()))
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn a_line_without_end_takes_no_more_memory_than_a_long_line() {
    for bytes in [64, 4 << 10] {
        let log = DeploymentLog::new();
        let output = Output::new(Arc::clone(&log), LineLimits { bytes, ..USUAL });
        let mut stdout = OutputHandle::new(&output, LogStream::Stdout);
        for _ in 0..100 {
            stdout.write(Bytes::from(vec![b'x'; 4 << 10])).unwrap();
        }
        output.end();
        assert_eq!(texts(&log), ["x".repeat(bytes) + "…"]);
    }
}

#[tokio::test]
async fn a_waiter_is_woken_by_the_next_line() {
    let log = DeploymentLog::new();
    log.host("one");
    log.wait_past(0).await;

    let waiting = log.wait_past(1);
    log.host("two");
    waiting.await;
    assert_eq!(texts(&log), ["one", "two"]);
}

/// Keeps what it is given, up to a bound, and had some lines before.
struct Shelf {
    former: Vec<LogLine>,
    kept: Mutex<Vec<u64>>,
    room: usize,
}

impl LogKeeper for Shelf {
    fn keep(&self, line: &LogLine) -> Result<(), NoRoom> {
        let mut kept = lock(&self.kept);
        if kept.len() == self.room {
            return Err(NoRoom);
        }
        kept.push(line.sequence);
        Ok(())
    }

    fn former(&self) -> Vec<LogLine> {
        self.former.clone()
    }

    fn lost(&self) -> u64 {
        0
    }
}

fn shelf(former: impl IntoIterator<Item = u64>, room: usize) -> Arc<Shelf> {
    let line = |sequence| LogLine {
        sequence,
        time: Timestamp::UNIX_EPOCH,
        stream: LogStream::Host,
        request_id: None,
        mirror: false,
        text: format!("old {sequence}"),
    };
    Arc::new(Shelf {
        former: former.into_iter().map(line).collect(),
        kept: Mutex::default(),
        room,
    })
}

#[test]
fn a_log_goes_on_where_the_one_before_ended() {
    let keeper = shelf([3, 4], 9);
    let log = DeploymentLog::kept_by(keeper.clone(), 4);
    log.host("new");
    assert!(log.has_former_lines());
    log.recall();
    log.recall();
    assert!(!log.has_former_lines());
    assert_eq!(texts(&log), ["old 3", "old 4", "new"]);
    assert_eq!(*lock(&keeper.kept), [5]);
}

#[test]
fn former_lines_fill_what_room_there_is_and_push_nothing_out() {
    let last = 2 * MAX_LINES as u64;
    let keeper = shelf(1..=last, 9);
    let log = DeploymentLog::kept_by(keeper, last);
    log.host("new");
    log.recall();
    let lines = log.page(ALL).lines;
    assert_eq!(lines.len(), MAX_LINES);
    assert_eq!(lines[MAX_LINES - 1].text, "new");
    assert_eq!(lines[MAX_LINES - 2].sequence, last);
}

#[test]
fn a_keeper_without_room_costs_the_log_in_memory_nothing() {
    let keeper = shelf([], 1);
    let log = DeploymentLog::kept_by(keeper.clone(), 0);
    log.host("one");
    log.host("two");
    assert_eq!(texts(&log), ["one", "two"]);
    assert_eq!(*lock(&keeper.kept), [1]);
}
