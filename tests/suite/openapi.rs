//! The REST API is what its own document says: every route, every status, every body, whatever is sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use mlwasm_harness::{Answer, Platform, Python, eventually, guests, models, workspace};
use mlwasm_types::access::Access;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::iris;

async fn document(platform: &Platform) -> Value {
    let call = platform.admin_without_token(Method::GET, "/v1/openapi.json");
    let answer = call.send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()
}

/// Every method of every address that the document has, with the scope that it says it needs.
fn described(document: &Value) -> BTreeSet<(String, String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods.iter().map(|(method, operation)| {
            let scope = &operation["security"][0]["admin_token"][0];
            let scope = scope.as_str().unwrap().to_owned();
            (method.to_ascii_uppercase(), path.clone(), scope)
        })
    });
    operations.collect()
}

async fn routes(platform: &Platform) -> Access {
    let answer = platform.admin(Method::GET, "/v1/access").send().await;
    answer.read()
}

#[tokio::test]
async fn the_document_has_the_servers_routes_and_no_others() {
    let platform = Platform::start().await;
    let routes = routes(&platform).await.routes.into_iter();
    let served: BTreeSet<_> = routes
        .map(|route| (route.method, route.path, route.scope.to_string()))
        .collect();
    let document = document(&platform).await;
    assert_eq!(described(&document), served);
    assert_eq!(document["openapi"], "3.1.0");
}

/// Something of everything that `GET` can show.
async fn furnished() -> Platform {
    let platform = Platform::start().await;
    for name in ["blue", "green"] {
        iris(&platform, name, 1).await;
    }
    let trap = platform.deploy(guests::path("trap"));
    trap.to("iris", "red").run().await;
    let both = json!({"request": {"enabled": true}, "response": {"enabled": true}});
    let patch = json!({"tags": {"team": "flowers"}, "data_collector": {"collections": both}});
    for name in ["blue", "red"] {
        let deployment = format!("/v1/endpoints/iris/deployments/{name}");
        let patched = platform.admin(Method::PATCH, &deployment).json(&patch);
        assert_eq!(patched.send().await.status(), 200);
    }
    let model = models::iris(1);
    let model = model.to_string_lossy();
    let create = ["model", "create", "--name", "flowers", "--path", &model];
    platform.cli(&create).await.succeeded();
    let token = ["admin-token", "create", "pipeline", "--scope", "read"];
    platform.cli(&token).await.succeeded();
    for arguments in [
        &["rollout", "start", "iris", "--to", "green"][..],
        &["rollout", "pause", "iris"],
        &["rollout", "abort", "iris"],
        &["mirror", "iris", "green=50"],
    ] {
        platform.cli(arguments).await.succeeded();
    }
    let failed = platform.scoring("iris").await.deployment("red").body("x");
    assert_eq!(failed.send().await.status(), 424);
    eventually("answers are compared", async || {
        let body = json!({"data": [[5.1, 3.5, 1.4, 0.2]]}).to_string();
        assert_eq!(platform.score("iris", body).await.status(), 200);
        let report = platform.admin(Method::GET, "/v1/endpoints/iris/shadow-report");
        (report.send().await.status() == 200).then_some(())
    })
    .await;
    platform
}

/// A `path` of the document with names of [`furnished`].
fn filled(path: &str, component: &str) -> String {
    path.replace("{endpoint}", "iris")
        .replace("{deployment}", "blue")
        .replace("{model}", "flowers")
        .replace("{version}", "1")
        .replace("{digest}", component)
        // That of the one failure.
        .replace("{sequence}", "1")
}

fn told(method: &str, path: &str, answer: &Answer) -> Value {
    let headers: BTreeMap<_, _> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let is_json = answer
        .header("content-type")
        .is_some_and(|it| it.ends_with("json"));
    let body = match answer.body() {
        bytes if bytes.is_empty() => Value::Null,
        _ if is_json => answer.json(),
        _ => json!("bytes"),
    };
    json!({"method": method, "path": path, "status": answer.status(), "headers": headers, "body": body})
}

/// What is not as described in `answers`.
async fn complaints(document: &Value, answers: &[Value]) -> String {
    let given = json!({"document": document, "answers": answers});
    let script = Python::script("answers.py").input(given.to_string());
    script.run().await.ok().stdout
}

#[tokio::test]
async fn everything_that_can_be_shown_is_as_the_document_says() {
    let platform = furnished().await;
    let document = document(&platform).await;
    let component = platform.deployment("iris", "blue").await.spec.component;
    let component = component.to_string();
    let mut answers = Vec::new();
    for (method, path, _) in described(&document) {
        if !["GET", "HEAD"].contains(&method.as_str()) {
            continue;
        }
        let verb = method.parse().unwrap();
        let mut address = filled(&path, &component);
        if path.contains("{sequence}") {
            // What fails is red.
            address = address.replace("blue", "red");
        }
        let answer = platform.admin(verb, &address).send().await;
        assert_eq!(answer.status(), 200, "{method} {path}: {answer:?}");
        answers.push(told(&method, &path, &answer));
    }
    for (address, path) in [
        (
            "/v1/endpoints/iris/deployments/red/failures",
            "/v1/endpoints/{endpoint}/deployments/{deployment}/failures",
        ),
        (
            "/v1/endpoints/iris/deployments/none",
            "/v1/endpoints/{endpoint}/deployments/{deployment}",
        ),
    ] {
        let answer = platform.admin(Method::GET, address).send().await;
        answers.push(told("GET", path, &answer));
    }
    assert_eq!(complaints(&document, &answers).await, "");
    // What is not as described is found: an answer that lacks what it must have.
    let mut broken = answers[0].clone();
    broken["body"] = json!({});
    assert_ne!(complaints(&document, &[broken]).await, "");
}

#[tokio::test]
async fn whatever_is_sent_is_answered_as_the_document_says() {
    let platform = furnished().await;
    let file = platform.file("openapi.json", document(&platform).await.to_string());
    let config = workspace().join("tests/clients/schemathesis.toml");
    let token = format!("Authorization: Bearer {}", platform.admin_token());
    let run = Python::module("schemathesis.cli")
        .arguments(&["--config-file", &config.to_string_lossy(), "run"])
        .arguments(&[&file.to_string_lossy(), "--url", platform.server().admin()])
        .arguments(&["--header", &token, "--no-color", "--workers", "2"])
        .within(platform.home());
    let output = run.run().await;
    assert_eq!(output.code, 0, "{}\n{}", output.stdout, output.stderr);
    let operations = described(&document(&platform).await).len();
    let all = format!("Tested: {operations}");
    assert!(output.stdout.contains(&all), "{}", output.stdout);
}

#[tokio::test]
async fn what_can_not_be_carried_out_is_told_as_a_problem() {
    let platform = Platform::start().await;
    let endpoint = "/v1/endpoints/e";
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    let cases: [(&str, &str, &str, &str, u16, &str); 14] = [
        ("GET", "/", "", "", 404, "route-not-found"),
        ("GET", "/v1", "", "", 404, "route-not-found"),
        ("GET", "/v1/endpoints/", "", "", 404, "route-not-found"),
        ("GET", "/v2/models", "", "", 404, "route-not-found"),
        ("POST", endpoint, json, "{}", 405, "method-not-allowed"),
        ("BREW", "/v1/status", "", "", 405, "method-not-allowed"),
        (
            "GET",
            "/v1/endpoints/%FF%FE",
            "",
            "",
            400,
            "invalid-request",
        ),
        ("GET", "/v1/endpoints/a%00b", "", "", 400, "invalid-request"),
        (
            "GET",
            "/v1/audit?lines=many",
            "",
            "",
            400,
            "invalid-request",
        ),
        (
            "GET",
            "/v1/audit?lines=1&lines=2",
            "",
            "",
            400,
            "invalid-request",
        ),
        ("PUT", endpoint, json, "{", 400, "invalid-request"),
        (
            "PUT",
            endpoint,
            json,
            r#"{"description": "a", "description": "b"}"#,
            400,
            "invalid-request",
        ),
        ("PUT", endpoint, form, "{}", 415, "unsupported-media-type"),
        ("PUT", endpoint, json, "[]", 422, "invalid-spec"),
    ];
    for (method, path, media_type, body, status, kind) in cases {
        let mut call = platform.admin(method.parse().unwrap(), path);
        if !media_type.is_empty() {
            call = call
                .header("content-type", media_type)
                .body(body.to_owned());
        }
        let answer = call.send().await;
        assert_eq!(
            answer.status(),
            status,
            "{method} {path} {body}: {answer:?}"
        );
        let problem = answer.problem();
        assert_eq!(problem.kind, format!("urn:mlwasm:problem:{kind}"));
        if status == 405 {
            assert!(
                answer.header("allow").is_some_and(|it| it.contains("GET")),
                "{answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn json_that_nests_without_an_end_is_refused() {
    let platform = Platform::start().await;
    let call = platform.admin(Method::PUT, "/v1/endpoints/e");
    let answer = call.body("[".repeat(100_000)).send().await;
    assert_eq!(answer.status(), 400, "{answer:?}");
    assert_eq!(answer.problem().kind, "urn:mlwasm:problem:invalid-request");
}

#[tokio::test]
async fn a_body_of_which_nothing_is_said_is_looked_at() {
    let platform = Platform::start().await;
    let endpoint = "/v1/endpoints/e";
    // A charset changes nothing.
    for media_type in [None, Some("application/json; charset=utf-8")] {
        let call = platform.admin(Method::PUT, endpoint).body("{}");
        let call = match media_type {
            Some(media_type) => call.header("content-type", media_type),
            None => call,
        };
        assert!(call.send().await.status() < 300, "{media_type:?}");
    }
    let patch = platform.admin(Method::PATCH, endpoint).body("{}");
    let patch = patch.header("content-type", "application/merge-patch+json");
    assert_eq!(patch.send().await.status(), 200);
}

#[tokio::test]
async fn a_number_beyond_those_that_are_stored_is_no_fault() {
    let platform = Platform::start().await;
    for (before, status) in [
        (i64::MAX as u64 - 1, 200),
        (i64::MAX as u64, 200),
        (i64::MAX as u64 + 1, 200),
        (u64::MAX, 200),
    ] {
        let path = format!("/v1/audit?before={before}");
        let answer = platform.admin(Method::GET, &path).send().await;
        assert_eq!(answer.status(), status, "{answer:?}");
    }
}

#[tokio::test]
async fn the_page_needs_no_token_and_loads_nothing_from_elsewhere() {
    let platform = Platform::start().await;
    let get = async |path: &str| {
        let call = platform.admin_without_token(Method::GET, path);
        call.send().await
    };
    let sent_on = get("/docs").await;
    let location = sent_on.header("location");
    assert_eq!((sent_on.status(), location), (308, Some("docs/")));

    let page = get("/docs/").await;
    assert_eq!(page.status(), 200, "{page:?}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'; script-src 'self';"));
    let text = page.text();
    assert!(
        !text.contains("://") && !text.contains("<script>"),
        "{text}"
    );
    let is_file = |it: &&str| [".js", ".css", ".png"].iter().any(|end| it.ends_with(end));
    let files: Vec<_> = text.split('"').filter(is_file).collect();
    assert!(files.len() > 4, "{text}");
    for file in files {
        let answer = get(&format!("/docs/{file}")).await;
        assert_eq!(answer.status(), 200, "{file}");
    }
    let start = get("/docs/swagger-initializer.js").await.text();
    assert!(start.contains("\"../v1/openapi.json\""), "{start}");
    assert!(start.contains("\"validatorUrl\": \"none\""), "{start}");
    assert_eq!(get("/docs/nothing.js").await.problem().status, 404);

    let document = document(&platform).await;
    let scheme = &document["components"]["securitySchemes"]["admin_token"];
    assert_eq!(
        (&scheme["type"], &scheme["scheme"]),
        (&json!("http"), &json!("bearer"))
    );
}

#[tokio::test]
async fn no_web_page_of_another_host_reads_the_document() {
    let platform = Platform::start().await;
    for path in ["/v1/openapi.json", "/docs/"] {
        for (header, value) in [("origin", "https://evil.example"), ("host", "evil.example")] {
            let call = platform.admin_without_token(Method::GET, path);
            let answer = call.header(header, value).send().await;
            assert_eq!(answer.problem().status, 403, "{path} {header}");
        }
    }
}

/// The parts of an address: none for what is filled in.
fn parts(path: &str) -> Vec<Option<&str>> {
    let path = path.split('?').next().unwrap_or_default();
    let parts = path.split('/').skip(1);
    parts
        .map(|part| (!part.contains('{')).then_some(part))
        .collect()
}

/// The texts between quotation marks that are addresses, or ends of some: `"{}/keys"`.
fn addresses(source: &str) -> impl Iterator<Item = &str> {
    let code = source.lines().filter(|line| !line.trim().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|text| {
            let is_end = text.starts_with('{')
                && text.split_once("}/").is_some_and(|(name, end)| {
                    !name.contains(' ') && end.starts_with(|c: char| c.is_ascii_lowercase())
                });
            text.starts_with("/v1/") || is_end
        })
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
}

#[tokio::test]
async fn the_command_line_names_no_address_that_is_not_in_the_document() {
    let platform = Platform::start().await;
    let document = document(&platform).await;
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    let mut files = Vec::new();
    sources(&workspace().join("host/mlwasm/src/cli"), &mut files);
    files.push(fs::read_to_string(workspace().join("host/mlwasm/src/client.rs")).unwrap());
    let mut named = BTreeSet::new();
    for file in &files {
        // What follows is tests, which name what they like.
        let code = file.split("#[cfg(test)]").next().unwrap_or_default();
        named.extend(addresses(code).map(str::to_owned));
    }
    // Of the scoring address, which the document is not about.
    named.retain(|address| !address.contains("/v2/models/"));
    assert!(named.len() > 20, "{named:?}");
    for address in &named {
        let wanted = parts(
            address
                .trim_end_matches("{last}")
                .trim_end_matches("{query}"),
        );
        let is_described = paths.iter().any(|path| {
            let path = parts(path);
            if address.starts_with('/') {
                path == wanted
            } else {
                path.ends_with(&wanted)
            }
        });
        assert!(is_described, "{address} of {named:?}");
    }
}
