//! Requests in tensors that wait for a sandbox at the same time are joined, and each client gets its own rows back.

mod support;

use mlwasm_harness::{Platform, eventually};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    support::{copies_have_ended, mirror},
    v2_grpc::{message_of_rows, outputs},
};
use support::{
    Clients, GIVE_ONE_ROW, REFUSE, SPIN, TRAP, batches, charged, deploy, deploy_to, failed,
    is_doubled, joining, printed, rows,
};

#[tokio::test]
async fn requests_that_wait_together_are_one_call_and_each_gets_its_own_rows() {
    let platform = joining(32).await;
    let mut clients = Clients::behind_a_loop(&platform).await;
    clients.join(&rows(&[1.0], 1)).await;
    clients.join(&rows(&[2.0, 3.0], 1)).await;
    clients.join(&rows(&[4.0], 1)).await;

    let answers = clients.answers().await;

    is_doubled(&answers[0], &[1.0], 4);
    is_doubled(&answers[1], &[2.0, 3.0], 4);
    is_doubled(&answers[2], &[4.0], 4);
    // The loop, and the three.
    assert_eq!(batches(&platform, "blue").await, (2, 5));
    assert_eq!(charged(&platform).await, 3);
    // It belongs to no one of them.
    let line = printed(&platform, "4 rows").await;
    assert_eq!(line.request_id, None, "{line:?}");
}

#[tokio::test]
async fn requests_in_the_words_of_any_protocol_are_joined() {
    let platform = joining(32).await;
    let mut clients = Clients::behind_a_loop(&platform).await;
    clients.join(&rows(&[1.0], 1)).await;
    let call = platform.scoring_call(Method::POST, "/v1/models/e:predict");
    let call = call.key(&clients.key).json(&json!({"instances": [[2.0]]}));
    let mut v1 = JoinSet::new();
    v1.spawn(call.send());
    clients.one_more_waits().await;
    let call = platform.grpc("inference.GRPCInferenceService/ModelInfer");
    let call = call.key(&clients.key).message(message_of_rows(&[3.0, 4.0]));
    let mut grpc = JoinSet::new();
    grpc.spawn(call.send());
    clients.one_more_waits().await;

    let v2 = clients.answers().await;

    is_doubled(&v2[0], &[1.0], 4);
    let prediction = json!({"predictions": [{"doubled": [4.0], "in_call": 4}]});
    assert_eq!(v1.join_all().await[0].json(), prediction);
    let doubled = [6.0_f32.to_le_bytes(), 8.0_f32.to_le_bytes()].concat();
    let in_call = [4_i64.to_le_bytes(); 2].concat();
    assert_eq!(outputs(&grpc.join_all().await[0]), [doubled, in_call]);
    assert_eq!(batches(&platform, "blue").await, (2, 5));
}

#[tokio::test]
async fn copies_for_a_mirror_are_joined() {
    let platform = Platform::start().await;
    deploy(&platform, "rowwise").run().await;
    deploy_to(&platform, "green", "rowwise")
        .set("infer_batching.max_batch_size", 32)
        .run()
        .await;
    mirror(&platform, "green=50").await;
    let mut clients = Clients::behind_a_loop_in(&platform, "green").await;
    for place in 0..12 {
        let call = platform.scoring_call(Method::POST, "/v2/models/e/infer");
        let call = call.key(&clients.key).id(&format!("request-{place}"));
        is_doubled(&call.json(&rows(&[1.0], 1)).send().await, &[1.0], 1);
    }
    eventually("copies wait", async || {
        let metrics = platform.metrics().await;
        let in_flight = metrics.count("mlwasm_mirror_requests_in_flight", &[]);
        let waiting = metrics.count("mlwasm_scorer_batch_waiting", &[]);
        (waiting > 1 && waiting == in_flight).then_some(())
    })
    .await;

    clients.guard.shutdown().await;

    copies_have_ended(&platform).await;
    let labels = [("deployment", "green"), ("result", "ok")];
    let metrics = platform.metrics().await;
    let copies = metrics.count("mlwasm_mirror_requests_total", &labels);
    // The loop, and the copies in fewer calls than there are copies.
    let (calls, rows) = batches(&platform, "green").await;
    assert_eq!(rows, 1 + copies);
    assert!(copies > 1 && calls < 1 + copies, "{copies} in {calls}");
}

#[tokio::test]
async fn a_call_has_as_many_rows_as_it_may_and_no_more() {
    for (requests, expected) in [
        (3, vec![3, 3, 3]),
        (4, vec![4, 4, 4, 4]),
        (5, vec![4, 4, 4, 4, 1]),
    ] {
        let platform = joining(4).await;
        let mut clients = Clients::behind_a_loop(&platform).await;
        for _ in 0..requests {
            clients.join(&rows(&[1.0], 1)).await;
        }
        let answers = clients.answers().await;
        for (answer, in_call) in answers.iter().zip(&expected) {
            is_doubled(answer, &[1.0], *in_call);
        }
        assert_eq!(answers.len(), expected.len());
    }
}

#[tokio::test]
async fn rows_of_other_sizes_are_not_joined() {
    let platform = joining(32).await;
    let mut clients = Clients::behind_a_loop(&platform).await;
    clients.join(&rows(&[1.0, 2.0], 1)).await;
    clients.join(&rows(&[3.0, 4.0], 2)).await;
    clients.join(&rows(&[5.0], 1)).await;

    let answers = clients.answers().await;

    is_doubled(&answers[0], &[1.0, 2.0], 3);
    is_doubled(&answers[1], &[3.0, 4.0], 1);
    is_doubled(&answers[2], &[5.0], 3);
}

#[tokio::test]
async fn whoever_is_to_blame_for_a_failed_call_fails_alone() {
    for (bad, status, failures, words) in [
        (TRAP, 424, &["request-1"][..], "3 joined requests: trapped"),
        (REFUSE, 400, &[], "3 rows"),
        (
            GIVE_ONE_ROW,
            200,
            &[],
            "3 joined requests: invalid response: output \"doubled\" has 1 rows for 3",
        ),
    ] {
        let platform = joining(32).await;
        let mut clients = Clients::behind_a_loop(&platform).await;
        clients.join(&rows(&[1.0], 1)).await;
        clients.join(&rows(&[bad], 1)).await;
        clients.join(&rows(&[2.0], 1)).await;

        let answers = clients.answers().await;

        is_doubled(&answers[0], &[1.0], 1);
        assert_eq!(answers[1].status(), status, "{bad}: {:?}", answers[1]);
        is_doubled(&answers[2], &[2.0], 1);
        // The request, and no other; what became of the joined call is a line in the log.
        assert_eq!(failed(&platform).await, failures, "{bad}");
        printed(&platform, words).await;
        assert_eq!(charged(&platform).await, 3, "{bad}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_rows_with_it() {
    let platform = joining(32).await;
    let mut clients = Clients::behind_a_loop(&platform).await;
    clients.join(&rows(&[1.0], 1)).await;
    let leaves = clients.join(&rows(&[2.0], 1)).await;
    clients.join(&rows(&[3.0], 1)).await;
    leaves.abort();
    clients.waiting -= 1;
    clients.have_gathered().await;

    let answers = clients.answers().await;

    assert_eq!(answers.len(), 2);
    is_doubled(&answers[0], &[1.0], 2);
    is_doubled(&answers[1], &[3.0], 2);
}

#[tokio::test]
async fn a_joined_call_ends_with_its_last_client() {
    let platform = joining(32).await;
    let mut clients = Clients::behind_a_loop(&platform).await;
    clients.join(&rows(&[SPIN], 1)).await;
    clients.join(&rows(&[1.0], 1)).await;
    clients.guard.shutdown().await;
    eventually("the joined call has begun", async || {
        (batches(&platform, "blue").await.0 == 2).then_some(())
    })
    .await;
    clients.answers.shutdown().await;

    // The only sandbox comes free, though nothing else ends the loop for a minute.
    let call = platform.scoring_call(Method::POST, "/v2/models/e/infer");
    let answer = call.key(&clients.key).json(&rows(&[5.0], 1)).send().await;
    is_doubled(&answer, &[5.0], 1);
}

#[tokio::test]
async fn members_of_a_call_that_runs_late_are_told_each_for_itself() {
    let platform = joining(32).await;
    let update = [
        "deployment",
        "update",
        "-e",
        "e",
        "-n",
        "blue",
        "--set",
        "request_settings.request_timeout_ms=1500",
    ];
    platform.cli(&update).await.succeeded();
    let mut clients = Clients::behind_a_loop(&platform).await;
    clients.join(&rows(&[SPIN], 1)).await;
    clients.join(&rows(&[1.0], 1)).await;

    let answers = clients.answers().await;

    for answer in &answers {
        assert_eq!(answer.status(), 408, "{answer:?}");
    }
    let mut failed = failed(&platform).await;
    failed.sort();
    assert_eq!(failed, ["request-0", "request-1"]);
}

#[tokio::test]
async fn the_scorers_own_route_and_deployments_that_do_not_ask_for_it_are_not_joined() {
    let platform = joining(32).await;
    let answer = platform
        .score("e", json!({"data": [[1.0], [2.0]]}).to_string())
        .await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(batches(&platform, "blue").await, (0, 0));
    let update = ["deployment", "update", "-e", "e", "-n", "blue"];
    let off = [&update[..], &["--set", "infer_batching=null"]].concat();
    platform.cli(&off).await.succeeded();
    let families = platform.metrics().await;
    assert!(
        families
            .select("mlwasm_scorer_batches_total", &[])
            .next()
            .is_none()
    );
}

#[tokio::test]
async fn what_can_not_be_joined_is_refused_in_words() {
    let platform = Platform::start().await;
    for (guest, words) in [
        (
            "echo",
            "the scorer has no signature that says what rows are",
        ),
        (
            "typed",
            "its output \"count\" is int64 []: the first dimension must be open",
        ),
        (
            "unruly",
            "its input \"how\" is bytes [1]: the first dimension must be open",
        ),
    ] {
        let deploy = deploy(&platform, guest).set("infer_batching.max_batch_size", 8);
        let words = [words, "set infer_batching to null"];
        deploy.attempt().await.refused(1, &words);
    }
    for (setting, value, words) in [
        ("infer_batching.max_batch_size", "1", "expected 2 to 65536"),
        (
            "infer_batching.max_queue_delay_us",
            "1000001",
            "expected 0 to 1000000",
        ),
        ("infer_batching.size", "4", "unknown field `size`"),
    ] {
        let deploy = deploy(&platform, "rowwise").set(setting, value);
        deploy.attempt().await.refused(1, &[words]);
    }
    let apart = deploy(&platform, "rowwise")
        .set("infer_batching.max_batch_size", 8)
        .set("sandbox.isolation", "request");
    let words = "infer_batching joins requests, and sandbox.isolation request keeps them apart";
    apart.attempt().await.refused(1, &[words]);
}

#[tokio::test]
async fn a_delay_has_requests_wait_for_more_although_a_sandbox_is_free() {
    let platform = Platform::start().await;
    deploy(&platform, "rowwise")
        .set("instance_count", 2)
        .set("infer_batching.max_batch_size", 2)
        .set("infer_batching.max_queue_delay_us", 1_000_000)
        .run()
        .await;
    let clients = Clients::behind_a_loop(&platform).await;
    let ask = |x: f32| {
        let call = platform.scoring_call(Method::POST, "/v2/models/e/infer");
        call.key(&clients.key).json(&rows(&[x], 1)).send()
    };

    // The second fills the call, which then waits no longer.
    let (first, second) = tokio::join!(ask(1.0), ask(2.0));

    is_doubled(&first, &[1.0], 2);
    is_doubled(&second, &[2.0], 2);
}
