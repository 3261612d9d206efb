//! A scorer whose requests can be joined, and clients whose requests wait to be.

use mlwasm_harness::{Answer, Deploy, Platform, eventually, guests};
use mlwasm_types::{
    CostReport,
    api::{LogLine, LogPage},
    failure::FailurePage,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What the guest `rowwise` does for a row that begins so.
pub(super) const SPIN: f32 = -1.0;
pub(super) const TRAP: f32 = -2.0;
pub(super) const REFUSE: f32 = -3.0;
pub(super) const GIVE_ONE_ROW: f32 = -4.0;

/// The deployment `blue` of `e`, with one sandbox, and a queue long enough for these tests.
pub(super) fn deploy<'a>(platform: &'a Platform, guest: &str) -> Deploy<'a> {
    deploy_to(platform, "blue", guest)
}

/// The same as the deployment `name`.
pub(super) fn deploy_to<'a>(platform: &'a Platform, name: &str, guest: &str) -> Deploy<'a> {
    platform
        .deploy(guests::path(guest))
        .to("e", name)
        .set("instance_count", 1)
        .set("request_settings.request_timeout_ms", 60_000)
        .set("request_settings.max_queue_wait_ms", 60_000)
        .set("request_settings.max_concurrent_requests_per_instance", 20)
}

pub(super) async fn joining(most_rows: u32) -> Platform {
    let platform = Platform::start().await;
    deploy(&platform, "rowwise")
        .set("infer_batching.max_batch_size", most_rows)
        .run()
        .await;
    platform
}

pub(super) fn rows(x: &[f32], width: usize) -> Value {
    let shape = [x.len() / width, width];
    json!({"inputs": [{"name": "x", "datatype": "FP32", "shape": shape, "data": x}]})
}

/// Clients whose requests wait.
pub(super) struct Clients<'a> {
    platform: &'a Platform,
    pub(super) key: String,
    pub(super) waiting: u64,
    pub(super) answers: JoinSet<(usize, Answer)>,
    /// Who has the only sandbox.
    pub(super) guard: JoinSet<Answer>,
}

impl<'a> Clients<'a> {
    /// None yet, and the only sandbox is at a request that never ends.
    pub(super) async fn behind_a_loop(platform: &'a Platform) -> Self {
        Self::behind_a_loop_in(platform, "blue").await
    }

    /// The same of this deployment, the only one that joins requests.
    pub(super) async fn behind_a_loop_in(platform: &'a Platform, deployment: &str) -> Self {
        let key = platform.key("e").await;
        let mut guard = JoinSet::new();
        let path = format!("/v2/models/e/versions/{deployment}/infer");
        let call = platform.scoring_call(Method::POST, &path);
        guard.spawn(call.key(&key).json(&rows(&[SPIN], 1)).send());
        eventually("the sandbox is taken", async || {
            let metrics = platform.metrics().await;
            (metrics.count("mlwasm_scorer_batches_total", &[]) == 1).then_some(())
        })
        .await;
        Self {
            platform,
            key,
            waiting: 0,
            answers: JoinSet::new(),
            guard,
        }
    }

    /// One more, which waits when this returns.
    pub(super) async fn join(&mut self, body: &Value) -> tokio::task::AbortHandle {
        let place = self.answers.len();
        let call = self
            .platform
            .scoring_call(Method::POST, "/v2/models/e/infer")
            .key(&self.key)
            .id(&format!("request-{place}"))
            .json(body);
        let handle = self
            .answers
            .spawn(async move { (place, call.send().await) });
        self.one_more_waits().await;
        handle
    }

    pub(super) async fn one_more_waits(&mut self) {
        self.waiting += 1;
        self.have_gathered().await;
    }

    pub(super) async fn have_gathered(&self) {
        eventually("all requests wait", async || {
            let metrics = self.platform.metrics().await;
            let waiting = metrics.count("mlwasm_scorer_batch_waiting", &[]);
            (waiting == self.waiting).then_some(())
        })
        .await;
    }

    /// Ends the loop, and returns the answers in the order in which the clients came.
    pub(super) async fn answers(mut self) -> Vec<Answer> {
        self.guard.shutdown().await;
        let mut answers = Vec::new();
        while let Some(answer) = self.answers.join_next().await {
            answers.extend(answer.ok());
        }
        answers.sort_by_key(|(place, _)| *place);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}

/// That the answer is `x` doubled, from a call of so many rows.
#[track_caller]
pub(super) fn is_doubled(answer: &Answer, x: &[f32], in_call: u32) {
    assert_eq!(answer.status(), 200, "{answer:?}");
    let outputs = &answer.json()["outputs"];
    let doubled: Vec<f32> = x.iter().map(|it| it * 2.0).collect();
    assert_eq!(outputs[0]["data"], json!(doubled));
    let each = outputs[1]["data"].as_array().unwrap();
    assert!(each.iter().all(|it| *it == in_call), "{outputs}");
}

/// The requests that failed, in the order in which they did.
pub(super) async fn failed(platform: &Platform) -> Vec<String> {
    let path = "/v1/endpoints/e/deployments/blue/failures";
    let page: FailurePage = platform.admin(Method::GET, path).send().await.read();
    let requests = page.failures.into_iter().filter_map(|it| it.request);
    requests.map(|request| request.id).collect()
}

/// The requests that were charged to the deployment.
pub(super) async fn charged(platform: &Platform) -> u64 {
    let call = platform.admin(Method::GET, "/v1/cost");
    let report: CostReport = call.send().await.read();
    report.sum.requests
}

/// The only line of the log that has these words.
pub(super) async fn printed(platform: &Platform, words: &str) -> LogLine {
    let path = "/v1/endpoints/e/deployments/blue/logs";
    let page: LogPage = platform.admin(Method::GET, path).send().await.read();
    let mut lines = page
        .lines
        .into_iter()
        .filter(|line| line.text.contains(words));
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("nobody said {words:?}"));
    assert!(lines.next().is_none(), "{words:?} was said twice");
    line
}

pub(super) async fn batches(platform: &Platform, deployment: &str) -> (u64, u64) {
    let metrics = platform.metrics().await;
    let labels = [("endpoint", "e"), ("deployment", deployment)];
    (
        metrics.count("mlwasm_scorer_batches_total", &labels),
        metrics.count("mlwasm_scorer_batch_rows_total", &labels),
    )
}
