//! Scorers that do not start, and who hears why.

use std::{sync::Arc, time::Duration};

use mlwasm_sandbox::{Limit, Opening, PoolSettings, SandboxPool, StartError};
use mlwasm_types::SandboxSettings;

use crate::support::{ask, engine, lines, scorer, settings, text, try_pool};

#[tokio::test]
async fn a_failed_init_is_told_in_the_scorer_s_words() {
    let error = try_pool("fail_init", settings()).await.unwrap_err();
    assert_eq!(error.to_string(), "init failed: no threshold set");
}

#[tokio::test]
async fn an_init_that_opens_what_does_not_exist_is_told_so() {
    let error = try_pool("opens_missing_model", settings())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("init failed: "), "{text}");
    assert!(
        text.contains("no model \"nope\": the deployment has no models"),
        "{text}"
    );
}

#[tokio::test]
async fn an_init_that_traps_leaves_its_words_in_the_log() {
    let settings = settings();
    let log = Arc::clone(&settings.log);
    let error = try_pool("trap_init", settings).await.unwrap_err();
    assert!(
        matches!(&error, StartError::Trapped { message, .. } if message.ends_with("trapped in init") && message.contains("trap_init.rs:10")),
        "{error}"
    );
    let printed = lines(&log);
    assert!(
        printed
            .iter()
            .any(|line| line.text.contains("trapped in init")),
        "{printed:?}"
    );
    assert!(printed.iter().all(|line| line.request_id.is_none()));
}

#[tokio::test]
async fn an_init_that_never_returns_is_stopped() {
    let settings = PoolSettings {
        instances: 4,
        sandbox: SandboxSettings {
            init_timeout_ms: 30,
            ..SandboxSettings::default()
        },
        ..settings()
    };
    let error = try_pool("spin_init", settings).await.unwrap_err();
    let limit = Duration::from_millis(30);
    let call = Opening::Init;
    assert_eq!(error, StartError::DeadlineExceeded { call, limit });
    assert_eq!(error.to_string(), "init exceeded its deadline of 30ms");
}

#[tokio::test]
async fn a_scorer_that_needs_more_memory_than_it_may_have_does_not_start() {
    let settings = PoolSettings {
        sandbox: SandboxSettings {
            memory_limit_mb: 1,
            ..SandboxSettings::default()
        },
        ..settings()
    };
    // Its stack alone takes the first MiB.
    let error = try_pool("echo", settings).await.unwrap_err();
    assert!(
        matches!(
            error,
            StartError::LimitExceeded {
                limit: Limit::Memory,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn all_sandboxes_of_a_pool_are_ready_when_it_is() {
    let settings = PoolSettings {
        instances: 5,
        ..settings()
    };
    let pool = try_pool("echo", settings).await.unwrap();
    assert_eq!(pool.counts().idle, 5);
}

#[tokio::test]
async fn the_room_for_sandboxes_is_shared_and_comes_back() {
    let engine = engine(2);
    let scorer = scorer(&engine, "version");
    let two = || PoolSettings {
        instances: 2,
        ..settings()
    };
    let first = SandboxPool::start(Arc::clone(&scorer), two())
        .await
        .unwrap();
    let refused = SandboxPool::start(Arc::clone(&scorer), two()).await;
    assert_eq!(refused.unwrap_err(), StartError::NoRoom);

    drop(first);
    let second = SandboxPool::start(scorer, two()).await.unwrap();
    assert_eq!(text(ask(&second, "").await), "unversioned");
}

#[tokio::test]
async fn sandboxes_of_two_pools_share_nothing() {
    let engine = engine(4);
    let scorer = scorer(&engine, "version");
    let labelled = |label: &str| PoolSettings {
        environment: [("VERSION".to_owned(), label.to_owned())].into(),
        ..settings()
    };
    let one = SandboxPool::start(Arc::clone(&scorer), labelled("one"))
        .await
        .unwrap();
    let two = SandboxPool::start(scorer, labelled("two")).await.unwrap();
    for _ in 0..20 {
        assert_eq!(text(ask(&one, "").await), "one");
        assert_eq!(text(ask(&two, "").await), "two");
    }
}
