//! What a token of the administration may do is what its scope says: on every route, at once, until it is revoked.

use mlwasm_harness::Platform;
use mlwasm_types::{Scope, access::Access};
use reqwest::Method;
use serde_json::json;

use crate::support::platform_with;

/// Makes a token and returns it.
async fn token(platform: &Platform, name: &str, scope: Scope) -> String {
    let scope = scope.to_string();
    let arguments = ["admin-token", "create", name, "--scope", &scope];
    let made = platform
        .cli(&[&arguments[..], &["-o", "json"]].concat())
        .await;
    made.ok().json()["token"].as_str().unwrap().to_owned()
}

/// The routes by the server's own word.
async fn routes(platform: &Platform) -> Access {
    let answer = platform.admin(Method::GET, "/v1/access").send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.read()
}

/// The address with names of things that are not there, so that what is let in does no harm.
fn filled(path: &str) -> String {
    let digest = format!("sha256:{}", "0".repeat(64));
    path.replace("{endpoint}", "nowhere")
        .replace("{deployment}", "none")
        .replace("{slot}", "primary")
        .replace("{digest}", &digest)
        .replace("{name}", "nobody")
        .replace("{model}", "none")
        .replace("{version}", "1")
        .replace("{command}", "pause")
        .replace("{sequence}", "1")
}

/// The contract: whoever adds a route decides here, too, who may use it.
const SCOPES: [(&str, &str, Scope); 48] = [
    ("GET", "/v1/access", Scope::Read),
    ("GET", "/v1/status", Scope::Read),
    ("GET", "/v1/cost", Scope::Read),
    ("GET", "/v1/endpoints", Scope::Read),
    ("GET", "/v1/endpoints/{endpoint}", Scope::Read),
    ("PUT", "/v1/endpoints/{endpoint}", Scope::Deploy),
    ("PATCH", "/v1/endpoints/{endpoint}", Scope::Deploy),
    ("DELETE", "/v1/endpoints/{endpoint}", Scope::Deploy),
    ("GET", "/v1/endpoints/{endpoint}/traffic", Scope::Read),
    ("PUT", "/v1/endpoints/{endpoint}/traffic", Scope::Deploy),
    ("GET", "/v1/endpoints/{endpoint}/mirror", Scope::Read),
    ("PUT", "/v1/endpoints/{endpoint}/mirror", Scope::Deploy),
    ("GET", "/v1/endpoints/{endpoint}/shadow-report", Scope::Read),
    (
        "DELETE",
        "/v1/endpoints/{endpoint}/shadow-report",
        Scope::Deploy,
    ),
    ("GET", "/v1/endpoints/{endpoint}/rollout", Scope::Read),
    ("PUT", "/v1/endpoints/{endpoint}/rollout", Scope::Deploy),
    (
        "POST",
        "/v1/endpoints/{endpoint}/rollout/{command}",
        Scope::Deploy,
    ),
    (
        "GET",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/revisions",
        Scope::Read,
    ),
    (
        "POST",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/rollback",
        Scope::Deploy,
    ),
    ("GET", "/v1/models", Scope::Read),
    ("GET", "/v1/models/{model}", Scope::Read),
    ("POST", "/v1/models/{model}", Scope::Deploy),
    ("DELETE", "/v1/models/{model}", Scope::Deploy),
    ("GET", "/v1/models/{model}/{version}", Scope::Read),
    ("DELETE", "/v1/models/{model}/{version}", Scope::Deploy),
    ("GET", "/v1/endpoints/{endpoint}/keys", Scope::Score),
    (
        "POST",
        "/v1/endpoints/{endpoint}/keys/{slot}/regenerate",
        Scope::Deploy,
    ),
    ("POST", "/v1/endpoints/{endpoint}/tokens", Scope::Score),
    ("GET", "/v1/endpoints/{endpoint}/deployments", Scope::Read),
    (
        "GET",
        "/v1/endpoints/{endpoint}/deployments/{deployment}",
        Scope::Read,
    ),
    (
        "PUT",
        "/v1/endpoints/{endpoint}/deployments/{deployment}",
        Scope::Deploy,
    ),
    (
        "PATCH",
        "/v1/endpoints/{endpoint}/deployments/{deployment}",
        Scope::Deploy,
    ),
    (
        "DELETE",
        "/v1/endpoints/{endpoint}/deployments/{deployment}",
        Scope::Deploy,
    ),
    (
        "GET",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/logs",
        Scope::Read,
    ),
    (
        "GET",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/failures",
        Scope::Read,
    ),
    ("GET", "/v1/instance-types", Scope::Read),
    ("GET", "/v1/artifacts/{digest}", Scope::Deploy),
    ("HEAD", "/v1/artifacts/{digest}", Scope::Deploy),
    ("PUT", "/v1/artifacts/{digest}", Scope::Deploy),
    ("GET", "/v1/admin-tokens", Scope::Admin),
    ("PUT", "/v1/admin-tokens/{name}", Scope::Admin),
    ("DELETE", "/v1/admin-tokens/{name}", Scope::Admin),
    ("GET", "/v1/audit", Scope::Admin),
    ("GET", "/v1/backup", Scope::Admin),
    ("PUT", "/v1/restore", Scope::Admin),
    (
        "DELETE",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/collected",
        Scope::Deploy,
    ),
    (
        "GET",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/failures/{sequence}/body",
        Scope::Deploy,
    ),
    (
        "GET",
        "/v1/endpoints/{endpoint}/deployments/{deployment}/collected",
        Scope::Deploy,
    ),
];

#[tokio::test]
async fn every_route_has_the_scope_that_is_promised() {
    let platform = Platform::start().await;
    let access = routes(&platform).await;
    let mut found: Vec<_> = access
        .routes
        .iter()
        .map(|route| (route.method.as_str(), route.path.as_str(), route.scope))
        .collect();
    let mut promised = SCOPES.to_vec();
    found.sort_unstable();
    promised.sort_unstable();
    assert_eq!(found, promised);
}

#[tokio::test]
async fn every_route_lets_in_those_whose_scope_is_enough_and_nobody_else() {
    let platform = Platform::start().await;
    let mut tokens = Vec::new();
    for scope in Scope::ALL {
        let name = format!("a-{scope}");
        tokens.push((scope, token(&platform, &name, scope).await));
    }
    for route in routes(&platform).await.routes {
        let path = filled(&route.path);
        let method: Method = route.method.parse().unwrap();
        let ask = |token: &str| {
            let call = platform.admin_without_token(method.clone(), &path);
            call.key(token).json(&json!({})).send()
        };
        assert_eq!(ask("mla_wrong").await.status(), 401, "{method} {path}");
        for (scope, token) in &tokens {
            let answer = ask(token).await;
            let is_let_in = answer.status() != 403 && answer.status() != 401;
            assert_eq!(
                is_let_in,
                scope.covers(route.scope),
                "{method} {path} by {scope}: {answer:?}"
            );
            if answer.status() == 403 && method != Method::HEAD {
                let detail = answer.problem().detail;
                assert!(detail.contains(route.scope.as_str()), "{detail}");
            }
        }
    }
}

#[tokio::test]
async fn a_scope_is_enough_for_the_commands_that_it_is_for() {
    let platform = platform_with("echo").await;
    let run = async |token: &str, arguments: &[&str]| {
        let variables = [("MLWASM_TOKEN", token)];
        platform.cli_with_env(&variables, arguments).await
    };
    let reader = token(&platform, "reader", Scope::Read).await;
    let caller = token(&platform, "caller", Scope::Score).await;
    let deployer = token(&platform, "deployer", Scope::Deploy).await;
    let invoke = ["invoke", "e", "--data", "hello"];

    run(&reader, &["endpoint", "list"]).await.succeeded();
    run(&reader, &["deployment", "logs", "-e", "e", "-n", "blue"])
        .await
        .succeeded();
    run(&reader, &invoke).await.refused(1, &["scope score"]);
    assert_eq!(run(&caller, &invoke).await.ok().stdout, "hello");
    run(&caller, &["traffic", "e", "blue=0"])
        .await
        .refused(1, &["scope deploy", "caller"]);
    run(&deployer, &["traffic", "e", "blue=0"])
        .await
        .succeeded();
    run(&deployer, &["audit"])
        .await
        .refused(1, &["scope admin", "deployer"]);
    let whoami = run(&deployer, &["admin-token", "whoami", "-o", "json"]).await;
    assert_eq!(whoami.ok().json()["scope"], "deploy");
}

#[tokio::test]
async fn a_token_is_shown_once_and_revoked_at_once_also_after_a_power_cut() {
    let mut platform = Platform::start().await;
    let kept = token(&platform, "kept", Scope::Read).await;
    let gone = token(&platform, "gone", Scope::Read).await;
    let create = ["admin-token", "create", "kept", "--scope", "admin"];
    platform
        .cli(&create)
        .await
        .refused(1, &["kept exists already"]);
    let status = async |platform: &Platform, token: &str| {
        let call = platform.admin_without_token(Method::GET, "/v1/status");
        call.key(token).send().await.status()
    };
    assert_eq!(status(&platform, &gone).await, 200);

    platform
        .cli(&["admin-token", "revoke", "gone", "--yes"])
        .await
        .succeeded();
    assert_eq!(status(&platform, &gone).await, 401);
    platform
        .cli(&["admin-token", "revoke", "gone", "--yes"])
        .await
        .refused(3, &["gone does not exist"]);

    platform.kill9();
    platform.restart().await;
    assert_eq!(status(&platform, &kept).await, 200);
    assert_eq!(status(&platform, &gone).await, 401);
    let list = platform
        .cli(&["admin-token", "list", "-o", "json"])
        .await
        .ok();
    assert!(
        !list.stdout.contains("mla_") && list.stdout.contains("kept"),
        "{list:?}"
    );
    assert!(!platform.server().log().contains(&kept));
}

#[tokio::test]
async fn names_scopes_and_lives_of_tokens_are_checked() {
    let platform = Platform::start().await;
    let put = |name: &str, body| {
        let path = format!("/v1/admin-tokens/{name}");
        platform.admin(Method::PUT, &path).json(&body).send()
    };
    for (name, body, status, words) in [
        ("ci", json!({"scope": "root"}), 422, "scope"),
        ("ci", json!({}), 422, "scope"),
        (
            "ci",
            json!({"scope": "read", "ttl": "59s"}),
            422,
            "1m to 3650d",
        ),
        (
            "ci",
            json!({"scope": "read", "ttl": "3651d"}),
            422,
            "1m to 3650d",
        ),
        ("ci", json!({"scope": "read", "til": "1h"}), 422, "til"),
        // The data folder's own token has this name.
        ("admin", json!({"scope": "read"}), 400, "reserved"),
        ("-x", json!({"scope": "read"}), 400, "-x"),
    ] {
        let answer = put(name, body).await;
        assert_eq!(answer.status(), status, "{answer:?}");
        let detail = answer.problem().detail;
        assert!(detail.contains(words), "{detail}");
    }
    for (name, ttl) in [("short", "1m"), ("long", "3650d")] {
        let answer = put(name, json!({"scope": "read", "ttl": ttl})).await;
        assert_eq!(answer.status(), 201, "{answer:?}");
    }
}
