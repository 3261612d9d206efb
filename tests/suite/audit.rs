//! Whatever was changed is in the audit log, with who changed it; what is secret is not.

use mlwasm_harness::{Platform, Setup, guests};
use mlwasm_types::{
    Scope,
    audit::{AuditLine, AuditOutcome, AuditPage},
};
use reqwest::Method;
use serde_json::json;

use crate::support::{blue_and_green, platform_with, traffic};

async fn lines(platform: &Platform, query: &str) -> Vec<AuditLine> {
    page(platform, query).await.lines
}

async fn page(platform: &Platform, query: &str) -> AuditPage {
    let call = platform.admin(Method::GET, "/v1/audit").query(query);
    let answer = call.send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.read()
}

#[tokio::test]
async fn a_change_is_told_with_who_what_and_from_what_to_what() {
    let platform = blue_and_green().await;
    let call = platform.admin(Method::PUT, "/v1/endpoints/e/traffic");
    let shares = json!({"blue": 90, "green": 10});
    let answer = call.id("r-1").json(&shares).send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");

    let line = lines(&platform, "endpoint=e").await.pop().unwrap();

    assert_eq!(
        (line.actor.as_str(), line.action.as_str()),
        ("token:admin", "set traffic")
    );
    assert_eq!(line.outcome, AuditOutcome::Accepted);
    assert_eq!(line.request_id.as_deref(), Some("r-1"));
    let generation = platform.endpoint("e").await.generation;
    assert_eq!(line.generation, Some(generation));
    assert_eq!(
        serde_json::to_value(&line.changes).unwrap(),
        json!([
            {"path": "traffic.blue", "from": 100, "to": 90},
            {"path": "traffic.green", "from": null, "to": 10},
        ])
    );
}

#[tokio::test]
async fn a_line_for_each_change_survives_a_power_cut() {
    let mut platform = Platform::start().await;
    for n in 0..20 {
        let path = format!("/v1/endpoints/e-{n}");
        let put = platform.admin(Method::PUT, &path).json(&json!({}));
        assert_eq!(put.send().await.status(), 201);
    }
    // At once after the last answer.
    platform.kill9();
    platform.restart().await;
    let told: Vec<_> = lines(&platform, "lines=100")
        .await
        .into_iter()
        .map(|line| (line.action, line.endpoint.unwrap().to_string()))
        .collect();
    let made: Vec<_> = (0..20)
        .map(|n| ("create endpoint".to_owned(), format!("e-{n}")))
        .collect();
    assert_eq!(told, made);
}

#[tokio::test]
async fn what_is_refused_is_told_with_who_and_why() {
    let platform = blue_and_green().await;
    let made = platform
        .cli(&[
            "admin-token",
            "create",
            "visitor",
            "--scope",
            Scope::Read.as_str(),
            "-o",
            "json",
        ])
        .await;
    let token = made.ok().json()["token"].as_str().unwrap().to_owned();
    let delete = |path| platform.admin_without_token(Method::DELETE, path);
    let forbidden = delete("/v1/endpoints/e").key(&token).send().await;
    assert_eq!(forbidden.status(), 403);
    let in_use = platform
        .admin(Method::DELETE, "/v1/endpoints/e/deployments/blue")
        .send()
        .await;
    assert_eq!(in_use.status(), 409);
    // Nobody's request is nobody's line: strangers can not fill the log.
    assert_eq!(delete("/v1/endpoints/e").send().await.status(), 401);

    let refused: Vec<_> = lines(&platform, "lines=100")
        .await
        .into_iter()
        .filter(|line| line.outcome == AuditOutcome::Refused)
        .collect();

    let told: Vec<_> = refused
        .iter()
        .map(|line| (line.actor.as_str(), line.action.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("token:visitor", "DELETE /v1/endpoints/e"),
            ("token:admin", "DELETE /v1/endpoints/e/deployments/blue"),
        ]
    );
    let reason = |n: usize| refused[n].reason.clone().unwrap();
    assert!(reason(0).contains("scope deploy"), "{}", reason(0));
    assert!(reason(1).contains("percent of the live"), "{}", reason(1));
}

#[tokio::test]
async fn what_changed_nothing_is_not_told() {
    let platform = blue_and_green().await;
    let before = lines(&platform, "lines=100").await;
    traffic(&platform, "blue=100").await;
    assert_eq!(lines(&platform, "lines=100").await, before);
}

#[tokio::test]
async fn keys_tokens_and_values_of_variables_are_in_no_line() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    platform
        .deploy(guests::path("version"))
        .to("e", "blue")
        .env("API_KEY", "canary-1")
        .run()
        .await;
    platform
        .deploy(guests::path("version"))
        .to("e", "blue")
        .env("API_KEY", "canary-2")
        .run()
        .await;
    platform
        .cli(&["keys", "e", "regenerate", "primary"])
        .await
        .succeeded();
    let new_key = platform.keys("e").await.primary_key;
    // A value where a reference should be: refused, and not repeated.
    let path = "/v1/endpoints/e/deployments/blue";
    let patch = json!({"secrets": {"KEY": "canary-3"}, "instance_count": "canary-4"});
    let refused = platform.admin(Method::PATCH, path).json(&patch);
    assert_eq!(refused.send().await.status(), 422);

    let call = platform.admin(Method::GET, "/v1/audit").query("lines=100");
    let text = call.send().await.text();

    assert!(text.contains("environment_variables.API_KEY"), "{text}");
    assert!(text.contains("regenerated_keys.primary"), "{text}");
    for secret in ["canary", &key, &new_key, &platform.admin_token()] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn the_log_is_paged_and_filtered() {
    let platform = Platform::start().await;
    for name in ["a", "b", "a2", "b2"] {
        platform
            .cli(&["endpoint", "create", name])
            .await
            .succeeded();
    }
    let last = page(&platform, "lines=3").await;
    let sequences: Vec<_> = last.lines.iter().map(|line| line.sequence).collect();
    assert_eq!((sequences, last.next_before), (vec![2, 3, 4], Some(2)));
    let first = page(&platform, "lines=3&before=2").await;
    assert_eq!((first.lines.len(), first.next_before), (1, None));
    assert_eq!(lines(&platform, "endpoint=b").await.len(), 1);
    assert_eq!(lines(&platform, "since=1h").await.len(), 4);
    let answer = platform
        .admin(Method::GET, "/v1/audit")
        .query("since=soon")
        .send()
        .await;
    assert_eq!(answer.status(), 400);
    assert!(answer.problem().detail.contains("since"), "{answer:?}");

    let table = platform.cli(&["audit", "-e", "b2", "--since", "1h"]).await;
    assert!(
        table.ok().stdout.contains("create endpoint"),
        "the command prints the lines"
    );
}

#[tokio::test]
async fn only_so_many_lines_are_kept() {
    let setup = Setup {
        config: Some("[audit]\nmax_lines = 100\n".to_owned()),
        ..Setup::default()
    };
    let mut platform = Platform::start_with(setup).await;
    let put = async |platform: &Platform, n: usize| {
        let path = "/v1/endpoints/e";
        let body = json!({"description": n.to_string()});
        let put = platform.admin(Method::PUT, path).json(&body);
        assert!(put.send().await.status() < 300);
    };
    let sequences = async |platform: &Platform| {
        let lines = lines(platform, "lines=1000").await;
        (lines.len(), lines[0].sequence)
    };
    // 90 of changes, 10 of refusals.
    for n in 0..90 {
        put(&platform, n).await;
    }
    assert_eq!(sequences(&platform).await, (90, 1));
    put(&platform, 90).await;
    assert_eq!(sequences(&platform).await, (90, 2));
    for _ in 0..11 {
        let delete = platform.admin(Method::DELETE, "/v1/endpoints/none");
        assert_eq!(delete.send().await.status(), 404);
    }
    assert_eq!(sequences(&platform).await, (100, 2));
    // Counted anew at a start.
    platform.terminate().await;
    platform.restart().await;
    put(&platform, 91).await;
    assert_eq!(sequences(&platform).await, (100, 3));
}
