//! What the gateway does on a socket: protocols, limits, connections. What users see of scoring is in the suite.

// Marked as test code, which it is: so lints read it as such.
#[cfg(test)]
mod support;

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioIo, TokioTimer};
use mlwasm_routing::Outcome;
use mlwasm_sandbox::TaskGroup;
use support::{KEY, Server, eventually, head, score, settings};

#[tokio::test]
async fn an_answer_says_who_gave_it_and_where_the_time_went() {
    let server = Server::start().await;
    let answer = server
        .exchange(&score(
            "content-type: text/csv\r\nx-request-id: r-1\r\n",
            "1,2",
        ))
        .await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1,2"));
    for (name, value) in [
        ("content-type", "text/csv"),
        ("x-request-id", "r-1"),
        ("mlwasm-deployment", "blue"),
        ("azureml-model-deployment", "blue"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    let timing = answer.header("server-timing").unwrap();
    assert!(
        timing.starts_with("queue;dur=") && timing.contains("guest;dur="),
        "{timing}"
    );
    assert_eq!(server.count(Outcome::Ok), 1);
}

#[tokio::test]
async fn http2_is_served_on_the_same_port() {
    let server = Server::start().await;
    let stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let tasks = TaskGroup::new();
    let (mut client, connection) = hyper::client::conn::http2::Builder::new(Spawner(tasks.clone()))
        .timer(TokioTimer::new())
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tasks.spawn(async move {
        connection.await.ok();
    });
    for path in ["/endpoints/e/score", "/score"] {
        let request = http::Request::post(format!("http://e.example{path}"))
            .header("authorization", format!("Bearer {KEY}"))
            .body(Full::new(Bytes::from_static(b"hello")))
            .unwrap();
        let answer = client.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["mlwasm-deployment"], "blue");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "hello");
    }
}

#[derive(Clone)]
struct Spawner(TaskGroup);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawner {
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

#[tokio::test]
async fn one_connection_carries_many_requests_and_refusals() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.send(&(score("", "one") + &score("", "two"))).await;
    assert_eq!(client.answer().await.body, "one");
    assert_eq!(client.answer().await.body, "two");
    for (request, status) in [
        (score("", "x").replace(KEY, "wrong"), 401),
        (score("mlwasm-deployment: pink\r\n", "x"), 404),
        (score("mlwasm-deployment: red\r\n", "x"), 503),
        (score("", "x").replace("POST", "PUT"), 405),
        (
            score("", "x").replace("/endpoints/e/", "/endpoints/f/"),
            404,
        ),
        (score("", "three"), 200),
    ] {
        client.send(&request).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.header("x-request-id").is_some());
        assert_eq!(answer.header("connection"), None);
    }
    assert_eq!(server.metric("mlwasm_connections_total"), "1");
    assert_eq!(
        server.metric("mlwasm_rejections_total{reason=\"unauthorized\"}"),
        "1"
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_unread_and_the_client_reads_why() {
    let server = Server::start().await;
    let most = 1 << 20;
    let at_the_limit = server.exchange(&score("", &"x".repeat(most))).await;
    assert_eq!((at_the_limit.status, at_the_limit.body.len()), (200, most));

    // The head alone is enough to refuse it.
    let mut client = server.connect().await;
    client
        .send(&head("expect: 100-continue\r\n", most + 1))
        .await;
    let answer = client.answer().await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (413, Some("close"))
    );

    // A client that writes everything before it reads must not meet a reset.
    let answer = server.exchange(&score("", &"x".repeat(8 * most))).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("mlwasm-deployment"), Some("blue"));

    // Nobody knows the length beforehand: counted while it is read.
    let chunk = format!("{:x}\r\n{}\r\n", most, "x".repeat(most));
    let request = score("transfer-encoding: chunked\r\n", "").replace("content-length: 0\r\n", "");
    let whole = server
        .exchange(&(request.clone() + &chunk + "0\r\n\r\n"))
        .await;
    assert_eq!((whole.status, whole.body.len()), (200, most));
    let answer = server
        .exchange(&(request + &chunk + "1\r\nx\r\n0\r\n\r\n"))
        .await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.send(&head("expect: 100-continue\r\n", 5)).await;
    assert_eq!(client.answer().await.status, 100);
    client.send("hello").await;
    assert_eq!(client.answer().await.body, "hello");
}

#[tokio::test]
async fn a_head_over_the_limit_is_refused() {
    let server = Server::start().await;
    let many = |count: usize| "x: y\r\n".repeat(count);
    // Three are there already.
    assert_eq!(server.exchange(&score(&many(97), "x")).await.status, 200);
    assert_eq!(server.exchange(&score(&many(98), "x")).await.status, 431);
    let long = |length: usize| format!("x: {}\r\n", "y".repeat(length));
    assert_eq!(
        server.exchange(&score(&long(15 << 10), "x")).await.status,
        200
    );
    assert_eq!(
        server.exchange(&score(&long(17 << 10), "x")).await.status,
        431
    );
    assert_eq!(
        server.exchange(&score(&long(1 << 20), "x")).await.status,
        431
    );
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.send(&head("", 100_000)).await;
    let answer = client.answer().await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (408, Some("close"))
    );
    assert!(client.rest().await.is_empty());
    assert_eq!(server.count(Outcome::Timeout), 1);
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let server = Server::start().await;
    let beginnings = [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "POST /endpoints/e/score HTTP/1.1\r\nhost:",
    ];
    let mut clients = Vec::new();
    for beginning in beginnings {
        let mut client = server.connect().await;
        client.send(beginning).await;
        clients.push(client);
    }
    for (mut client, beginning) in clients.into_iter().zip(beginnings) {
        let closed = tokio::time::timeout(Duration::from_secs(5), client.rest()).await;
        assert!(closed.is_ok(), "{beginning:?}");
    }
    eventually("every connection is closed", || {
        server.metric("mlwasm_connections") == "0"
    })
    .await;
}

#[tokio::test]
async fn a_full_deployment_refuses_at_once_and_a_client_that_leaves_makes_room() {
    let mut settings = settings();
    settings.body_timeout = Duration::from_secs(10);
    let server = Server::with(settings).await;
    let inside = "mlwasm_requests_in_flight{endpoint=\"e\",deployment=\"blue\"}";
    let mut waiting = Vec::new();
    for count in ["1", "2"] {
        let mut client = server.connect().await;
        client.send(&head("", 5)).await;
        waiting.push(client);
        eventually("the request is inside", || server.metric(inside) == count).await;
    }

    let answer = server.exchange(&score("", "x")).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(server.count(Outcome::Overloaded), 1);

    drop(waiting.pop());
    eventually("one left", || server.metric(inside) == "1").await;
    assert_eq!(server.exchange(&score("", "x")).await.status, 200);
    assert_eq!(server.count(Outcome::Cancelled), 1);
    let mut last = waiting.pop().unwrap();
    last.send("hello").await;
    assert_eq!(last.answer().await.body, "hello");
    assert_eq!(server.metric(inside), "0");
}

#[tokio::test]
async fn copies_go_to_the_mirror_and_are_counted_there() {
    let mut server = Server::start().await;
    server.publish("green=50");
    for id in 0..100 {
        let answer = server
            .exchange(&score(&format!("x-request-id: r-{id}\r\n"), "x"))
            .await;
        assert_eq!(answer.header("mlwasm-deployment"), Some("blue"));
    }
    let copies = |result: &str| -> u64 {
        let labels = "endpoint=\"e\",deployment=\"green\"";
        let line = format!("mlwasm_mirror_requests_total{{{labels},result=\"{result}\"}}");
        server.metric(&line).parse().unwrap()
    };
    // Half of 100, give or take five standard deviations.
    eventually("the copies end", || (25..=75).contains(&copies("ok"))).await;
    eventually("none is left", || {
        server.metric("mlwasm_mirror_requests_in_flight") == "0"
    })
    .await;
    assert_eq!(copies("failed"), 0);
    assert_eq!(server.count(Outcome::Ok), 100);
}

#[tokio::test]
async fn connections_over_the_limit_wait_for_a_free_place() {
    let mut settings = settings();
    settings.max_connections = 1;
    let server = Server::with(settings).await;
    let mut first = server.connect().await;
    first.send(&score("", "one")).await;
    assert_eq!(first.answer().await.body, "one");

    let mut second = server.connect().await;
    second.send(&score("", "two")).await;
    let early = tokio::time::timeout(Duration::from_millis(100), second.answer()).await;
    assert!(early.is_err());

    drop(first);
    assert_eq!(second.answer().await.body, "two");
}

#[tokio::test]
async fn shutdown_finishes_what_runs_and_then_closes() {
    let mut settings = settings();
    settings.body_timeout = Duration::from_secs(10);
    let server = Server::with(settings).await;
    let ready = "GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n";
    assert_eq!(server.exchange(ready).await.status, 200);
    let mut idle = server.connect().await;
    idle.send(ready).await;
    assert_eq!(idle.answer().await.status, 200);
    let mut running = server.connect().await;
    running.send(&head("", 5)).await;
    let inside = "mlwasm_requests_in_flight{endpoint=\"e\",deployment=\"blue\"}";
    eventually("the request is inside", || server.metric(inside) == "1").await;

    server.gateway.set_draining();
    for (request, status) in [(ready, 503), (score("", "x").as_str(), 503)] {
        let answer = server.exchange(request).await;
        assert_eq!(answer.status, status);
    }
    let address = server.address;
    let mut ended = server.shut_down();
    assert!(idle.rest().await.is_empty());
    eventually("the listener is closed", || {
        std::net::TcpStream::connect(address).is_err()
    })
    .await;
    assert!(ended.try_recv().is_err());

    running.send("hello").await;
    assert_eq!(running.answer().await.body, "hello");
    assert!(running.rest().await.is_empty());
    ended.await.unwrap();
}
