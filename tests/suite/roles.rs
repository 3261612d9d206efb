//! One deployment of an endpoint is the control, and nobody takes its place by accident.

use mlwasm_harness::{Output, Platform};
use mlwasm_types::Role;
use reqwest::Method;
use serde_json::json;

use crate::support::{blue_and_green, traffic};

async fn set_role(platform: &Platform, name: &str, role: &str, more: &[&str]) -> Output {
    let role = format!("role={role}");
    let update = [
        "deployment",
        "update",
        "-e",
        "e",
        "-n",
        name,
        "--set",
        &role,
    ];
    platform.cli(&[&update[..], more].concat()).await
}

async fn roles(platform: &Platform) -> [Option<Role>; 2] {
    let blue = platform.deployment("e", "blue").await.spec.role;
    [blue, platform.deployment("e", "green").await.spec.role]
}

#[tokio::test]
async fn a_second_control_is_refused_unless_it_is_moved_by_word() {
    let platform = blue_and_green().await;
    set_role(&platform, "blue", "control", &[])
        .await
        .succeeded();
    let second = set_role(&platform, "green", "control", &[]).await;
    second.refused(1, &["blue is the control", "--move-control"]);
    let raw = platform
        .admin(Method::PATCH, "/v1/endpoints/e/deployments/green")
        .json(&json!({"role": "control"}));
    let answer = raw.send().await;
    assert_eq!(answer.status(), 422, "{answer:?}");
    answer.problem();
    assert_eq!(roles(&platform).await, [Some(Role::Control), None]);

    let moved = set_role(&platform, "green", "control", &["--move-control"]).await;
    moved.succeeded();
    assert_eq!(
        roles(&platform).await,
        [Some(Role::Treatment), Some(Role::Control)]
    );
    // Nothing that runs has changed.
    assert_eq!(platform.deployment("e", "blue").await.status.revision.0, 1);
    assert_eq!(platform.deployment("e", "green").await.status.revision.0, 1);

    set_role(&platform, "green", "null", &[]).await.succeeded();
    set_role(&platform, "blue", "control", &[])
        .await
        .succeeded();
    assert_eq!(roles(&platform).await, [Some(Role::Control), None]);
    let unknown = set_role(&platform, "green", "champion", &[]).await;
    unknown.refused(1, &["role", "champion", "control"]);
}

#[tokio::test]
async fn a_deployment_file_has_a_role_and_lists_show_it() {
    let platform = blue_and_green().await;
    traffic(&platform, "blue=90 green=10").await;
    let list = ["deployment", "list", "-e", "e"];
    let row = async |name: &str| {
        let table = platform.cli(&list).await.ok().stdout;
        let mut rows = table.lines().map(str::to_owned);
        rows.find(|row| row.starts_with(name)).unwrap()
    };
    assert!(row("blue").await.ends_with("baseline"));
    assert!(row("green").await.ends_with('%'));

    let file = platform.file("green.yml", "role: control\n");
    let update = ["deployment", "update", "-e", "e", "-n", "green", "-f"];
    platform
        .cli(&[&update[..], &[file.to_str().unwrap()]].concat())
        .await
        .succeeded();
    assert!(row("green").await.ends_with("control"));
    assert!(!row("blue").await.contains("baseline"));
    let show = ["deployment", "show", "-e", "e", "-n", "green"];
    let shown = platform.cli(&show).await.ok().stdout;
    assert!(
        shown
            .lines()
            .any(|line| line.starts_with("role") && line.ends_with("control"))
    );
}
