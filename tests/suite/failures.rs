//! What a scorer's failure leaves behind: why, where in its code, for which request, and no secret.

use mlwasm_harness::{Answer, Platform, Setup, eventually, guests};
use mlwasm_types::{
    Digest, RevisionNumber,
    failure::{Failure, FailureKind, FailurePage},
};
use reqwest::Method;
use serde_json::json;

use crate::support::{mirror, platform_with, version};

const SHOW: [&str; 6] = ["deployment", "failures", "-e", "e", "-n", "blue"];

async fn page(platform: &Platform, deployment: &str, query: &str) -> FailurePage {
    let path = format!("/v1/endpoints/e/deployments/{deployment}/failures{query}");
    let answer = platform.admin(Method::GET, &path).send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.read()
}

/// The only failure of `blue`.
async fn only(platform: &Platform) -> Failure {
    let mut page = page(platform, "blue", "").await;
    assert_eq!((page.failures.len(), page.total), (1, 1), "{page:?}");
    page.failures.remove(0)
}

async fn ask(platform: &Platform, query: &str) -> Answer {
    platform.scoring("e").await.query(query).send().await
}

fn functions(failure: &Failure) -> Vec<&str> {
    let names = failure.backtrace.iter();
    names
        .filter_map(|frame| frame.function.as_deref())
        .collect()
}

#[tokio::test]
async fn a_trap_shows_where_it_happened_in_the_words_of_its_author() {
    let platform = platform_with("deep_trap").await;
    assert_eq!(ask(&platform, "depth=3").await.status(), 424);

    let failure = only(&platform).await;

    assert_eq!(failure.kind, FailureKind::Trap);
    assert!(failure.message.contains("no further down"), "{failure:?}");
    let names = functions(&failure);
    let bottom = names
        .iter()
        .position(|name| *name == "deep_trap::reach_the_bottom")
        .unwrap();
    assert_eq!(&names[bottom + 1..bottom + 5], ["deep_trap::descend"; 4]);
    let frame = &failure.backtrace[bottom];
    assert!(
        frame.offset.is_some() && frame.module.is_some(),
        "{frame:?}"
    );
}

#[tokio::test]
async fn a_backtrace_has_at_most_fifty_calls() {
    let platform = platform_with("deep_trap").await;
    for (depth, is_whole) in [(10, true), (100, false)] {
        ask(&platform, &format!("depth={depth}")).await;
        let page = page(&platform, "blue", "?last=1").await;
        let names = functions(&page.failures[0]);
        let descents = names.iter().filter(|name| **name == "deep_trap::descend");
        assert_eq!(descents.count() == depth + 1, is_whole, "{names:?}");
        assert!(names.len() <= 50, "{}", names.len());
    }
}

#[tokio::test]
async fn a_failure_names_its_request_without_its_secrets_and_without_its_body() {
    let platform = platform_with("trap").await;
    let body = "a body that nobody but the scorer reads";
    let call = platform
        .scoring("e")
        .await
        .id("r-1")
        .query("token=of-the-query");
    let call = call
        .header("content-type", "text/plain")
        .header("cookie", "of=the-cookie")
        .header("x-api-key", "of-the-api")
        .header("x-session-token", "of-the-session");
    call.body(body).send().await;
    let key = platform.key("e").await;

    let answer = platform
        .admin(Method::GET, "/v1/endpoints/e/deployments/blue/failures")
        .send()
        .await;

    let failure = only(&platform).await;
    let request = failure.request.unwrap();
    assert_eq!((request.id.as_str(), request.is_mirror), ("r-1", false));
    assert_eq!(request.body_bytes, body.len() as u64);
    assert_eq!(request.body_digest, Some(Digest::of(body.as_bytes())));
    assert_eq!(request.query_bytes, "token=of-the-query".len() as u64);
    let value = |name: &str| {
        let header = request.headers.iter().find(|header| header.name == name);
        header.unwrap().value.as_deref()
    };
    assert_eq!(value("content-type"), Some("text/plain"));
    for name in ["authorization", "cookie", "x-api-key", "x-session-token"] {
        assert_eq!(value(name), None, "{name}");
    }
    let secrets = [
        &key,
        "of-the-query",
        "the-cookie",
        "of-the-api",
        "of-the-session",
        "nobody but",
    ];
    for secret in secrets {
        assert!(!answer.text().contains(secret), "{secret}: {answer:?}");
    }
    assert!(request.timings.guest_ms > 0.0, "{:?}", request.timings);
}

#[tokio::test]
async fn each_kind_of_failure_is_kept_and_what_is_none_is_not() {
    let platform = Platform::start().await;
    let deploy = async |name: &str, scorer: &str| {
        platform
            .deploy(guests::path(scorer))
            .to("e", name)
            .set("request_settings.request_timeout_ms", 500)
            .set("sandbox.max_response_bytes", 1_000)
            .run()
            .await;
    };
    for (name, scorer, query, kind, limit) in [
        ("trap", "trap", "", Some(FailureKind::Trap), None),
        ("spin", "spin", "", Some(FailureKind::Deadline), None),
        ("says", "internal", "", Some(FailureKind::Internal), None),
        (
            "status",
            "status",
            "code=99",
            Some(FailureKind::InvalidResponse),
            None,
        ),
        (
            "big",
            "big_response",
            "bytes=1001",
            Some(FailureKind::Limit),
            Some("max_response_bytes"),
        ),
        ("refuses", "bad_request", "", None, None),
        ("well", "echo", "", None, None),
    ] {
        deploy(name, scorer).await;
        let call = platform.scoring("e").await.deployment(name);
        call.query(query).send().await;
        let page = page(&platform, name, "").await;
        let kept: Vec<_> = page
            .failures
            .iter()
            .map(|failure| (failure.kind, failure.limit.as_deref()))
            .collect();
        let expected: Vec<_> = kind.into_iter().map(|kind| (kind, limit)).collect();
        assert_eq!(kept, expected, "{name}");
    }
}

#[tokio::test]
async fn a_loop_shows_where_it_was_when_it_was_stopped() {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("spin"))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 300)
        .run()
        .await;
    ask(&platform, "").await;
    let failure = only(&platform).await;
    assert!(!functions(&failure).is_empty(), "{failure:?}");
}

#[tokio::test]
async fn a_start_that_fails_is_kept_with_its_revision_and_so_is_what_came_before() {
    let platform = platform_with("trap").await;
    ask(&platform, "").await;
    let deploy = platform.deploy(guests::path("trap_init")).to("e", "blue");
    assert_eq!(deploy.attempt().await.code, 1);

    let page = page(&platform, "blue", "").await;

    let kept: Vec<_> = page
        .failures
        .iter()
        .map(|failure| (failure.revision, failure.request.is_some()))
        .collect();
    assert_eq!(
        kept,
        [(RevisionNumber(1), true), (RevisionNumber(2), false)]
    );
    let failure = &page.failures[1];
    assert_eq!(failure.kind, FailureKind::Trap);
    assert!(!functions(failure).is_empty(), "{failure:?}");
}

#[tokio::test]
async fn a_failed_copy_is_known_as_one() {
    let platform = Platform::start().await;
    version(&platform, "blue", "one").await;
    platform
        .deploy(guests::path("trap"))
        .to("e", "green")
        .run()
        .await;
    mirror(&platform, "green=50").await;
    let failure = eventually("a copy has failed", async || {
        platform.score("e", "").await;
        page(&platform, "green", "").await.failures.pop()
    })
    .await;
    assert!(failure.request.unwrap().is_mirror);
    assert_eq!(page(&platform, "blue", "").await.total, 0);
}

async fn keeping(kept: u32) -> Platform {
    let setup = Setup {
        config: Some(format!("[sandbox]\nkept_failures = {kept}\n")),
        ..Setup::default()
    };
    let platform = Platform::start_with(setup).await;
    platform
        .deploy(guests::path("internal"))
        .to("e", "blue")
        .run()
        .await;
    platform
}

#[tokio::test]
async fn the_last_failures_are_kept_as_many_as_the_server_is_set_to() {
    for (kept, shown) in [(4, 4), (3, 3), (2, 2), (0, 0)] {
        let platform = keeping(kept).await;
        for id in ["r-1", "r-2", "r-3"] {
            platform.scoring("e").await.id(id).send().await;
        }
        let page = page(&platform, "blue", "").await;
        let ids: Vec<_> = page
            .failures
            .iter()
            .map(|failure| failure.request.as_ref().unwrap().id.as_str())
            .collect();
        let last = &["r-1", "r-2", "r-3"][3 - shown.min(3)..];
        assert_eq!((ids.as_slice(), page.total), (last, 3));
    }
}

#[tokio::test]
async fn the_command_prints_one_block_a_failure_newest_last() {
    let platform = platform_with("deep_trap").await;
    for depth in 1..=3 {
        let call = platform.scoring("e").await.id(&format!("r-{depth}"));
        call.query(&format!("depth={depth}")).send().await;
    }

    let mut arguments = SHOW.to_vec();
    arguments.extend(["--last", "2"]);
    let output = platform.cli(&arguments).await.ok();

    let first = output.stdout.find("trap request r-2 revision 1").unwrap();
    let second = output.stdout.find("trap request r-3 revision 1").unwrap();
    assert!(first < second && !output.stdout.contains("r-1"));
    assert!(output.stdout.contains(": deep_trap::reach_the_bottom ("));
    assert!(
        output.stderr.contains("2 of 3 failures"),
        "{}",
        output.stderr
    );

    arguments.extend(["-o", "json", "--query", "[].sequence"]);
    let json = platform.cli(&arguments).await.ok().stdout;
    let sequences: Vec<u64> = serde_json::from_str(&json).unwrap();
    assert_eq!(sequences, [2, 3]);
}

#[tokio::test]
async fn a_deployment_that_is_not_there_is_not_found() {
    let platform = platform_with("echo").await;
    let mut arguments = SHOW;
    arguments[5] = "green";
    assert_eq!(platform.cli(&arguments).await.code, 3);
}

#[tokio::test]
async fn the_body_of_a_failed_request_is_kept_where_requests_are_collected_and_nowhere_else() {
    let platform = platform_with("trap").await;
    let fail = async |id: &str, body: &str| {
        let call = platform.scoring("e").await.id(id).body(body.to_owned());
        assert_eq!(call.send().await.status(), 424);
    };
    let collect = async |settings: serde_json::Value| {
        let patch = platform.admin(Method::PATCH, "/v1/endpoints/e/deployments/blue");
        let patch = patch.json(&json!({ "data_collector": settings }));
        assert_eq!(patch.send().await.status(), 200);
    };
    let on = |collection: &str| json!({"collections": {collection: {"enabled": true}}});
    fail("nothing", "a first secret").await;
    collect(on("response")).await;
    fail("answers only", "a second secret").await;
    collect(on("request")).await;
    fail("requests", "what broke it").await;
    // Also of a request that is not sampled: it is the one that shows what is wrong.
    collect(json!({"sampling_rate": 0.0001, "max_bytes": 4})).await;
    fail("not sampled", "12345").await;

    let kept: Vec<_> = page(&platform, "blue", "").await.failures;
    let bytes: Vec<_> = kept
        .iter()
        .map(|failure| failure.request.as_ref().unwrap().body_kept)
        .collect();
    assert_eq!(bytes, [None, None, Some(13), Some(4)]);
    let body = async |failure: &str| {
        platform
            .cli(&[&SHOW[..], &["--body", failure]].concat())
            .await
    };
    assert_eq!(body("3").await.ok().stdout, "what broke it");
    let cut = body("4").await.ok();
    assert_eq!(cut.stdout, "1234");
    assert!(cut.stderr.contains("first 4 of 5 bytes"), "{cut:?}");
    for unkept in ["1", "2", "5"] {
        body(unkept)
            .await
            .refused(3, &["nothing is kept", "collections.request"]);
    }
    // Only to who asks for it, and may see collected bodies.
    let text = platform.cli(&SHOW).await.ok().stdout;
    assert!(
        text.contains("kept, see --body 3") && !text.contains("what broke it"),
        "{text}"
    );
    let create = [
        "-o",
        "json",
        "admin-token",
        "create",
        "reader",
        "--scope",
        "read",
    ];
    let token = platform.cli(&create).await.ok().json();
    let reader = [("MLWASM_TOKEN", token["token"].as_str().unwrap())];
    platform.cli_with_env(&reader, &SHOW).await.succeeded();
    let asked = [&SHOW[..], &["--body", "3"]].concat();
    let refused = platform.cli_with_env(&reader, &asked).await;
    refused.refused(1, &["deploy"]);
}
