//! A scorer that misbehaves hurts itself: its client is told, nobody else notices.

use mlwasm_harness::{Answer, Platform, eventually, guests, models};

use crate::support::{busy, platform_with, sandboxes};

/// What a client is told of a scorer's fault: 424, as Azure says it.
fn is_fault(answer: &Answer, reason: &str) {
    assert_eq!(answer.status(), 424, "{answer:?}");
    assert!(answer.header("ms-azureml-model-error-statuscode").is_some());
    assert_eq!(answer.header("ms-azureml-model-error-reason"), Some(reason));
    answer.problem();
}

/// One sandbox that does as each request asks, with a second for each.
async fn obedient() -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .instances(1)
        .set("request_settings.request_timeout_ms", 1_000)
        .set("request_settings.max_queue_wait_ms", 60_000)
        .run()
        .await;
    platform
}

async fn ask(platform: &Platform, mode: &str) -> Answer {
    let call = platform.scoring("e").await.query(&format!("mode={mode}"));
    call.send().await
}

/// How many requests this very sandbox has served.
async fn runs(platform: &Platform) -> u64 {
    // Replacing a sandbox takes a moment, which the deadline of a request need not cover.
    eventually("a sandbox is ready", async || {
        (sandboxes(platform, "idle").await == 1).then_some(())
    })
    .await;
    let answer = ask(platform, "ok").await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()["runs"].as_u64().unwrap()
}

async fn recycles(platform: &Platform, reason: &str) -> u64 {
    let labels = [
        ("endpoint", "e"),
        ("deployment", "blue"),
        ("reason", reason),
    ];
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_sandbox_recycles_total", &labels)
}

#[tokio::test]
async fn a_trap_is_the_scorers_fault() {
    let platform = platform_with("trap").await;
    let answer = platform.score("e", "").await;
    is_fault(&answer, "trapped");
    assert_eq!(answer.deployment(), "blue");
}

#[tokio::test]
async fn an_internal_error_is_the_scorers_fault_and_in_its_words() {
    let platform = platform_with("internal").await;
    let answer = platform.score("e", "").await;
    is_fault(&answer, "internal");
    assert!(answer.problem().detail.contains("boom"), "{answer:?}");
}

#[tokio::test]
async fn a_bad_request_is_the_clients_fault_and_in_the_scorers_words() {
    let platform = platform_with("bad_request").await;
    let answer = platform.score("e", "").await;
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.problem().detail, "the body is not to my taste");
    assert_eq!(answer.header("ms-azureml-model-error-statuscode"), None);
}

#[tokio::test]
async fn a_response_that_is_no_http_is_the_scorers_fault() {
    let platform = platform_with("status").await;
    for query in [
        "code=99",
        "code=600",
        "code=0",
        // HTTP has no place for the text that comes with it.
        "code=204",
        "code=200&header=two%20words&value=x",
        "code=200&header=x-split&value=a%0D%0Ab:%20c",
    ] {
        let answer = platform.scoring("e").await.query(query).send().await;
        is_fault(&answer, "invalid_response");
    }
}

#[tokio::test]
async fn a_loop_is_stopped_and_its_neighbour_is_not() {
    let platform = obedient().await;
    platform
        .deploy(guests::path("echo"))
        .to("well", "blue")
        .run()
        .await;

    let (stuck, well) = tokio::join!(ask(&platform, "spin"), async {
        busy(&platform, 1).await;
        platform.score("well", "x").await
    });

    assert_eq!(stuck.status(), 408);
    assert!(stuck.problem().detail.contains("1s"), "{stuck:?}");
    assert_eq!((well.status(), well.text().as_str()), (200, "x"));
}

#[tokio::test]
async fn a_request_that_spends_its_time_in_native_runs_is_stopped_too() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("many_infer"))
        .to("e", "blue")
        .model("model", &models::iris(1))
        .instances(1)
        .set("sandbox.max_infer_calls", 1_000_000)
        .set("request_settings.request_timeout_ms", 300)
        .set("request_settings.max_queue_wait_ms", 60_000)
        .run()
        .await;
    let ask = async |times: u32| {
        let call = platform.scoring("e").await.query(&format!("times={times}"));
        call.send().await
    };
    assert_eq!(ask(1_000_000).await.status(), 408);
    assert_eq!(recycles(&platform, "deadline").await, 1);
    eventually("a sandbox is ready", async || {
        (sandboxes(&platform, "idle").await == 1).then_some(())
    })
    .await;
    assert_eq!(ask(1).await.status(), 200);
}

#[tokio::test]
async fn loops_on_all_threads_end_and_the_server_lives() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("spin"))
        .to("e", "blue")
        .instances(8)
        .set("request_settings.request_timeout_ms", 1_000)
        .run()
        .await;
    platform
        .deploy(guests::path("echo"))
        .to("well", "blue")
        .run()
        .await;

    let loops = (0..8).map(|_| platform.score("e", ""));
    let ended = futures_util::future::join_all(loops).await;

    assert!(
        ended.iter().all(|answer| answer.status() == 408),
        "{ended:?}"
    );
    assert_eq!(platform.score("well", "x").await.text(), "x");
    eventually("every sandbox was replaced", async || {
        (sandboxes(&platform, "idle").await == 8).then_some(())
    })
    .await;
    assert_eq!(sandboxes(&platform, "busy").await, 0);
    assert_eq!(recycles(&platform, "deadline").await, 8);
}

#[tokio::test]
async fn a_sandbox_that_trapped_is_never_used_again() {
    let platform = obedient().await;
    assert_eq!(runs(&platform).await, 1);
    assert_eq!(runs(&platform).await, 2);

    is_fault(&ask(&platform, "trap").await, "trapped");

    assert_eq!(runs(&platform).await, 1);
    assert_eq!(recycles(&platform, "trap").await, 1);
}

#[tokio::test]
async fn a_sandbox_that_ran_out_of_time_is_never_used_again() {
    let platform = obedient().await;
    assert_eq!(runs(&platform).await, 1);

    assert_eq!(ask(&platform, "spin").await.status(), 408);

    assert_eq!(runs(&platform).await, 1);
    assert_eq!(recycles(&platform, "deadline").await, 1);
}

#[tokio::test]
async fn a_sandbox_whose_client_hung_up_is_never_used_again() {
    let platform = narrow_with_long_deadline().await;
    assert_eq!(runs(&platform).await, 1);
    {
        let running = ask(&platform, "spin");
        tokio::pin!(running);
        tokio::select! {
            answer = &mut running => panic!("a loop ended: {answer:?}"),
            () = busy(&platform, 1) => {}
        }
        // The client goes away here.
    }
    assert_eq!(runs(&platform).await, 1);
    assert_eq!(recycles(&platform, "cancelled").await, 1);
}

async fn narrow_with_long_deadline() -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .instances(1)
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    platform
}

#[tokio::test]
async fn a_sandbox_that_only_said_no_is_used_again() {
    let platform = obedient().await;
    assert_eq!(runs(&platform).await, 1);
    assert_eq!(ask(&platform, "nonsense").await.status(), 400);
    assert_eq!(runs(&platform).await, 3);
}

#[tokio::test]
async fn a_pool_refills_after_a_storm_of_traps() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("hold_and_trap"))
        .to("e", "blue")
        .instances(4)
        .run()
        .await;
    for _ in 0..40 {
        // Faster than sandboxes can be made, the deployment may also say that it is short of them.
        let status = ask(&platform, "trap").await.status();
        assert!(matches!(status, 424 | 429 | 503), "{status}");
    }
    eventually("the pool is full", async || {
        (sandboxes(&platform, "idle").await == 4).then_some(())
    })
    .await;
    assert_eq!(ask(&platform, "ok").await.status(), 200);
}
