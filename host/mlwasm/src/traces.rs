//! Traces on their way to an OpenTelemetry collector: one task takes the records of requests and sends them as spans.
//!
//! Nobody waits for it. A collector that is slow or gone costs its own spans: the queue before it is bounded, an export has a time,
//! what is lost is counted, and the log says so once. At the server's end there is a moment for what still waits.

mod exporter;
mod http;
mod spans;

use std::{env, pin::pin, time::Duration};

use mlwasm_gateway::{RequestTrace, TraceReceiver, TraceSettings, Traces};
use mlwasm_sandbox::TaskGroup;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio::time::{Instant, sleep, sleep_until};

use crate::config::TracesConfig;

/// Requests that are sent at once: some hundred kilobytes.
const AT_ONCE: usize = 512;
/// The longest that a request waits for others that are sent with it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// The longest that the server's end waits for the collector: less than it waits for all its tasks.
const LAST_EXPORTS: Duration = Duration::from_secs(3);

/// Traces as the settings and the process's variables say, sent by a task of `tasks`.
///
/// # Errors
///
/// If a setting is wrong; the message names it. Whether the collector answers is not asked.
pub(crate) fn start(config: &TracesConfig, tasks: &TaskGroup) -> anyhow::Result<Traces> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let Some(export) = config.export(variable)? else {
        return Ok(Traces::off());
    };
    let exporter = exporter::open(config, &export)?;
    let (traces, records) = Traces::on(TraceSettings {
        sample_ratio: config.sample_ratio,
        max_waiting: config.max_waiting.get() as usize,
    });
    tracing::info!(collector = export.endpoint, "requests are traced");
    tasks.spawn(send(exporter, records, tasks.clone()));
    Ok(traces)
}

/// Sends what comes, until the group shuts down, and then what is still there.
async fn send(exporter: SpanExporter, mut records: TraceReceiver, tasks: TaskGroup) {
    let mut patience = pin!(async {
        tasks.cancelled().await;
        sleep(LAST_EXPORTS).await;
    });
    let mut is_failing = false;
    loop {
        let some = gather(&mut records, &tasks).await;
        if some.is_empty() {
            return;
        }
        let spans: Vec<SpanData> = some.iter().flat_map(spans::of).collect();
        let sent = tokio::select! {
            sent = exporter.export(spans) => sent,
            () = &mut patience => {
                records.refused(some.len() + records.waiting());
                tracing::warn!("the collector did not take the last traces in time");
                return;
            }
        };
        match sent {
            Ok(()) => {
                records.exported(some.len());
                is_failing = false;
            }
            Err(error) => {
                records.refused(some.len());
                if !is_failing {
                    tracing::warn!(%error, "the collector does not take traces: they are dropped until it does");
                }
                is_failing = true;
            }
        }
    }
}

/// Some records, as soon as there are many or the first has waited long enough; none if there will be none.
async fn gather(records: &mut TraceReceiver, tasks: &TaskGroup) -> Vec<RequestTrace> {
    let mut some = Vec::new();
    let mut due = None;
    while some.len() < AT_ONCE {
        let room = AT_ONCE - some.len();
        let at = due.unwrap_or_else(Instant::now);
        let is_over = tokio::select! {
            biased;
            () = sleep_until(at), if due.is_some() => true,
            count = records.receive(&mut some, room) => count == 0,
            () = tasks.cancelled() => {
                // What comes later is dropped and counted; what is there is still received.
                records.close();
                records.receive(&mut some, room).await == 0
            }
        };
        if is_over || tasks.is_cancelled() && !some.is_empty() {
            break;
        }
        due = due.or_else(|| Some(Instant::now() + LONGEST_WAIT));
    }
    some
}
