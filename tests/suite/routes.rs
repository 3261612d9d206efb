//! The data plane's addresses.

use mlwasm_harness::Platform;
use reqwest::Method;

use crate::support::platform_with;

#[tokio::test]
async fn an_endpoint_is_scored_by_its_path() {
    let platform = platform_with("echo").await;
    let endpoint = platform.endpoint("e").await;
    let expected = format!("{}/endpoints/e/score", platform.server().scoring());
    assert_eq!(endpoint.scoring_uri, expected);

    let answer = platform.score("e", "hello").await;

    assert_eq!((answer.status(), answer.text().as_str()), (200, "hello"));
}

#[tokio::test]
async fn an_endpoint_is_scored_by_its_host_name() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    let by_host = |host: &str| {
        let call = platform.scoring_call(Method::POST, "/score");
        call.key(&key).header("host", host).body("hello").send()
    };

    for host in ["e.example.org", "e.example.org:8080", "e.localhost"] {
        let answer = by_host(host).await;
        assert_eq!((answer.status(), answer.text().as_str()), (200, "hello"));
    }
    for host in ["f.example.org", "e", "localhost"] {
        let answer = by_host(host).await;
        assert_eq!(answer.status(), 404, "{host}");
        answer.problem();
    }
}

#[tokio::test]
async fn health_needs_no_key() {
    let platform = Platform::start().await;
    for path in ["/livez", "/readyz"] {
        let answer = platform.scoring_call(Method::GET, path).send().await;
        assert_eq!(answer.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn other_addresses_are_not_found() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    let paths = [
        "/",
        "/endpoints",
        "/endpoints/e",
        "/endpoints/e/score/",
        "/endpoints/E/score",
        "/endpoints/f/score",
        "/endpoints/%65/score",
        "/endpoints/..%2fe/score",
        "/endpoints/e%00/score",
        "/v1/endpoints",
        "/metrics",
    ];
    for path in paths {
        let answer = platform
            .scoring_call(Method::POST, path)
            .key(&key)
            .send()
            .await;
        assert_eq!(answer.status(), 404, "{path}");
        answer.problem();
    }
}

#[tokio::test]
async fn another_method_is_told_the_right_one() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    let cases = [
        (Method::GET, "/endpoints/e/score", "POST"),
        (Method::PUT, "/endpoints/e/score", "POST"),
        (Method::DELETE, "/endpoints/e/score", "POST"),
        (Method::POST, "/livez", "GET"),
        (Method::POST, "/readyz", "GET"),
    ];
    for (method, path, allowed) in cases {
        let answer = platform.scoring_call(method, path).key(&key).send().await;
        assert_eq!(answer.status(), 405, "{path}");
        assert!(answer.header("allow").unwrap().contains(allowed));
        answer.problem();
    }
}

#[tokio::test]
async fn the_scorer_sees_body_type_query_headers_and_its_own_name() {
    let platform = platform_with("whoami").await;

    let call = platform
        .scoring("e")
        .await
        .id("r-1")
        .query("a=1&b=%20x")
        .header("content-type", "text/csv; charset=utf-8")
        .header("x-customer", "42")
        .body("1,2\n");
    let seen = call.send().await.json();

    assert_eq!(seen["id"], "r-1");
    assert_eq!(seen["deployment"], "blue");
    assert_eq!(seen["is_mirror"], false);
    assert_eq!(seen["query"], "a=1&b=%20x");
    assert_eq!(seen["content_type"], "text/csv; charset=utf-8");
    assert_eq!(seen["body_bytes"], 4);
    let headers = seen["headers"].to_string();
    assert!(headers.contains(r#"["x-customer","42"]"#), "{headers}");
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_order() {
    let platform = platform_with("echo").await;
    let key = platform.key("e").await;
    let request = |body: &str, connection: &str| {
        format!(
            "POST /endpoints/e/score HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
             connection: {connection}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };

    let answers = platform
        .raw(request("first", "keep-alive") + &request("second", "close"))
        .await;

    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    let (first, second) = (answers.find("first"), answers.find("second"));
    assert!(first.is_some() && first < second, "{answers}");
}
