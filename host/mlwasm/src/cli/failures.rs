//! `mlwasm deployment failures`

use std::fmt::{self, Write as _};

use clap::Args;
use mlwasm_types::failure::{FailedRequest, Failure, FailurePage, Frame};

use super::{Cli, deployment::Named, output, views};
use crate::client::FailedBody;

#[derive(Args, Clone, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    named: Named,
    /// Print at most this many failures, the last ones
    #[arg(long, value_name = "K")]
    last: Option<usize>,
    /// Print instead what is kept of the body of this failure's request, as the client sent it
    #[arg(long, value_name = "FAILURE", conflicts_with = "last")]
    body: Option<u64>,
}

/// Runs the command.
///
/// # Errors
///
/// If the server refuses.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    if let Some(failure) = arguments.body {
        return body(&arguments.named, failure, cli);
    }
    let last = arguments
        .last
        .map_or_else(String::new, |last| format!("?last={last}"));
    let path = format!("{}/failures{last}", arguments.named.target().path());
    let answer = cli.client.get(&path)?;
    if !cli.output.is_table() {
        let failures = &answer["failures"];
        return cli.output.show(failures, || output::Table::of(failures));
    }
    let page: FailurePage = views::read(&answer)?;
    output::raw(text(&page).as_bytes())?;
    output::note(&summary(&page));
    Ok(())
}

fn body(named: &Named, failure: u64, cli: &Cli) -> anyhow::Result<()> {
    let path = format!("{}/failures/{failure}/body", named.target().path());
    let FailedBody { kept, bytes } = cli.client.failed_body(&path)?;
    output::raw(&kept)?;
    if (kept.len() as u64) < bytes {
        output::note(&format!(
            "only the first {} of {bytes} bytes were kept: see data_collector.max_bytes",
            kept.len()
        ));
    }
    Ok(())
}

fn summary(page: &FailurePage) -> String {
    let (shown, total) = (page.failures.len(), page.total);
    match total {
        0 => "no failure since the server started".to_owned(),
        _ => format!("{shown} of {total} failures since the server started"),
    }
}

/// One block for each failure, an empty line between two.
fn text(page: &FailurePage) -> String {
    let blocks: Vec<String> = page
        .failures
        .iter()
        .map(|failure| Block(failure).to_string())
        .collect();
    blocks.join("\n")
}

/// A failure in several lines.
pub(super) fn block(failure: &Failure) -> String {
    Block(failure).to_string()
}

struct Block<'a>(&'a Failure);

impl fmt::Display for Block<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(failure) = self;
        write!(f, "{} {}", failure.time, failure.kind)?;
        if let Some(limit) = &failure.limit {
            write!(f, " {limit}")?;
        }
        match &failure.request {
            Some(request) => write!(f, " request {}", request.id)?,
            None => f.write_str(" in init")?,
        }
        writeln!(f, " revision {}", failure.revision)?;
        writeln!(f, "  {}", failure.message)?;
        if let Some(request) = &failure.request {
            write_request(f, failure.sequence, request)?;
        }
        write_backtrace(f, &failure.backtrace)
    }
}

fn write_request(
    f: &mut fmt::Formatter<'_>,
    sequence: u64,
    request: &FailedRequest,
) -> fmt::Result {
    let timings = &request.timings;
    writeln!(
        f,
        "  time: queue {:.3} ms, guest {:.3} ms, infer {:.3} ms",
        timings.queue_ms, timings.guest_ms, timings.infer_ms
    )?;
    write!(f, "  body: {} bytes", request.body_bytes)?;
    if let Some(digest) = request.body_digest {
        write!(f, ", {digest}")?;
    }
    if request.query_bytes > 0 {
        write!(f, "; query: {} bytes", request.query_bytes)?;
    }
    if request.body_kept.is_some() {
        write!(f, "; kept, see --body {sequence}")?;
    }
    writeln!(
        f,
        "{}",
        if request.is_mirror {
            "; a mirrored copy"
        } else {
            ""
        }
    )?;
    for header in &request.headers {
        let value = header.value.as_deref().unwrap_or("(not kept)");
        writeln!(f, "  header: {}: {value}", header.name)?;
    }
    if request.headers_left_out > 0 {
        writeln!(f, "  and {} more headers", request.headers_left_out)?;
    }
    Ok(())
}

fn write_backtrace(f: &mut fmt::Formatter<'_>, frames: &[Frame]) -> fmt::Result {
    if frames.is_empty() {
        return writeln!(f, "  backtrace: none, the scorer's code was not running");
    }
    writeln!(f, "  backtrace:")?;
    frames
        .iter()
        .enumerate()
        .try_for_each(|(depth, frame)| writeln!(f, "  {depth:>4}: {}", called(frame)))
}

fn called(frame: &Frame) -> String {
    let mut text = frame
        .function
        .clone()
        .unwrap_or_else(|| format!("function {}", frame.index));
    if let Some(file) = &frame.file {
        text.push_str(" at ");
        text.push_str(file);
        for number in [frame.line, frame.column].into_iter().flatten() {
            // Writing to a string does not fail.
            write!(text, ":{number}").ok();
        }
        return text;
    }
    let place = match (&frame.module, frame.offset) {
        (Some(module), Some(offset)) => format!(" ({module} + {offset:#x})"),
        (Some(module), None) => format!(" ({module})"),
        (None, Some(offset)) => format!(" (+ {offset:#x})"),
        (None, None) => String::new(),
    };
    // Writing to a string does not fail.
    text.write_str(&place).ok();
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(failures: &serde_json::Value, total: u64) -> FailurePage {
        serde_json::from_value(json!({"failures": failures, "total": total})).unwrap()
    }

    #[test]
    fn a_failure_is_a_block_that_a_person_can_read() {
        let failures = json!([
            {
                "sequence": 1, "time": "2026-01-02T03:04:05Z", "revision": 3, "kind": "limit", "limit": "memory_limit_mb",
                "message": "the sandbox was refused 70000 KiB",
                "request": {
                    "id": "r-1", "is_mirror": true, "query_bytes": 7, "body_bytes": 3, "body_kept": 2,
                    "body_digest": "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    "headers": [
                        {"name": "content-type", "value": "application/json"}, {"name": "authorization", "value": null},
                    ],
                    "headers_left_out": 2,
                    "timings": {"queue_ms": 0.01, "guest_ms": 12.5, "infer_ms": 0.0},
                },
                "backtrace": [
                    {"module": "iris.wasm", "function": "iris::grow", "index": 9, "offset": 4660},
                    {"function": "core::slice::index", "index": 10, "offset": 9, "file": "rust:core/src/slice/index.rs", "line": 5, "is_inlined": true},
                    {"function": "iris::run", "index": 10, "offset": 9, "file": "src/lib.rs", "line": 12, "column": 9},
                    {"index": 10},
                ],
            },
            {
                "sequence": 2, "time": "2026-01-02T03:04:06Z", "revision": 3, "kind": "deadline",
                "message": "init exceeded its deadline of 10s", "backtrace": [],
            },
        ]);
        insta::assert_snapshot!(text(&page(&failures, 2)), @"
        2026-01-02T03:04:05Z limit memory_limit_mb request r-1 revision 3
          the sandbox was refused 70000 KiB
          time: queue 0.010 ms, guest 12.500 ms, infer 0.000 ms
          body: 3 bytes, sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad; query: 7 bytes; kept, see --body 1; a mirrored copy
          header: content-type: application/json
          header: authorization: (not kept)
          and 2 more headers
          backtrace:
             0: iris::grow (iris.wasm + 0x1234)
             1: core::slice::index at rust:core/src/slice/index.rs:5
             2: iris::run at src/lib.rs:12:9
             3: function 10

        2026-01-02T03:04:06Z deadline in init revision 3
          init exceeded its deadline of 10s
          backtrace: none, the scorer's code was not running
        ");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        for (failures, total, words) in [
            (json!([]), 0, "no failure since the server started"),
            (json!([]), 4, "0 of 4 failures since the server started"),
        ] {
            assert_eq!(summary(&page(&failures, total)), words);
        }
    }
}
