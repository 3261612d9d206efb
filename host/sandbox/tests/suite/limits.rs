//! Each limit of a sandbox, below, at and above it.

use std::sync::Arc;

use mlwasm_sandbox::{Limit, PoolSettings, RunError, SandboxPool};
use mlwasm_types::SandboxSettings;
use serde_json::Value;

use crate::{
    inference::Doubler,
    support::{ask, pool, settings, text, with_model},
};

fn limited(sandbox: SandboxSettings) -> PoolSettings {
    PoolSettings {
        sandbox,
        ..settings()
    }
}

async fn grown(pool: &Arc<SandboxPool>, query: &str) -> u64 {
    let answer: Value = serde_json::from_str(&text(ask(pool, query).await)).unwrap();
    answer["mb"].as_u64().unwrap()
}

#[tokio::test]
async fn memory_is_had_up_to_its_limit_and_refused_above() {
    let settings = limited(SandboxSettings {
        memory_limit_mb: 8,
        ..SandboxSettings::default()
    });
    let pool = pool("grow", settings).await;
    assert_eq!(grown(&pool, "mb=4").await, 4);
    // What the guest itself takes is within the limit too.
    let most = grown(&pool, "mb=100").await;
    assert!((5..8).contains(&most), "{most}");
    assert_eq!(grown(&pool, &format!("mb={most}")).await, most);
    assert_eq!(grown(&pool, &format!("mb={}", most + 1)).await, most);
    // It was refused and went on: nothing to discard.
    assert_eq!(pool.recycles(), Default::default());
}

#[tokio::test]
async fn a_guest_that_traps_for_want_of_memory_hears_of_the_limit() {
    let settings = limited(SandboxSettings {
        memory_limit_mb: 8,
        ..SandboxSettings::default()
    });
    let pool = pool("big_response", settings).await;
    let outcome = ask(&pool, "bytes=10000000").await;
    let Err(RunError::LimitExceeded { limit, message }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(limit, Limit::Memory);
    assert!(message.contains("was refused"), "{message}");
    assert_eq!(pool.recycles().limit, 1);

    // Explained by its own run only: the next trap is a trap, the next answer an answer.
    assert_eq!(ask(&pool, "bytes=5").await.unwrap().body, b"xxxxx"[..]);
}

#[tokio::test]
async fn a_response_is_held_to_its_limit() {
    const LIMIT: u64 = 100_000;
    let limited = || SandboxSettings {
        max_response_bytes: LIMIT,
        ..SandboxSettings::default()
    };
    let with_models = PoolSettings {
        sandbox: limited(),
        ..with_model(Arc::new(Doubler::default()))
    };
    let without = PoolSettings {
        sandbox: limited(),
        ..settings()
    };
    for settings in [without, with_models] {
        let pool = pool("big_response", settings).await;
        for (bytes, allowed) in [
            (LIMIT - 1, true),
            (LIMIT, true),
            (LIMIT + 1, false),
            // So much that it is refused before it is copied.
            (10 * LIMIT, false),
        ] {
            let outcome = ask(&pool, &format!("bytes={bytes}")).await;
            match outcome {
                Ok(response) => {
                    assert!(allowed, "{bytes}");
                    assert_eq!(response.body.len() as u64, bytes);
                }
                Err(RunError::LimitExceeded { limit, .. }) => {
                    assert!(!allowed, "{bytes}");
                    assert_eq!(limit, Limit::ResponseBytes);
                }
                Err(error) => panic!("{bytes}: {error:?}"),
            }
        }
        assert_eq!(pool.recycles().limit, 2);
    }
}

#[tokio::test]
async fn native_runs_are_counted_for_each_request() {
    let settings = PoolSettings {
        sandbox: SandboxSettings {
            max_infer_calls: 3,
            ..SandboxSettings::default()
        },
        ..with_model(Arc::new(Doubler::default()))
    };
    let pool = pool("many_infer", settings).await;
    for times in [2, 3, 3, 0] {
        assert_eq!(
            text(ask(&pool, &format!("times={times}")).await),
            format!("{{\"done\":{times}}}")
        );
    }
    let outcome = ask(&pool, "times=4").await;
    let expected = RunError::LimitExceeded {
        limit: Limit::InferCalls,
        message: "one request may ask for 3 native runs".to_owned(),
    };
    assert_eq!(outcome, Err(expected));
    assert_eq!(pool.recycles().limit, 1);
}
