//! Pools that grow and shrink while they serve, down to nothing and back.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use mlwasm_inference::Model;
use mlwasm_sandbox::{LeaseError, PoolLoad, PoolSettings, SandboxPool, StartError};
use tokio::{
    task::{JoinSet, yield_now},
    time::interval,
};

use crate::{
    inference::Doubler,
    support::{
        PATIENCE, ask, engine, eventually, later, pool, scorer, settings, text, try_pool,
        with_model,
    },
};

fn sized(instances: u32, max_instances: u32) -> PoolSettings {
    PoolSettings {
        instances,
        max_instances,
        ..settings()
    }
}

fn idle(target: usize, idle: usize) -> PoolLoad {
    PoolLoad {
        target,
        idle,
        ..PoolLoad::default()
    }
}

#[tokio::test]
async fn a_pool_grows_and_shrinks_to_the_number_it_is_told() {
    let pool = pool("echo", sized(1, 4)).await;
    for target in [3, 3, 1, 4, 2, 0, 1] {
        pool.resize(target);
        let expected = idle(target as usize, target as usize);
        eventually("it has so many", || pool.load() == expected).await;
    }
}

#[tokio::test]
async fn a_pool_never_grows_above_its_most() {
    let pool = pool("echo", sized(1, 2)).await;
    pool.resize(100);
    eventually("it has as many as it may", || pool.load() == idle(2, 2)).await;
}

#[tokio::test]
async fn what_is_busy_when_a_pool_shrinks_goes_when_it_comes_back() {
    let pool = pool("counter", sized(3, 3)).await;
    let mut leases = Vec::new();
    for _ in 0..3 {
        leases.push(pool.lease(later()).await.unwrap());
    }
    pool.resize(1);
    assert_eq!((pool.load().busy, pool.load().refilling), (3, 0));
    for busy in [2, 1, 0] {
        drop(leases.pop());
        let load = pool.load();
        assert_eq!((load.busy, load.idle), (busy, usize::from(busy == 0)));
    }
}

#[tokio::test]
async fn who_waits_while_a_pool_grows_is_served_by_a_new_sandbox() {
    let pool = pool("echo", sized(1, 2)).await;
    let held = pool.lease(later()).await.unwrap();
    let waits = pool.lease(later());
    let grows = async { pool.resize(2) };
    let (waited, ()) = tokio::join!(waits, grows);
    drop(waited.unwrap());
    drop(held);
}

#[tokio::test]
async fn a_scorer_that_does_not_start_is_told_even_if_no_sandbox_is_wanted() {
    let error = try_pool("fail_init", sized(0, 1)).await.unwrap_err();
    assert!(matches!(error, StartError::InitFailed { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_pool_holds_no_room_and_makes_a_sandbox_for_who_comes() {
    let engine = engine(1);
    let scorer = scorer(&engine, "counter");
    let empty = SandboxPool::start(Arc::clone(&scorer), sized(0, 1))
        .await
        .unwrap();
    assert_eq!(empty.load(), idle(0, 0));
    // The proof that it starts has been dropped: there is room for another's.
    let other = SandboxPool::start(scorer, sized(1, 1)).await.unwrap();
    drop(other);

    assert_eq!(text(ask(&empty, "").await), "{\"runs\":1}");
    assert_eq!(text(ask(&empty, "").await), "{\"runs\":2}");
    assert_eq!(empty.load(), idle(0, 1));
}

#[tokio::test]
async fn who_comes_at_once_to_an_empty_pool_is_served_by_no_more_than_its_most() {
    let pool = pool("counter", sized(0, 3)).await;
    let asked = (0..12).map(|_| {
        let pool = Arc::clone(&pool);
        async move {
            ask(&pool, "").await.unwrap();
            let load = pool.load();
            assert!(load.idle + load.busy + load.refilling <= 3, "{load:?}");
        }
    });
    asked.collect::<JoinSet<_>>().join_all().await;
    // One may still be on its way for whom another was served first.
    eventually("all is done", || pool.load().refilling == 0).await;
    assert_eq!((pool.load().busy, pool.load().waiting), (0, 0));
}

#[tokio::test]
async fn an_empty_pool_keeps_a_sandbox_for_a_while_and_then_lets_go_of_it() {
    let pool = pool("counter", sized(0, 1)).await;
    ask(&pool, "").await.unwrap();
    assert_eq!(text(ask(&pool, "").await), "{\"runs\":2}");
    assert_eq!(pool.load(), idle(0, 1));
    let mut pace = interval(Duration::from_millis(20));
    let until = later();
    while pool.load() != idle(0, 0) {
        assert!(Instant::now() < until, "it is kept for ever");
        pace.tick().await;
    }
    assert_eq!(text(ask(&pool, "").await), "{\"runs\":1}");
}

#[tokio::test]
async fn a_sandbox_that_was_made_on_demand_becomes_one_of_the_pool_s() {
    let pool = pool("counter", sized(0, 2)).await;
    ask(&pool, "").await.unwrap();
    pool.resize(1);
    assert_eq!(pool.load(), idle(1, 1));
    assert_eq!(text(ask(&pool, "").await), "{\"runs\":2}");
    pool.resize(0);
    assert_eq!(pool.load(), idle(0, 0));
}

#[tokio::test]
async fn a_sandbox_that_can_not_be_made_on_demand_is_told_at_once() {
    let model = Arc::new(Doubler::default());
    let settings = PoolSettings {
        instances: 0,
        ..with_model(Arc::clone(&model) as Arc<dyn Model>)
    };
    let pool = pool("many_infer", settings).await;
    model.panics.store(true, Ordering::Relaxed);
    // The one for whom it was tried, and those who come before the next try.
    for _ in 0..3 {
        let refused = pool.lease(later()).await.unwrap_err();
        assert_eq!(refused, LeaseError::NoLiveSandbox);
    }

    model.panics.store(false, Ordering::Relaxed);
    let until = Instant::now() + PATIENCE;
    while pool.lease(until).await.is_err() {
        assert!(Instant::now() < until);
        yield_now().await;
    }
}

#[tokio::test]
async fn who_leaves_an_empty_pool_leaves_nothing_behind() {
    let pool = pool("echo", sized(0, 2)).await;
    let refused = pool.lease(Instant::now()).await.map(drop);
    eventually("it has settled", || {
        let load = pool.load();
        load.waiting == 0 && load.refilling == 0 && load.busy == 0
    })
    .await;
    // Made all the same or not, whoever comes next is served.
    assert!(matches!(refused, Ok(()) | Err(LeaseError::QueueTimeout)));
    ask(&pool, "").await.unwrap();
}

#[tokio::test]
async fn a_peak_is_told_once() {
    let pool = pool("echo", sized(2, 2)).await;
    assert_eq!(pool.take_peak(), 0);
    let held = (
        pool.lease(later()).await.unwrap(),
        pool.lease(later()).await.unwrap(),
    );
    // A third and a fourth wait, and leave.
    let waits = async { tokio::join!(pool.lease(later()), pool.lease(later())).0 };
    tokio::select! {
        biased;
        _ = waits => panic!("there are two"),
        () = yield_now() => {}
    }
    assert_eq!(pool.take_peak(), 4);
    assert_eq!(pool.take_peak(), 2);
    drop(held);
    assert_eq!(pool.take_peak(), 2);
    assert_eq!(pool.take_peak(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_books_add_up_after_any_amount_of_resizing_and_leasing() {
    const ROOM: u32 = 6;
    let engine = engine(ROOM);
    let scorer = scorer(&engine, "hold_and_trap");
    let pool = SandboxPool::start(Arc::clone(&scorer), sized(2, ROOM))
        .await
        .unwrap();
    let mut tasks = JoinSet::new();
    for task in 0..6_u32 {
        let pool = Arc::clone(&pool);
        tasks.spawn(async move {
            for turn in 0..60 {
                let mode = if (task + turn) % 7 == 0 { "trap" } else { "ok" };
                let ended = ask(&pool, &format!("mode={mode}")).await;
                assert_eq!(ended.is_ok(), mode == "ok", "{ended:?}");
                // Some only look in.
                drop(pool.lease(Instant::now()).await);
            }
        });
    }
    for task in 0..2_u32 {
        let pool = Arc::clone(&pool);
        tasks.spawn(async move {
            for turn in 0..100 {
                pool.resize((task + 5 * turn) % (ROOM + 1));
                yield_now().await;
            }
        });
    }
    tasks.join_all().await;

    pool.resize(3);
    eventually("three are idle", || pool.load() == idle(3, 3)).await;
    drop(pool);
    // Nothing of it is left: its whole room is to be had.
    SandboxPool::start(scorer, sized(ROOM, ROOM)).await.unwrap();
}
