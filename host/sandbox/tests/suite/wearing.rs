//! Sandboxes that have served long enough.

use mlwasm_sandbox::{PoolSettings, RecycleCounts, SandboxPool};
use mlwasm_types::SandboxSettings;

use crate::support::{ask, engine, eventually, pool, scorer, settings, text};

fn three_requests() -> PoolSettings {
    PoolSettings {
        sandbox: SandboxSettings {
            max_requests_per_sandbox: 3,
            ..SandboxSettings::default()
        },
        ..settings()
    }
}

fn runs(count: u64) -> String {
    format!("{{\"runs\":{count}}}")
}

#[tokio::test]
async fn a_worn_sandbox_serves_on_until_its_successor_is_ready() {
    let pool = pool("counter", three_requests()).await;
    // On one thread, and a request that needs no waiting leaves none to whoever makes the successor.
    for count in 1..=5 {
        assert_eq!(text(ask(&pool, "").await), runs(count));
    }
    assert_eq!((pool.counts().idle, pool.counts().refilling), (1, 1));

    eventually("it is replaced", || pool.counts().refilling == 0).await;
    assert_eq!(text(ask(&pool, "").await), runs(1));
    let expected = RecycleCounts {
        requests: 1,
        ..RecycleCounts::default()
    };
    assert_eq!(pool.recycles(), expected);
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn a_worn_sandbox_that_is_busy_goes_when_it_comes_back() {
    let pool = pool("counter", three_requests()).await;
    for count in 1..=3 {
        assert_eq!(text(ask(&pool, "").await), runs(count));
    }
    let worn = pool.lease(crate::support::later()).await.unwrap();
    eventually("its successor is ready", || pool.counts().refilling == 0).await;
    assert_eq!((pool.counts().idle, pool.counts().busy), (1, 1));
    drop(worn);
    assert_eq!((pool.counts().idle, pool.counts().busy), (1, 0));
    assert_eq!(text(ask(&pool, "").await), runs(1));
}

#[tokio::test]
async fn a_worn_sandbox_gives_way_where_there_is_no_room_for_two() {
    let engine = engine(1);
    let pool = SandboxPool::start(scorer(&engine, "counter"), three_requests())
        .await
        .unwrap();
    for _ in 0..3 {
        for count in 1..=3 {
            assert_eq!(text(ask(&pool, "").await), runs(count));
        }
        eventually("it is replaced", || pool.counts().refilling == 0).await;
    }
    assert_eq!(pool.recycles().requests, 3);

    // Also if it is busy when the room is found wanting.
    for count in 1..=3 {
        assert_eq!(text(ask(&pool, "").await), runs(count));
    }
    let worn = pool.lease(crate::support::later()).await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(worn);
    assert_eq!(text(ask(&pool, "").await), runs(1));
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn a_worn_sandbox_that_breaks_is_counted_once() {
    let settings = PoolSettings {
        sandbox: SandboxSettings {
            max_requests_per_sandbox: 1,
            ..SandboxSettings::default()
        },
        ..settings()
    };
    let pool = pool("hold_and_trap", settings).await;
    ask(&pool, "mode=ok").await.unwrap();
    ask(&pool, "mode=trap").await.unwrap_err();
    let expected = RecycleCounts {
        requests: 1,
        ..RecycleCounts::default()
    };
    assert_eq!(pool.recycles(), expected);
    eventually("it is replaced", || pool.counts().idle == 1).await;
    assert_eq!(pool.counts().refilling, 0);
}
