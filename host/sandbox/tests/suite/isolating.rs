//! Sandboxes that serve one request ever.

use std::{sync::Arc, time::Instant};

use http::HeaderMap;
use mlwasm_sandbox::{PoolSettings, RecycleCounts, RunError};
use mlwasm_types::{Isolation, SandboxSettings};
use tokio::task::JoinSet;

use crate::support::{ask, eventually, later, pool, request, settings, text};

/// So many sandboxes, each for one request.
fn apart(instances: u32) -> PoolSettings {
    PoolSettings {
        instances,
        sandbox: SandboxSettings {
            isolation: Isolation::Request,
            ..SandboxSettings::default()
        },
        ..settings()
    }
}

#[tokio::test]
async fn no_sandbox_serves_twice() {
    for instances in [1, 3] {
        let pool = pool("counter", apart(instances)).await;
        for _ in 0..20 {
            assert_eq!(text(ask(&pool, "").await), "{\"runs\":1}");
        }
        eventually("all are fresh", || {
            pool.counts().idle == u64::from(instances)
        })
        .await;
        assert_eq!((pool.counts().busy, pool.counts().refilling), (0, 0));
        assert_eq!(pool.recycles(), RecycleCounts::default());
    }
}

#[tokio::test]
async fn a_sandbox_that_no_request_has_touched_is_not_spent() {
    let pool = pool("counter", apart(1)).await;
    drop(pool.lease(later()).await.unwrap());
    assert_eq!(pool.counts().idle, 1);

    let lease = pool.lease(later()).await.unwrap();
    let headers = HeaderMap::new();
    let late = lease.run(request(&headers), Instant::now()).await;
    assert_eq!(late.outcome, Err(RunError::DeadlineExceeded));
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn a_request_that_the_scorer_refuses_spends_its_sandbox_too() {
    let pool = pool("hold_and_trap", apart(1)).await;
    assert!(matches!(
        ask(&pool, "mode=nonsense").await,
        Err(RunError::BadRequest(_))
    ));
    assert_eq!(pool.counts().refilling, 1);
    assert_eq!(text(ask(&pool, "mode=ok").await), "{\"runs\":1}");
}

#[tokio::test]
async fn a_fault_is_counted_and_the_next_request_is_alone_again() {
    let pool = pool("hold_and_trap", apart(1)).await;
    for _ in 0..5 {
        ask(&pool, "mode=trap").await.unwrap_err();
        assert_eq!(text(ask(&pool, "mode=ok").await), "{\"runs\":1}");
    }
    assert_eq!(pool.recycles().trap, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_above_the_pool_s_size_waits_for_successors() {
    let pool = pool("counter", apart(2)).await;
    let requests = (0..16).map(|_| {
        let pool = Arc::clone(&pool);
        async move {
            for _ in 0..20 {
                assert_eq!(text(ask(&pool, "").await), "{\"runs\":1}");
            }
        }
    });
    requests.collect::<JoinSet<_>>().join_all().await;
    eventually("all are fresh", || pool.counts().idle == 2).await;
    assert_eq!((pool.counts().busy, pool.counts().refilling), (0, 0));
}
