//! Who gets the next sandbox.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use http::HeaderMap;
use mlwasm_sandbox::{LeaseError, PoolSettings, SandboxLease, SandboxPool};
use mlwasm_types::status::SandboxCounts;

use crate::support::{ask, later, pool, request, settings, text};

type Leasing<'a> = Pin<Box<dyn Future<Output = Result<SandboxLease, LeaseError>> + 'a>>;

/// Joins the queue, and returns what it waits with.
async fn queued(pool: &Arc<SandboxPool>) -> Leasing<'_> {
    let mut leasing: Leasing<'_> = Box::pin(pool.lease(later()));
    assert!(is_waiting(&mut leasing).await);
    leasing
}

async fn is_waiting(leasing: &mut Leasing<'_>) -> bool {
    poll_fn(|context| Poll::Ready(leasing.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn whoever_came_first_is_served_first() {
    let pool = pool("echo", settings()).await;
    let held = pool.lease(later()).await.unwrap();
    let first = queued(&pool).await;
    let mut second = queued(&pool).await;

    drop(held);
    assert!(is_waiting(&mut second).await);
    let lease = first.await.unwrap();
    assert!(is_waiting(&mut second).await);

    // A newcomer does not overtake who waits.
    let mut newcomer = queued(&pool).await;
    drop(lease);
    assert!(is_waiting(&mut newcomer).await);
    drop(second.await.unwrap());
    drop(newcomer.await.unwrap());
    let counts = SandboxCounts {
        idle: 1,
        ..SandboxCounts::default()
    };
    assert_eq!(pool.counts(), counts);
}

#[tokio::test]
async fn a_waiter_that_leaves_passes_its_sandbox_on() {
    let pool = pool("echo", settings()).await;
    let held = pool.lease(later()).await.unwrap();
    let gone = queued(&pool).await;
    let served_but_gone = queued(&pool).await;
    let last = queued(&pool).await;

    drop(gone);
    drop(held);
    // The sandbox is on its way to the second by now.
    drop(served_but_gone);
    drop(last.await.unwrap());
    assert_eq!((pool.counts().idle, pool.counts().busy), (1, 0));
}

#[tokio::test]
async fn a_waiter_waits_no_longer_than_it_said() {
    let pool = pool("echo", settings()).await;
    let held = pool.lease(later()).await.unwrap();
    for wait in [Duration::ZERO, Duration::from_millis(20)] {
        let until = Instant::now() + wait;
        let refused = pool.lease(until).await.unwrap_err();
        assert_eq!(refused, LeaseError::QueueTimeout);
    }
    drop(held);
    // One that is free is had without any wait.
    assert!(pool.lease(Instant::now()).await.is_ok());
}

#[tokio::test]
async fn the_sandbox_that_was_used_last_is_used_next() {
    let settings = PoolSettings {
        instances: 3,
        ..settings()
    };
    let pool = pool("counter", settings).await;
    for runs in 1..=5 {
        assert_eq!(text(ask(&pool, "").await), format!("{{\"runs\":{runs}}}"));
    }
}

#[tokio::test]
async fn counts_add_up() {
    let settings = PoolSettings {
        instances: 3,
        ..settings()
    };
    let pool = pool("trap", settings).await;
    let held = pool.lease(later()).await.unwrap();
    let used = pool.lease(later()).await.unwrap();
    used.run(request(&HeaderMap::new()), later())
        .await
        .outcome
        .unwrap_err();
    let SandboxCounts {
        idle,
        busy,
        refilling,
    } = pool.counts();
    assert_eq!((idle, busy, refilling), (1, 1, 1));
    drop(held);
}

#[tokio::test]
async fn a_lease_outlives_everyone_else_s_interest_in_the_pool() {
    let pool = pool("version", settings()).await;
    let lease = pool.lease(later()).await.unwrap();
    drop(pool);
    let report = lease.run(request(&HeaderMap::new()), later()).await;
    assert_eq!(text(report.outcome), "unversioned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_whole() {
    let settings = PoolSettings {
        instances: 2,
        ..settings()
    };
    let pool = pool("counter", settings).await;
    let runs = (0..16).map(|_| {
        let pool = Arc::clone(&pool);
        async move {
            for _ in 0..50 {
                ask(&pool, "").await.unwrap();
            }
        }
    });
    let tasks: tokio::task::JoinSet<_> = runs.collect();
    tasks.join_all().await;
    assert_eq!((pool.counts().idle, pool.counts().busy), (2, 0));
}
