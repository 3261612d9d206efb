//! Before a deployment gets any share, its answers can be compared with the live ones.

use mlwasm_types::{
    RolloutState,
    rollout::{RolloutDecision, Stage, Verdict},
};

use super::{
    LAX,
    support::{load_until, start, well_and},
};

#[tokio::test]
async fn answers_are_compared_before_one_gets_any_share() {
    let platform = well_and(&[]).await;
    let plan = [&["--steps", "30,100", "--max-mismatch", "20%"], LAX].concat();
    start(&platform, &plan).await;
    let endpoint = platform.endpoint("e").await.spec;
    assert_eq!(endpoint.traffic.to_string(), "blue=100");
    assert_eq!(endpoint.mirror_traffic.len(), 1, "{endpoint:?}");
    // What has nothing to do with it may be changed.
    let describe = ["endpoint", "update", "e", "--description", "flowers"];
    platform.cli(&describe).await.succeeded();
    platform
        .cli(&["mirror", "e", "green=0"])
        .await
        .refused(1, &["a rollout to green is running", "abort"]);

    let over = load_until(&platform, |view| !view.rollout.state.is_active()).await;

    assert_eq!(over.rollout.state, RolloutState::Succeeded, "{over:#?}");
    let is_promotion = |decision: &&RolloutDecision| decision.verdict == Verdict::Promote;
    let promotions: Vec<_> = over.rollout.decisions.iter().filter(is_promotion).collect();
    let stages: Vec<_> = promotions.iter().map(|decision| decision.stage).collect();
    assert_eq!(stages, [Stage::Shadow, Stage::Live { step: 1 }]);
    let reason = &promotions[0].reason;
    assert!(reason.contains("answers of green and blue"), "{reason}");
    let endpoint = platform.endpoint("e").await.spec;
    assert!(endpoint.mirror_traffic.is_empty(), "{endpoint:?}");
}

#[tokio::test]
async fn one_whose_answers_differ_never_gets_a_share() {
    let platform = well_and(&[("FAIL_EVERY", "2")]).await;
    let plan = ["--max-mismatch", "1%", "--interval", "1s"];
    start(&platform, &plan).await;

    let over = load_until(&platform, |view| {
        assert_eq!(view.traffic.to_string(), "blue=100");
        !view.rollout.state.is_active()
    })
    .await;

    assert_eq!(over.rollout.state, RolloutState::RolledBack, "{over:#?}");
    let last = over.rollout.decisions.last().unwrap();
    assert_eq!(
        (last.stage, last.verdict),
        (Stage::Shadow, Verdict::RollBack)
    );
    assert!(last.reason.contains("differ"), "{}", last.reason);
    let endpoint = platform.endpoint("e").await.spec;
    assert!(endpoint.mirror_traffic.is_empty(), "{endpoint:?}");
    assert_eq!(platform.score("e", "").await.deployment(), "blue");
    // The audit log tells that the server went back, and not how often it had held.
    let audit = platform.cli(&["-o", "json", "audit"]).await.ok().json();
    let lines = audit["lines"].as_array().unwrap();
    let own = lines
        .iter()
        .filter(|line| line["actor"] == "server:rollout");
    let actions: Vec<_> = own.map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["roll rollout back"]);
}
