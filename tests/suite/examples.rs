//! What `examples/` tells works as it is told. The scripts check each of their steps; here they are run, and what they
//! leave behind is looked at.

use mlwasm_harness::Platform;
use serde_json::json;

/// The steps of a safe rollout, in order.
const STEPS: [&str; 13] = [
    "Create the endpoint",
    "Deploy blue, with all of the traffic",
    "Invoke it",
    "Scale blue to two sandboxes",
    "Deploy green beside it: no traffic yet",
    "Test green, by its name",
    "Copy 10 % of the requests to green: clients see blue's answers only",
    "End the copies",
    "Give green 10 % of the requests",
    "Give green all of them",
    "Delete blue",
    "Delete the endpoint",
    "Done",
];

async fn runs_to_its_end(script: &str) {
    let platform = Platform::start().await;
    let output = platform.script(script).await.ok();
    let steps: Vec<_> = output
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("== "))
        .collect();
    assert_eq!(steps, STEPS, "{output:#?}");
    let list = platform.cli(&["endpoint", "list", "-o", "json"]).await.ok();
    assert_eq!(list.json(), json!([]));
}

#[tokio::test]
async fn a_safe_rollout_is_as_its_script_tells_it() {
    runs_to_its_end("examples/safe-rollout/run.sh").await;
}

#[tokio::test]
async fn a_safe_rollout_in_azures_spellings_is_the_same() {
    runs_to_its_end("examples/safe-rollout/run-azure.sh").await;
}

#[tokio::test]
async fn a_script_stops_at_the_first_thing_that_is_not_as_it_should_be() {
    let platform = Platform::start().await;
    platform
        .cli(&["endpoint", "create", "iris"])
        .await
        .succeeded();
    let output = platform.script("examples/safe-rollout/run.sh").await;
    assert_eq!(output.code, 1, "{output:#?}");
    assert!(output.stderr.contains("exists already"), "{output:#?}");
    assert!(!output.stdout.contains(STEPS[1]), "{output:#?}");
}
