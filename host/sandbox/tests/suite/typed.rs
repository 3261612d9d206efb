//! Typed scorers: what they say of themselves, and how requests in tensors end.

use std::{
    slice,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_sandbox::{
    Failures, InferReport, Keep, Limit, Opening, PoolSettings, RecycleCounts, RunError,
    SandboxPool, StartError, TensorInput, TensorRequest,
};
use mlwasm_types::{ElementType, RevisionNumber, SandboxSettings, Tensor, failure::FailureKind};

use crate::support::{PATIENCE, engine, eventually, guest, later, lines, pool, settings, try_pool};

async fn infer(
    pool: &Arc<SandboxPool>,
    inputs: &[TensorInput<'_>],
    limit: Duration,
) -> InferReport {
    let lease = pool.lease(later()).await.unwrap();
    let request = TensorRequest {
        id: "r1",
        deployment: "blue",
        is_mirror: false,
        queued_at: Instant::now(),
        inputs,
        keep: Keep::default(),
    };
    // Taken last, so that a slow machine does not spend it before the guest begins.
    lease.infer(request, Instant::now() + limit).await
}

/// How the guest `unruly` ends in this way.
async fn unruly(pool: &Arc<SandboxPool>, how: &str) -> Result<Vec<Tensor>, RunError> {
    let length = u32::try_from(how.len()).unwrap().to_le_bytes();
    let data = [&length, how.as_bytes()].concat();
    let limit = if how == "spin" {
        Duration::from_millis(30)
    } else {
        PATIENCE
    };
    let how = TensorInput {
        name: "how",
        element: ElementType::Bytes,
        shape: &[1],
        data: &data,
    };
    infer(pool, slice::from_ref(&how), limit).await.outcome
}

#[tokio::test]
async fn a_pool_knows_what_its_scorer_takes_and_gives() {
    let typed = pool("typed", settings()).await;
    let signature = typed.signature().unwrap();
    let shown = |specs: &[mlwasm_types::TensorSpec]| -> Vec<String> {
        let named = |spec: &mlwasm_types::TensorSpec| format!("{}: {spec}", spec.name);
        specs.iter().map(named).collect()
    };
    assert_eq!(
        shown(&signature.inputs),
        ["rows: float32 [?,2]", "words: bytes [?]"]
    );
    assert_eq!(
        shown(&signature.outputs),
        [
            "same_rows: float32 [?,2]",
            "same_words: bytes [?]",
            "count: int64 []"
        ]
    );
    assert!(pool("echo", settings()).await.signature().is_none());
}

#[tokio::test]
async fn a_pool_of_no_sandboxes_knows_it_too() {
    let none = PoolSettings {
        instances: 0,
        ..settings()
    };
    assert!(pool("typed", none).await.signature().is_some());
}

#[tokio::test]
async fn tensors_go_in_and_come_out_in_the_order_of_the_signature() {
    let settings = settings();
    let (log, costs) = (Arc::clone(&settings.log), Arc::clone(&settings.costs));
    let pool = pool("typed", settings).await;
    let rows: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let words = b"\x02\0\0\0ja\0\0\0\0";
    let inputs = [
        TensorInput {
            name: "rows",
            element: ElementType::Float32,
            shape: &[2, 2],
            data: &rows,
        },
        TensorInput {
            name: "words",
            element: ElementType::Bytes,
            shape: &[2],
            data: words,
        },
    ];

    let outputs = infer(&pool, &inputs, PATIENCE).await.outcome.unwrap();

    let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["same_rows", "same_words", "count"]);
    assert_eq!(outputs[0].shape, [2, 2]);
    assert_eq!(outputs[0].data, rows);
    assert_eq!(outputs[1].data, words);
    assert_eq!(outputs[2].data, 2_i64.to_le_bytes());
    let printed = lines(&log);
    let line = printed.iter().find(|line| line.text.contains("2 rows"));
    assert_eq!(line.unwrap().request_id.as_deref(), Some("r1"));
    let cost = costs.total();
    assert_eq!((cost.requests, cost.request_bytes), (1, 16 + 10));
    assert_eq!(cost.response_bytes, 16 + 10 + 8);
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn whatever_breaks_the_signature_is_an_invalid_response_and_the_sandbox_goes_on() {
    let failures = Failures::new(20);
    let settings = PoolSettings {
        failures: failures.of(RevisionNumber(1)),
        ..settings()
    };
    let pool = pool("unruly", settings).await;
    assert!(unruly(&pool, "right").await.is_ok());
    for (how, wrong) in [
        ("none", "output \"y\" is missing"),
        ("missing", "output \"words\" is missing"),
        ("twice", "output \"words\" is given twice"),
        (
            "stranger",
            "output \"more\" is not in the scorer's signature",
        ),
        (
            "element",
            "output \"y\" is int32 [1,2], and not float32 [?,2]",
        ),
        ("rank", "output \"y\" is float32 [2], and not float32 [?,2]"),
        (
            "size",
            "output \"y\" is float32 [1,3], and not float32 [?,2]",
        ),
        (
            "short",
            "output \"y\" is float32 [1,2] and has 7 bytes, expected 2 elements of 4 bytes",
        ),
        (
            "long",
            "output \"y\" is float32 [1,2] and has 9 bytes, expected 2 elements of 4 bytes",
        ),
        (
            "cut string",
            "output \"words\" is bytes [1] and has 7 bytes, expected 1 strings, each behind its length",
        ),
        (
            "more strings",
            "output \"words\" is bytes [1] and has 8 bytes, expected 1 strings, each behind its length",
        ),
    ] {
        let message = wrong.to_owned();
        assert_eq!(
            unruly(&pool, how).await,
            Err(RunError::InvalidResponse { message }),
            "{how}"
        );
    }
    assert_eq!(pool.recycles(), RecycleCounts::default());
    let page = failures.page(1);
    let failure = &page.failures[0];
    assert_eq!(
        (page.total, failure.kind),
        (11, FailureKind::InvalidResponse)
    );
    let request = failure.request.as_ref().unwrap();
    assert_eq!((request.id.as_str(), request.body_bytes), ("r1", 4 + 12));
    assert!(request.headers.is_empty());
}

#[tokio::test]
async fn a_scorer_s_own_refusals_are_told_as_those_of_run() {
    let pool = pool("unruly", settings()).await;
    assert_eq!(
        unruly(&pool, "refuse").await,
        Err(RunError::BadRequest("not so".to_owned()))
    );
    assert_eq!(
        unruly(&pool, "fail").await,
        Err(RunError::Internal("out of luck".to_owned()))
    );
    assert_eq!(pool.recycles(), RecycleCounts::default());
}

#[tokio::test]
async fn a_trap_and_a_late_answer_cost_the_sandbox() {
    let failures = Failures::new(20);
    let settings = PoolSettings {
        failures: failures.of(RevisionNumber(1)),
        ..settings()
    };
    let pool = pool("unruly", settings).await;
    assert!(matches!(
        unruly(&pool, "trap").await,
        Err(RunError::Trapped { .. })
    ));
    assert_eq!(unruly(&pool, "spin").await, Err(RunError::DeadlineExceeded));
    let recycles = pool.recycles();
    assert_eq!((recycles.trap, recycles.deadline), (1, 1));
    for failure in &failures.page(2).failures {
        assert!(!failure.backtrace.is_empty(), "{failure:?}");
    }
    assert!(unruly(&pool, "right").await.is_ok());
}

#[tokio::test]
async fn a_request_that_is_dropped_costs_the_sandbox() {
    let pool = pool("unruly", settings()).await;
    let how = TensorInput {
        name: "how",
        element: ElementType::Bytes,
        shape: &[1],
        data: b"\x04\0\0\0spin",
    };
    {
        let inputs = [how];
        let run = infer(&pool, &inputs, PATIENCE);
        let short = tokio::time::timeout(Duration::from_millis(20), run).await;
        assert!(short.is_err());
    }
    assert_eq!(pool.recycles().cancelled, 1);
    eventually("a successor", || pool.counts().idle == 1).await;
}

#[tokio::test]
async fn the_elements_of_an_answer_are_held_to_the_limit_of_responses() {
    // The answer has 8 bytes in `y` and none in `words`.
    for (limit, fits) in [(7, false), (8, true), (9, true)] {
        let settings = PoolSettings {
            sandbox: SandboxSettings {
                max_response_bytes: limit,
                ..SandboxSettings::default()
            },
            ..settings()
        };
        let pool = pool("unruly", settings).await;
        let outcome = unruly(&pool, "right").await;
        assert_eq!(outcome.is_ok(), fits, "{limit}");
        if let Err(error) = outcome {
            assert!(
                matches!(
                    error,
                    RunError::LimitExceeded {
                        limit: Limit::ResponseBytes,
                        ..
                    }
                ),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_large_answer_is_refused_before_it_is_copied() {
    let settings = PoolSettings {
        sandbox: SandboxSettings {
            max_response_bytes: 1 << 10,
            ..SandboxSettings::default()
        },
        ..settings()
    };
    let pool = pool("unruly", settings).await;
    let error = unruly(&pool, "large").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "max_response_bytes: the response is larger than 1024 bytes; raise sandbox.max_response_bytes of the deployment"
    );
}

#[tokio::test]
async fn a_raw_scorer_does_not_see_a_request_in_tensors() {
    let pool = pool("echo", settings()).await;
    let outcome = infer(&pool, &[], PATIENCE).await.outcome;
    assert!(matches!(outcome, Err(RunError::Host { .. })), "{outcome:?}");
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn a_scorer_that_does_not_describe_itself_does_not_start() {
    let trap = try_pool("trap_describe", settings()).await.unwrap_err();
    assert!(
        trap.to_string().starts_with("describe trapped: ")
            && matches!(
                trap,
                StartError::Trapped {
                    call: Opening::Describe,
                    ..
                }
            ),
        "{trap}"
    );
    for (name, reason) in [
        (
            "empty_signature",
            "describe answered what can not be a signature: it has no outputs",
        ),
        (
            "twin_names",
            "describe answered what can not be a signature: two inputs are named \"x\"",
        ),
    ] {
        let error = try_pool(name, settings()).await.unwrap_err();
        assert_eq!(error.to_string(), reason);
    }
}

#[tokio::test]
async fn describe_has_what_init_leaves_of_its_time() {
    let settings = PoolSettings {
        sandbox: SandboxSettings {
            init_timeout_ms: 30,
            ..SandboxSettings::default()
        },
        ..settings()
    };
    let error = try_pool("spin_describe", settings).await.unwrap_err();
    assert_eq!(error.to_string(), "describe exceeded its deadline of 30ms");
}

#[tokio::test]
async fn a_typed_interface_of_other_types_is_refused_when_it_is_uploaded() {
    let engine = engine(1);
    let error = engine.check(&guest("wrong_tensor_types"), &[]).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("mlwasm:scoring/tensor-scorer@0.1.0#describe is func() -> string, expected func() -> record"),
        "{text}"
    );
    assert!(engine.check(&guest("typed"), &[]).is_ok());
}
