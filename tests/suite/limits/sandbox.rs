//! The limits of a sandbox. A scorer that stays within one is served; one that goes over it is stopped, its client learns
//! which setting that was, it is counted, and whoever comes next finds a fresh sandbox.

use std::path::PathBuf;

use mlwasm_harness::{Answer, Deploy, Platform, Setup, eventually, guests, models};
use serde_json::json;

use crate::support::sandboxes;

/// Every limit, as the metrics name it.
const LIMITS: [&str; 9] = [
    "memory_limit_mb",
    "max_table_elements",
    "max_stack_kb",
    "max_hostcall_bytes",
    "max_response_bytes",
    "max_infer_calls",
    "max_handles",
    "max_egress_calls",
    "max_egress_bytes",
];

/// A limit and what its scorer may be asked for.
struct Case {
    limit: &'static str,
    /// Queries that stay below it or reach it.
    within: Vec<String>,
    /// Queries that go over it.
    above: Vec<String>,
    /// What is said of those.
    says: &'static str,
}

/// Deploys `guest` as the only sandbox of `blue` of the endpoint `e`.
fn one_sandbox(platform: &Platform, guest: PathBuf) -> Deploy<'_> {
    platform
        .deploy(guest)
        .to("e", "blue")
        .model("model", &models::iris(1))
        .instances(1)
        .set("request_settings.request_timeout_ms", 60_000)
        .set("request_settings.max_queue_wait_ms", 60_000)
}

async fn ask(platform: &Platform, query: &str) -> Answer {
    // A sandbox that was stopped takes a moment to be replaced.
    eventually("a sandbox is ready", async || {
        (sandboxes(platform, "idle").await == 1).then_some(())
    })
    .await;
    platform.scoring("e").await.query(query).send().await
}

async fn exceeded(platform: &Platform, limit: &str) -> u64 {
    let labels = [("endpoint", "e"), ("deployment", "blue"), ("limit", limit)];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_limit_exceeded_total", &labels)
}

async fn stopped(platform: &Platform) -> u64 {
    let labels = [("endpoint", "e"), ("reason", "limit")];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_sandbox_recycles_total", &labels)
}

impl Case {
    async fn holds_on(self, platform: &Platform) {
        let before = stopped(platform).await;
        for query in &self.within {
            let answer = ask(platform, query).await;
            assert_eq!(answer.status(), 200, "{query}: {}", answer.text());
        }
        assert_eq!(stopped(platform).await, before);
        for (count, query) in (1..).zip(&self.above) {
            let answer = ask(platform, query).await;
            assert_eq!(answer.status(), 424, "{query}: {}", answer.text());
            self.is_told(&answer);
            for limit in LIMITS {
                let expected = if limit == self.limit { count } else { 0 };
                assert_eq!(
                    exceeded(platform, limit).await,
                    expected,
                    "{query}: {limit}"
                );
            }
            assert_eq!(stopped(platform).await, before + count);
            // Nothing is left of it: the next sandbox has all of its limit.
            let next = self.within.last().unwrap();
            let answer = ask(platform, next).await;
            assert_eq!(answer.status(), 200, "{next}: {}", answer.text());
        }
    }

    fn is_told(&self, answer: &Answer) {
        let reason = answer.header("ms-azureml-model-error-reason");
        assert_eq!(reason, Some("limit_exceeded"));
        let detail = answer.problem().detail;
        let begins = format!("the scorer exceeded a limit: {}: ", self.limit);
        assert!(detail.starts_with(&begins), "{detail}");
        assert!(detail.contains(self.says), "{detail}");
        // And what to do about it.
        let (_, advice) = detail.split_once("; ").unwrap();
        assert!(
            advice.contains("raise ") && advice.contains(self.limit),
            "{detail}"
        );
    }
}

fn consuming(what: &str, amount: u64) -> String {
    format!("what={what}&amount={amount}")
}

/// The guest `consume` with `table.grow` where its source has a placeholder.
fn with_table_growth(platform: &Platform) -> PathBuf {
    // (local.get 0) (i32.const 0x7ab1e600) (i32.add)
    const PLACEHOLDER: [u8; 9] = [0x20, 0x00, 0x41, 0x80, 0xcc, 0xc7, 0xd5, 0x07, 0x6a];
    // (ref.null func) (local.get 0) (table.grow 0) (nop) (nop)
    const GROWTH: [u8; 9] = [0xd0, 0x70, 0x20, 0x00, 0xfc, 0x0f, 0x00, 0x01, 0x01];
    let mut component = std::fs::read(guests::path("consume")).unwrap();
    let places: Vec<usize> = component
        .windows(PLACEHOLDER.len())
        .enumerate()
        .filter(|(_, bytes)| *bytes == PLACEHOLDER)
        .map(|(place, _)| place)
        .collect();
    let [place] = places[..] else {
        panic!("the placeholder is at {places:?}");
    };
    component[place..place + GROWTH.len()].copy_from_slice(&GROWTH);
    platform.file("table.wasm", component)
}

#[tokio::test]
async fn memory_is_had_up_to_its_limit() {
    let platform = Platform::start().await;
    one_sandbox(&platform, guests::path("consume"))
        .set("sandbox.memory_limit_mb", 4)
        .run()
        .await;
    // A scorer that copes with a refusal goes on.
    for (pages, status) in [(63, 200), (64, 200), (65, 507), (64, 200)] {
        let answer = ask(&platform, &consuming("memory", pages)).await;
        assert_eq!(answer.status(), status, "{pages}: {}", answer.text());
    }
    Case {
        limit: "memory_limit_mb",
        within: vec![consuming("memory", 63), consuming("memory", 64)],
        above: vec![
            consuming("memory", 65) + "&then=trap",
            consuming("call", 10_000_000),
        ],
        says: "it may have 4096 KiB of memory and was refused ",
    }
    .holds_on(&platform)
    .await;
}

#[tokio::test]
async fn a_table_has_as_many_elements_as_its_limit() {
    let platform = Platform::start().await;
    one_sandbox(&platform, with_table_growth(&platform))
        .set("sandbox.max_table_elements", 1_000)
        .run()
        .await;
    for (elements, status) in [(999, 200), (1_000, 200), (1_001, 507), (1_000, 200)] {
        let answer = ask(&platform, &consuming("table", elements)).await;
        assert_eq!(answer.status(), status, "{elements}: {}", answer.text());
    }
    Case {
        limit: "max_table_elements",
        within: vec![consuming("table", 999), consuming("table", 1_000)],
        above: vec![consuming("table", 1_001) + "&then=trap"],
        says: "its tables may have 1000 elements each and one was refused 1001",
    }
    .holds_on(&platform)
    .await;
}

#[tokio::test]
async fn the_largest_table_that_may_be_set_is_to_be_had() {
    let platform = Platform::start().await;
    one_sandbox(&platform, with_table_growth(&platform))
        .set("sandbox.max_table_elements", 100_000)
        .run()
        .await;
    let answer = ask(&platform, &consuming("table", 100_000)).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
}

#[tokio::test]
async fn calls_are_nested_as_deep_as_the_stack_of_the_server_allows() {
    let platform = Platform::start_with(Setup {
        config: Some("[sandbox]\nmax_stack_kb = 128\n".to_owned()),
        ..Setup::default()
    })
    .await;
    one_sandbox(&platform, guests::path("consume")).run().await;
    // How much a call takes is the compiler's choice, so the last depth that is allowed is searched for.
    let (mut allowed, mut refused) = (0, 100_000);
    while refused - allowed > 1 {
        let depth = u64::midpoint(allowed, refused);
        match ask(&platform, &consuming("stack", depth)).await.status() {
            200 => allowed = depth,
            424 => refused = depth,
            status => panic!("{depth}: {status}"),
        }
    }
    // A call takes some bytes, but no more than some hundred.
    assert!((128 << 10) / allowed < 500, "{allowed}");
    let counted = exceeded(&platform, "max_stack_kb").await;
    let answer = ask(&platform, &consuming("stack", refused)).await;
    Case {
        limit: "max_stack_kb",
        within: Vec::new(),
        above: Vec::new(),
        says: "its calls are nested too deep for a stack of 128 KiB",
    }
    .is_told(&answer);
    assert_eq!(exceeded(&platform, "max_stack_kb").await, counted + 1);
    for depth in [allowed - 1, allowed] {
        let answer = ask(&platform, &consuming("stack", depth)).await;
        assert_eq!(answer.status(), 200, "{depth}");
    }
}

#[tokio::test]
async fn one_call_hands_the_host_as_many_bytes_as_its_limit() {
    let platform = Platform::start().await;
    one_sandbox(&platform, guests::path("consume"))
        .set("sandbox.max_hostcall_bytes", 1_000)
        .run()
        .await;
    Case {
        limit: "max_hostcall_bytes",
        within: vec![consuming("call", 999), consuming("call", 1_000)],
        // A call, and an answer, which counts as well.
        above: vec![consuming("call", 1_001), consuming("error", 1_001)],
        says: "it handed the host more than 1000 bytes at once",
    }
    .holds_on(&platform)
    .await;
}

#[tokio::test]
async fn tensors_count_for_the_limit_of_a_call() {
    let platform = Platform::start().await;
    one_sandbox(&platform, guests::path("infer"))
        .set("sandbox.max_hostcall_bytes", 10_000)
        .run()
        .await;
    let infer = async |bytes: usize| {
        let data = "00".repeat(bytes);
        let input = json!({"name": "input", "element": "uint8", "shape": [bytes], "data": data});
        let call = platform.scoring("e").await;
        call.json(&json!({"inputs": [input]})).send().await
    };
    // The model takes no such tensor: its answer shows that the tensor came through.
    let answer = infer(9_000).await;
    assert_eq!(
        answer.json()["error"]["kind"],
        "invalid-input",
        "{}",
        answer.text()
    );
    let answer = infer(10_001).await;
    assert_eq!(answer.status(), 424);
    assert!(
        answer
            .problem()
            .detail
            .contains("more than 10000 bytes at once")
    );
    assert_eq!(exceeded(&platform, "max_hostcall_bytes").await, 1);
}

#[tokio::test]
async fn an_answer_is_as_large_as_its_limit() {
    let answers = |bytes: u64| format!("bytes={bytes}");
    // With models, the limit of calls is in force while an answer is copied; without, its own.
    for has_models in [true, false] {
        let platform = Platform::start().await;
        let deploy = if has_models {
            one_sandbox(&platform, guests::path("big_response"))
        } else {
            let deploy = platform.deploy(guests::path("big_response"));
            deploy.to("e", "blue").instances(1)
        };
        deploy
            .set("sandbox.max_response_bytes", 100_000)
            .run()
            .await;
        Case {
            limit: "max_response_bytes",
            within: vec![answers(0), answers(99_999), answers(100_000)],
            // The second so large that it is refused before it is copied, where that is possible.
            above: vec![answers(100_001), answers(10_000_000)],
            says: "the response is larger than 100000 bytes",
        }
        .holds_on(&platform)
        .await;
    }
}

#[tokio::test]
async fn a_request_runs_its_models_as_often_as_its_limit() {
    let platform = Platform::start().await;
    one_sandbox(&platform, guests::path("many_infer"))
        .set("sandbox.max_infer_calls", 3)
        .run()
        .await;
    let runs = |times: u64| format!("times={times}");
    Case {
        limit: "max_infer_calls",
        // Each request is counted for itself.
        within: vec![runs(2), runs(3), runs(3)],
        above: vec![runs(4)],
        says: "one request may ask for 3 native runs",
    }
    .holds_on(&platform)
    .await;
}

#[tokio::test]
async fn a_scorer_holds_as_many_handles_as_its_limit() {
    let platform = Platform::start().await;
    one_sandbox(&platform, guests::path("consume"))
        .set("sandbox.max_handles", 10)
        .run()
        .await;
    Case {
        limit: "max_handles",
        // Those of a former request were dropped.
        within: vec![consuming("handles", 9), consuming("handles", 10)],
        above: vec![consuming("handles", 11), consuming("handles", 100_000)],
        says: "it holds 10 handles, which is all it may, and asked for another",
    }
    .holds_on(&platform)
    .await;
}

#[tokio::test]
async fn a_limit_in_init_is_why_a_deployment_does_not_start() {
    let platform = Platform::start().await;
    for (setting, value, says) in [
        (
            "memory_limit_mb",
            1,
            "init exceeded memory_limit_mb: it may have 1024 KiB of memory",
        ),
        (
            "max_table_elements",
            1,
            "init exceeded max_table_elements: its tables may have 1 elements each",
        ),
    ] {
        let deploy = one_sandbox(&platform, guests::path("consume"));
        let output = deploy
            .set(&format!("sandbox.{setting}"), value)
            .attempt()
            .await;
        assert_eq!(output.code, 1);
        assert!(output.stderr.contains(says), "{output:#?}");
        assert!(
            output.stderr.contains(&format!("raise sandbox.{setting}")),
            "{output:#?}"
        );
    }
}
