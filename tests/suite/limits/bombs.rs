//! A scorer that does its worst within its limits hurts only itself.

use mlwasm_harness::{Answer, Platform, eventually, guests};

use crate::support::{busy, sandboxes};

async fn bomb() -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("consume"))
        .to("e", "blue")
        .instances(1)
        .set("request_settings.request_timeout_ms", 1_000)
        .set("request_settings.max_queue_wait_ms", 60_000)
        .run()
        .await;
    platform
        .deploy(guests::path("echo"))
        .to("well", "blue")
        .run()
        .await;
    platform
}

async fn ask(platform: &Platform, query: &str) -> Answer {
    eventually("a sandbox is ready", async || {
        (sandboxes(platform, "idle").await == 1).then_some(())
    })
    .await;
    platform.scoring("e").await.query(query).send().await
}

#[tokio::test]
async fn one_instruction_that_fills_much_memory_is_stopped_too() {
    let platform = bomb().await;
    let (stuck, well) = tokio::join!(ask(&platform, "what=fill&amount=48"), async {
        busy(&platform, 1).await;
        platform.score("well", "x").await
    });
    assert_eq!(stuck.status(), 408);
    assert_eq!((well.status(), well.text().as_str()), (200, "x"));
    // Well it is again, with fresh memory.
    assert_eq!(ask(&platform, "what=memory&amount=64").await.status(), 200);
}

#[tokio::test]
async fn endless_recursion_ends_itself_and_not_the_server() {
    let platform = bomb().await;
    let server = platform.server().id();
    for _ in 0..3 {
        let answer = ask(&platform, "what=stack&amount=4000000000").await;
        assert_eq!(answer.status(), 424);
        let detail = answer.problem().detail;
        assert!(detail.contains("max_stack_kb"), "{detail}");
    }
    assert_eq!(platform.score("well", "x").await.text(), "x");
    assert_eq!(platform.server().id(), server);
    assert_eq!(ask(&platform, "what=stack&amount=100").await.status(), 200);
}

#[tokio::test]
async fn a_text_as_long_as_memory_is_cut_or_refused() {
    let platform = bomb().await;
    // Words of a scorer: cut for the client.
    let answer = ask(&platform, "what=error&amount=1000000").await;
    let reason = answer.header("ms-azureml-model-error-reason");
    assert_eq!((answer.status(), reason), (424, Some("internal")));
    assert!(answer.body().len() < 10_000);
    // More than an answer may have.
    let answer = ask(&platform, "what=error&amount=20000000").await;
    let reason = answer.header("ms-azureml-model-error-reason");
    assert_eq!((answer.status(), reason), (424, Some("limit_exceeded")));
    assert!(answer.body().len() < 10_000);
    // A header is no place for it.
    let answer = ask(&platform, "what=header&amount=1000000").await;
    let reason = answer.header("ms-azureml-model-error-reason");
    assert_eq!((answer.status(), reason), (424, Some("invalid_response")));

    let log = platform
        .cli(&["deployment", "logs", "-e", "e", "-n", "blue"])
        .await
        .ok();
    assert!(log.stdout.lines().all(|line| line.len() < 5_000));
}
