//! Guests that must be stopped, and those that must not notice.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::HeaderMap;
use mlwasm_sandbox::{RecycleCounts, RunError, SandboxPool, ScoringRequest};

use crate::support::{
    PATIENCE, ask, engine, later, lines, pool, report, request, scorer, settings, text,
};

/// A limit that is reached.
const SHORT: Duration = Duration::from_millis(30);

#[tokio::test]
async fn a_guest_that_never_returns_is_stopped_and_replaced() {
    let pool = pool("hold_and_trap", settings()).await;
    assert_eq!(text(ask(&pool, "mode=ok").await), "{\"runs\":1}");

    let stuck = report(&pool, "mode=spin", SHORT).await;
    assert_eq!(stuck.outcome, Err(RunError::DeadlineExceeded));

    // One sandbox: whoever is served now is served by its successor.
    assert_eq!(text(ask(&pool, "mode=ok").await), "{\"runs\":1}");
    let expected = RecycleCounts {
        deadline: 1,
        ..RecycleCounts::default()
    };
    assert_eq!(pool.recycles(), expected);
}

// One thread: whoever kept it would keep everyone.
#[tokio::test]
async fn a_busy_guest_leaves_its_thread_to_others() {
    let engine = engine(2);
    let stuck = SandboxPool::start(scorer(&engine, "spin"), settings())
        .await
        .unwrap();
    let well = SandboxPool::start(scorer(&engine, "version"), settings())
        .await
        .unwrap();

    let endless = report(&stuck, "", PATIENCE);
    let served = async {
        for _ in 0..3 {
            assert_eq!(text(ask(&well, "").await), "unversioned");
        }
    };
    tokio::select! {
        biased;
        ended = endless => panic!("the endless guest ended: {ended:?}"),
        () = served => {}
    }
    assert_eq!(stuck.recycles().cancelled, 1);
}

#[tokio::test]
async fn a_trap_is_told_and_its_sandbox_replaced_even_without_room_to_spare() {
    let settings = settings();
    let log = Arc::clone(&settings.log);
    let engine = engine(1);
    let pool = SandboxPool::start(scorer(&engine, "hold_and_trap"), settings)
        .await
        .unwrap();

    for _ in 0..3 {
        let Err(RunError::Trapped { message }) = ask(&pool, "mode=trap").await else {
            panic!("no trap");
        };
        assert!(message.contains("unreachable"), "{message}");
    }

    assert_eq!(text(ask(&pool, "mode=ok").await), "{\"runs\":1}");
    assert_eq!(pool.recycles().trap, 3);
    let told = lines(&log);
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].request_id.as_deref(), Some("r1"));
    assert!(told[0].text.contains("trapped: "), "{}", told[0].text);
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_is_stopped_and_its_sandbox_discarded() {
    let pool = pool("hold_and_trap", settings()).await;
    let headers = HeaderMap::new();
    let request = ScoringRequest {
        query: "mode=spin",
        ..request(&headers)
    };
    let lease = pool.lease(later()).await.unwrap();
    {
        let mut run = pin!(lease.run(request, later()));
        let first = poll_fn(|context| Poll::Ready(run.as_mut().poll(context).is_pending())).await;
        assert!(first, "the guest spins");
        assert_eq!(pool.counts().busy, 1);
    }
    let expected = RecycleCounts {
        cancelled: 1,
        ..RecycleCounts::default()
    };
    assert_eq!(pool.recycles(), expected);
    assert_eq!(text(ask(&pool, "mode=ok").await), "{\"runs\":1}");
}

#[tokio::test]
async fn a_lease_that_was_not_used_goes_back() {
    let pool = pool("counter", settings()).await;
    ask(&pool, "").await.unwrap();
    drop(pool.lease(later()).await.unwrap());
    assert_eq!(text(ask(&pool, "").await), "{\"runs\":2}");
    assert_eq!(pool.recycles(), RecycleCounts::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_stuck_guests_end_at_their_deadlines() {
    let settings = mlwasm_sandbox::PoolSettings {
        instances: 6,
        ..settings()
    };
    let pool = pool("spin", settings).await;
    let runs = (0..6).map(|_| {
        let pool = Arc::clone(&pool);
        async move { report(&pool, "", SHORT).await.outcome }
    });
    let mut tasks: tokio::task::JoinSet<_> = runs.collect();
    while let Some(outcome) = tasks.join_next().await {
        assert_eq!(outcome.unwrap(), Err(RunError::DeadlineExceeded));
    }
    assert_eq!(pool.recycles().deadline, 6);
}
