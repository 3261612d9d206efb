//! Requests that a header or a cookie sends to a deployment, and callers that a cookie keeps on one.

use std::collections::BTreeMap;

use mlwasm_harness::{Answer, Platform};
use mlwasm_types::{RoutingPoint, TrafficSplit};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{blue_and_green, mirror, traffic, version};

const ENDPOINT: &str = "/v1/endpoints/e";

/// Scores with these headers.
async fn score(platform: &Platform, headers: &[(&str, &str)]) -> Answer {
    let call = platform.scoring("e").await;
    let call = headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    call.send().await
}

async fn patch(platform: &Platform, body: Value) -> Answer {
    let call = platform.admin(Method::PATCH, ENDPOINT);
    call.json(&body).send().await
}

/// Sets the routes of the endpoint `e` from the command line.
async fn routes(platform: &Platform, routes: &[&str]) {
    let mut arguments = vec!["traffic", "e"];
    for route in routes {
        arguments.extend(["--route", route]);
    }
    platform.cli(&arguments).await.succeeded();
}

#[tokio::test]
async fn a_route_goes_before_the_shares_and_the_first_that_fits_decides() {
    let platform = blue_and_green().await;
    version(&platform, "red", "red").await;
    routes(
        &platform,
        &[
            "X-Tenant=acme->green",
            "cookie:tier=beta->red",
            "x-tenant=umbra->red",
        ],
    )
    .await;
    for (headers, answered) in [
        (&[][..], "blue"),
        (&[("x-tenant", "acme")], "green"),
        (&[("x-tenant", "Acme")], "blue"),
        (&[("x-tenant", "other")], "blue"),
        (&[("x-tenant", "umbra")], "red"),
        (&[("cookie", "a=1; tier=beta; b=2")], "red"),
        (&[("cookie", "tier=stable")], "blue"),
        (&[("cookie", "tier=beta"), ("x-tenant", "acme")], "green"),
        // Who names a deployment gets it.
        (
            &[("azureml-model-deployment", "blue"), ("x-tenant", "acme")],
            "blue",
        ),
    ] {
        let answer = score(&platform, headers).await;
        assert_eq!(answer.status(), 200, "{headers:?}");
        assert_eq!(answer.text(), answered, "{headers:?}");
        assert_eq!(answer.deployment(), answered, "{headers:?}");
    }
}

#[tokio::test]
async fn routes_are_replaced_together_shown_and_removed() {
    let platform = blue_and_green().await;
    routes(
        &platform,
        &["x-tenant=acme->green", "x-tenant=umbra->green"],
    )
    .await;
    // Shares and routes change in one command; what it does not name stays.
    traffic(&platform, "blue=90 green=10").await;
    assert_eq!(platform.endpoint("e").await.spec.routes.len(), 2);
    let both = ["traffic", "e", "blue=100", "--route", "x-user=7->green"];
    let shown = platform.cli(&both).await.ok().stdout;
    assert!(shown.contains("x-user=7"), "{shown}");
    let show = ["endpoint", "show", "e", "-o", "json"];
    let endpoint = platform.cli(&show).await.ok().json();
    assert_eq!(endpoint["traffic"], json!({"blue": 100}));
    assert_eq!(
        endpoint["routes"],
        json!([{"header": "x-user", "value": "7", "deployment": "green"}])
    );
    let update = ["endpoint", "update", "e", "--route", "x-user=8->green"];
    platform.cli(&update).await.succeeded();
    assert_eq!(score(&platform, &[("x-user", "8")]).await.text(), "green");
    assert_eq!(score(&platform, &[("x-user", "7")]).await.text(), "blue");

    platform
        .cli(&["traffic", "e", "--no-routes"])
        .await
        .succeeded();
    assert_eq!(score(&platform, &[("x-user", "8")]).await.text(), "blue");
    assert!(platform.endpoint("e").await.spec.routes.is_empty());
}

#[tokio::test]
async fn an_endpoint_file_has_routes_and_a_sticky_cookie() {
    let platform = blue_and_green().await;
    let file = platform.file(
        "endpoint.yml",
        "name: e\nsticky_cookie: user\nroutes:\n  - {header: x-tenant, value: acme, deployment: green}\n",
    );
    let update = ["endpoint", "update", "e", "-f", file.to_str().unwrap()];
    platform.cli(&update).await.succeeded();
    assert_eq!(
        score(&platform, &[("x-tenant", "acme")]).await.text(),
        "green"
    );
    let spec = platform.endpoint("e").await.spec;
    assert_eq!(spec.sticky_cookie.as_deref(), Some("user"));
    assert_eq!(spec.traffic.to_string(), "blue=100");
}

#[tokio::test]
async fn with_traffic_off_only_routes_and_names_lead_anywhere() {
    let platform = blue_and_green().await;
    routes(&platform, &["x-tenant=acme->green"]).await;
    traffic(&platform, "blue=0").await;
    assert_eq!(
        score(&platform, &[("x-tenant", "acme")]).await.text(),
        "green"
    );
    let other = score(&platform, &[("x-tenant", "umbra")]).await;
    assert_eq!(other.status(), 404);
    assert!(other.problem().detail.contains("traffic"), "{other:?}");
}

#[tokio::test]
async fn a_route_that_breaks_a_rule_is_refused_and_quoted() {
    let platform = blue_and_green().await;
    mirror(&platform, "green=10").await;
    let route = |header: &str, deployment: &str| json!({"header": header, "value": "acme", "deployment": deployment});
    let many = |count: usize| -> Vec<_> {
        let value = |n| json!({"header": "x", "value": format!("{n}"), "deployment": "blue"});
        (0..count).map(value).collect()
    };
    for (routes, status, words) in [
        (json!([route("x-tenant", "red")]), 404, "red"),
        (json!([route("x-tenant", "green")]), 422, "mirror"),
        (json!([route("x tenant", "blue")]), 422, "x tenant"),
        (json!([route("authorization", "blue")]), 422, "key"),
        (
            json!([{"value": "acme", "deployment": "blue"}]),
            422,
            "header or a cookie",
        ),
        (
            json!([route("x", "blue"), route("X", "blue")]),
            422,
            "never reached",
        ),
        (json!(many(101)), 422, "at most 100"),
    ] {
        let answer = patch(&platform, json!({"routes": routes})).await;
        assert_eq!(answer.status(), status, "{answer:?}");
        let detail = answer.problem().detail;
        assert!(detail.contains(words), "{detail}");
    }
    assert!(platform.endpoint("e").await.spec.routes.is_empty());
    let most = patch(&platform, json!({"routes": many(100)})).await;
    assert_eq!(most.status(), 200, "{most:?}");

    let malformed = ["traffic", "e", "--route", "x-tenant:acme"];
    let output = platform.cli(&malformed).await;
    assert_eq!(output.code, 2, "{output:#?}");
    assert!(
        output.stderr.contains("x-tenant=acme->green"),
        "{output:#?}"
    );
}

#[tokio::test]
async fn what_a_route_names_is_in_use() {
    let platform = blue_and_green().await;
    routes(&platform, &["x-tenant=acme->green"]).await;
    let mirror = ["mirror", "e", "green=10"];
    platform.cli(&mirror).await.refused(1, &["green", "mirror"]);
    let delete = ["deployment", "delete", "-e", "e", "-n", "green", "--yes"];
    let words = ["x-tenant=acme->green", "--force"];
    platform.cli(&delete).await.refused(1, &words);
    let raw = platform.admin(Method::DELETE, "/v1/endpoints/e/deployments/green");
    assert_eq!(raw.send().await.status(), 409);
    assert_eq!(
        score(&platform, &[("x-tenant", "acme")]).await.text(),
        "green"
    );

    platform
        .cli(&[&delete[..], &["--force"]].concat())
        .await
        .succeeded();
    assert!(platform.endpoint("e").await.spec.routes.is_empty());
    assert_eq!(
        score(&platform, &[("x-tenant", "acme")]).await.text(),
        "blue"
    );
}

#[tokio::test]
async fn routed_requests_are_live_traffic_and_are_mirrored() {
    let platform = blue_and_green().await;
    version(&platform, "red", "red").await;
    routes(&platform, &["x-tenant=acme->green"]).await;
    mirror(&platform, "red=50").await;
    for n in 0..40 {
        let id = format!("request-{n}");
        let headers = [("x-tenant", "acme"), ("x-request-id", id.as_str())];
        assert_eq!(score(&platform, &headers).await.text(), "green");
    }
    let copies = (0..40).filter(|n| {
        let id = format!("request-{n}");
        let point = RoutingPoint::of(b"e/mirror", id.as_bytes());
        point.is_within(mlwasm_types::Percent::new(50).unwrap())
    });
    let expected = copies.count() as u64;
    mlwasm_harness::eventually("every copy is counted", async || {
        let metrics = platform.metrics().await;
        let labels = [("deployment", "red")];
        (metrics.count("mlwasm_mirror_requests_total", &labels) == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_sticky_cookie_keeps_a_caller_where_it_is_and_the_header_goes_before_it() {
    let platform = blue_and_green().await;
    traffic(&platform, "blue=50 green=50").await;
    let set = ["endpoint", "update", "e", "--set", "sticky_cookie=user"];
    platform.cli(&set).await.succeeded();
    let expected = |key: &str| {
        let split: TrafficSplit = "blue=50 green=50".parse().unwrap();
        let point = RoutingPoint::of(b"e", key.as_bytes());
        split.choose(point).unwrap().to_string()
    };
    let mut seen = BTreeMap::new();
    for n in 0..40 {
        let (user, id) = (format!("user-{}", n % 20), format!("request-{n}"));
        let cookie = format!("theme=dark; user={user}");
        let headers = [("cookie", cookie.as_str()), ("x-request-id", id.as_str())];
        let answer = score(&platform, &headers).await;
        assert_eq!(answer.deployment(), expected(&user));
        *seen.entry(answer.text()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 2, "{seen:?}");

    let set = ["endpoint", "update", "e", "--set", "sticky_header=x-user"];
    platform.cli(&set).await.succeeded();
    for n in 0..20 {
        let (one, other) = (format!("user-{n}"), format!("user-{}", n + 100));
        let cookie = format!("user={one}");
        let both = [("cookie", cookie.as_str()), ("x-user", other.as_str())];
        assert_eq!(score(&platform, &both).await.deployment(), expected(&other));
        assert_eq!(
            score(&platform, &both[..1]).await.deployment(),
            expected(&one)
        );
    }

    let bad = patch(&platform, json!({"sticky_cookie": "a b"})).await;
    assert_eq!(bad.status(), 422);
    assert!(bad.problem().detail.contains("sticky_cookie"), "{bad:?}");
}

#[tokio::test]
async fn a_client_that_knows_only_traffic_drops_nothing_else() {
    let platform = blue_and_green().await;
    let settings = json!({
        "sticky_header": "x-user",
        "sticky_cookie": "user",
        "routes": [{"cookie": "tier", "value": "beta", "deployment": "green"}],
        "description": "flowers",
    });
    assert_eq!(patch(&platform, settings.clone()).await.status(), 200);
    let role = ["-e", "e", "-n", "blue", "--set", "role=control"];
    platform
        .cli(&[&["deployment", "update"][..], &role].concat())
        .await
        .succeeded();

    // What clients of a former version send: a patch, and the whole of the two resources they know.
    let tag = |answer: &Answer| answer.header("etag").unwrap().to_owned();
    let seen = platform.admin(Method::GET, ENDPOINT).send().await;
    let old = platform
        .admin(Method::PATCH, ENDPOINT)
        .header("if-match", tag(&seen))
        .json(&json!({"traffic": {"blue": 90, "green": 10}}))
        .send()
        .await;
    assert_eq!(old.status(), 200, "{old:?}");
    for (what, body) in [
        ("traffic", json!({"blue": 100, "green": 0})),
        ("mirror", json!({})),
    ] {
        let path = format!("{ENDPOINT}/{what}");
        let put = platform.admin(Method::PUT, &path).json(&body).send().await;
        assert_eq!(put.status(), 200, "{put:?}");
    }
    let deployment = platform
        .admin(Method::PATCH, "/v1/endpoints/e/deployments/blue")
        .json(&json!({"tags": {"team": "risk"}}));
    assert_eq!(deployment.send().await.status(), 200);

    let endpoint = platform.admin(Method::GET, ENDPOINT).send().await.json();
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&endpoint[name], value, "{name}");
    }
    let blue = platform.deployment("e", "blue").await.spec;
    assert_eq!(blue.role, Some(mlwasm_types::Role::Control));
    assert_eq!(
        score(&platform, &[("cookie", "tier=beta")]).await.text(),
        "green"
    );
}
