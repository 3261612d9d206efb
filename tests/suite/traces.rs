//! Traces: a request that is sampled arrives at a collector with its parts, and none waits for one.

use std::{collections::BTreeMap, net::TcpListener, time::Duration};

use mlwasm_harness::{
    Answer, Certificates, CollectedSpan, Collector, Platform, Setup, eventually, guests,
};
use reqwest::Method;
use serde_json::Value;

use crate::{
    support::{iris, mirror, setosa, version},
    v2_grpc,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

/// A platform that sends its traces to `collector`, with further settings of the section.
async fn traced(collector: &str, settings: &str) -> Platform {
    traced_with(collector, settings, &[]).await
}

async fn traced_with(collector: &str, settings: &str, environment: &[(&str, &str)]) -> Platform {
    let variables = environment.iter();
    Platform::start_with(Setup {
        config: Some(format!("[traces]\nendpoint = {collector:?}\n{settings}\n")),
        environment: variables
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Setup::default()
    })
    .await
}

/// How many requests' spans were lost for this reason.
async fn dropped(platform: &Platform, reason: &str) -> u64 {
    let metrics = platform.metrics().await;
    metrics.count("mlwasm_traces_dropped_total", &[("reason", reason)])
}

fn check(span: &CollectedSpan, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert!(span.is(name, value), "{name} is not {value}: {span:#?}");
    }
}

/// The milliseconds of one part, as the answer tells them.
fn told(answer: &Answer, part: &str) -> Duration {
    let header = answer.header("server-timing").unwrap();
    let entries = header.split(", ");
    let mut entries = entries.filter_map(|entry| entry.split_once(";dur="));
    let (_, ms) = entries.find(|(name, _)| *name == part).unwrap();
    Duration::from_secs_f64(ms.parse::<f64>().unwrap() / 1_000.0)
}

/// Scores one flower of a client that is traced itself, and checks what arrives of it.
async fn check_a_request_and_its_parts(platform: &Platform, collector: &Collector) {
    iris(platform, "blue", 1).await;
    let call = platform.scoring("iris").await.id("r-1");
    let call = call.query("secret=hush").header("user-agent", "agent");
    let call = call
        .header("traceparent", traceparent("01"))
        .header("tracestate", "vendor=1");
    let body = setosa().to_string();
    let answer = call.body(body.clone()).send().await;
    assert_eq!(answer.status(), 200);

    let span = collector.request("r-1").await;
    assert_eq!(span.name, "POST /endpoints/{endpoint}/score");
    assert_eq!((span.trace.as_str(), span.parent.as_str()), (TRACE, PARENT));
    assert_eq!((span.state.as_str(), span.kind), ("vendor=1", 2));
    assert_eq!(span.error, None);
    check(
        &span,
        &[
            ("mlwasm.endpoint", "iris"),
            ("mlwasm.deployment", "blue"),
            ("mlwasm.revision", "1"),
            ("mlwasm.outcome", "scorer"),
            ("http.request.method", "POST"),
            ("http.route", "/endpoints/{endpoint}/score"),
            ("url.path", "/endpoints/iris/score"),
            ("http.response.status_code", "200"),
            ("http.request.body.size", &body.len().to_string()),
            ("http.response.body.size", &answer.text().len().to_string()),
            ("network.protocol.version", "1.1"),
            ("user_agent.original", "agent"),
        ],
    );
    assert_eq!(span.resource["service.name"], "mlwasm");

    let parts = collector.parts(&span);
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["queue", "guest", "infer"]);
    for part in &parts {
        // The answer tells whole microseconds.
        let difference = part.took().saturating_sub(told(&answer, &part.name));
        assert!(difference <= Duration::from_micros(1), "{part:?}");
        assert!(span.start <= part.start && part.end <= span.end, "{part:?}");
    }
    assert!(parts.is_sorted_by(|one, next| one.end == next.start));

    let all = collector.everything();
    let key = platform.key("iris").await;
    for secret in ["hush", key.as_str(), body.as_str(), &answer.text()] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

#[tokio::test]
async fn a_request_arrives_by_grpc_with_its_parent_its_attributes_and_its_parts() {
    let collector = Collector::grpc().await;
    let platform = traced(collector.address(), "").await;
    check_a_request_and_its_parts(&platform, &collector).await;
    // Counted once the collector has said that it has them.
    eventually("the trace is counted", async || {
        let metrics = platform.metrics().await;
        (metrics.count("mlwasm_traces_exported_total", &[]) == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_request_arrives_by_http_too() {
    let collector = Collector::http();
    let platform = traced(collector.address(), "protocol = \"http\"").await;
    check_a_request_and_its_parts(&platform, &collector).await;
}

#[tokio::test]
async fn calls_over_grpc_leave_a_span_a_message() {
    const METHOD: &str = "inference.GRPCInferenceService/ModelInfer";
    const STREAM: &str = "inference.GRPCInferenceService/ModelStreamInfer";
    let collector = Collector::grpc().await;
    let platform = traced(collector.address(), "").await;
    let typed = platform.deploy(guests::path("typed")).to("e", "blue");
    typed.run().await;
    let key = platform.key("e").await;
    let call = |method: &str| {
        let call = platform.grpc(method).key(&key);
        call.metadata("traceparent", &traceparent("01"))
    };
    let [message, nowhere] = ["e", "nowhere"].map(v2_grpc::message_to);
    let unary = call(METHOD).metadata("x-request-id", "r-1");
    assert_eq!(unary.message(&message).send().await.code, 0);
    let stream = call(STREAM).message(&message).message(&nowhere);
    assert_eq!(stream.send().await.messages.len(), 2);
    let unasked = call("inference.GRPCInferenceService/ServerLive");
    assert_eq!(unasked.message([]).send().await.code, 0);

    let span = collector.request("r-1").await;
    assert_eq!(span.name, format!("POST /{METHOD}"));
    assert_eq!((span.trace.as_str(), span.parent.as_str()), (TRACE, PARENT));
    check(
        &span,
        &[
            ("mlwasm.endpoint", "e"),
            ("mlwasm.deployment", "blue"),
            ("mlwasm.status_code", "200"),
            ("rpc.system", "grpc"),
            ("rpc.service", "inference.GRPCInferenceService"),
            ("rpc.method", "ModelInfer"),
        ],
    );
    let messages = eventually("the messages' spans are collected", async || {
        let mut spans = collector.spans();
        spans.retain(|span| span.kind == 2 && span.name.ends_with("ModelStreamInfer"));
        (spans.len() == 2).then_some(spans)
    })
    .await;
    let endpoints = ["e", "nowhere"].map(|name| ("mlwasm.endpoint", name));
    for (span, endpoint) in messages.iter().zip(endpoints) {
        assert_eq!((span.trace.as_str(), span.parent.as_str()), (TRACE, PARENT));
        check(span, &[endpoint]);
    }
    let requests = collector.spans().into_iter().filter(|span| span.kind == 2);
    assert_eq!(requests.count(), 3);
}

#[tokio::test]
async fn a_collector_is_spoken_to_by_tls_if_its_authority_is_trusted() {
    let certificates = Certificates::new();
    let http = Collector::https(&certificates);
    check_trust("http", &http, &certificates).await;
    let grpc = Collector::grpcs(&certificates).await;
    check_trust("grpc", &grpc, &certificates).await;
}

async fn check_trust(protocol: &str, collector: &Collector, certificates: &Certificates) {
    let untrusted = format!("protocol = {protocol:?}");
    let trust = format!("{untrusted}\nca_file = {:?}", certificates.authority());
    let platform = traced(collector.address(), &trust).await;
    version(&platform, "blue", "blue").await;
    platform.scoring("e").await.id("r-1").send().await;
    collector.request("r-1").await;

    let platform = traced(collector.address(), &untrusted).await;
    version(&platform, "blue", "blue").await;
    platform.scoring("e").await.id("r-2").send().await;
    eventually("the trace is counted as dropped", async || {
        (dropped(&platform, "refused").await == 1).then_some(())
    })
    .await;
    assert!(
        collector
            .spans()
            .iter()
            .all(|span| !span.is("mlwasm.request_id", "r-2"))
    );
}

/// Which of these requests are traced, told by their ids: the last one is.
async fn ids(
    platform: &Platform,
    collector: &Collector,
    sent: &[(&str, Option<&str>)],
) -> Vec<String> {
    for (id, parent) in sent {
        let mut call = platform.scoring("e").await.id(id);
        if let Some(parent) = parent {
            call = call.header("traceparent", parent);
        }
        assert_eq!(call.send().await.status(), 200);
    }
    // Traces come in the order of the requests: once the last is there, none is missing.
    collector.request(sent.last().unwrap().0).await;
    let spans = collector.spans();
    let spans = spans.iter().filter(|span| span.kind == 2);
    spans
        .map(|span| span.attributes["mlwasm.request_id"].clone())
        .collect()
}

#[tokio::test]
async fn a_clients_own_decision_goes_before_the_ratio() {
    let (sampled, unsampled) = (traceparent("01"), traceparent("00"));
    let malformed = "00-0-0-01";
    for (ratio, expected) in [
        ("0.0", &["sampled"][..]),
        ("1.0", &["none", "malformed", "sampled"]),
    ] {
        let collector = Collector::grpc().await;
        let platform = traced(collector.address(), &format!("sample_ratio = {ratio}")).await;
        version(&platform, "blue", "blue").await;
        let sent = [
            ("none", None),
            ("malformed", Some(malformed)),
            ("unsampled", Some(unsampled.as_str())),
            ("sampled", Some(sampled.as_str())),
        ];
        assert_eq!(ids(&platform, &collector, &sent).await, expected, "{ratio}");
        for span in collector.spans().iter().filter(|span| span.kind == 2) {
            let is_the_clients = span.trace == TRACE;
            assert_eq!(is_the_clients, span.is("mlwasm.request_id", "sampled"));
            assert_eq!(span.parent.is_empty(), !is_the_clients);
        }
    }
}

#[tokio::test]
async fn a_scorer_is_told_which_span_it_works_for() {
    let collector = Collector::grpc().await;
    let platform = traced(collector.address(), "sample_ratio = 0.0").await;
    platform
        .deploy(guests::path("whoami"))
        .to("e", "blue")
        .run()
        .await;
    let seen = async |id: &str, parent: &str| -> BTreeMap<String, String> {
        let call = platform.scoring("e").await.id(id);
        let call = call
            .header("traceparent", parent)
            .header("tracestate", "vendor=1");
        serde_json::from_value(headers(&call.send().await.json())).unwrap()
    };
    let traced = seen("r-1", &traceparent("01")).await;
    let span = collector.request("r-1").await;
    assert_eq!(traced["traceparent"], format!("00-{TRACE}-{}-01", span.id));
    assert_eq!(traced["tracestate"], "vendor=1");

    // What is not traced here may be elsewhere: it is passed on as it came.
    let untraced = seen("r-2", &traceparent("00")).await;
    assert_eq!(untraced["traceparent"], traceparent("00"));
}

/// The headers that the guest `whoami` saw, as an object.
fn headers(answer: &Value) -> Value {
    let pairs = answer["headers"].as_array().unwrap().iter();
    let pairs = pairs.map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()));
    Value::Object(pairs.collect())
}

#[tokio::test]
async fn what_failed_says_so_and_what_the_client_did_wrong_does_not() {
    let collector = Collector::grpc().await;
    let platform = traced(collector.address(), "").await;
    platform
        .deploy(guests::path("trap"))
        .to("e", "blue")
        .run()
        .await;
    platform.scoring("e").await.id("trap").send().await;
    let post = |path: &str, id: &str| platform.scoring_call(Method::POST, path).id(id).send();
    assert_eq!(post("/endpoints/e/score", "no-key").await.status(), 401);
    assert_eq!(
        post("/endpoints/nowhere/score", "nowhere").await.status(),
        404
    );
    platform
        .scoring_call(Method::GET, "/livez")
        .id("live")
        .send()
        .await;
    platform.scoring("e").await.id("last").send().await;
    collector.request("last").await;

    let trap = collector.request("trap").await;
    assert_eq!(trap.error.as_deref(), Some("scorer-fault"));
    check(
        &trap,
        &[
            ("error.type", "scorer-fault"),
            ("http.response.status_code", "424"),
        ],
    );
    for (id, outcome) in [("no-key", "unauthorized"), ("nowhere", "unknown-endpoint")] {
        let span = collector.request(id).await;
        assert_eq!(span.error, None, "{span:?}");
        check(&span, &[("mlwasm.outcome", outcome)]);
        assert!(!span.has("mlwasm.deployment") && collector.parts(&span).is_empty());
    }
    assert!(
        collector
            .spans()
            .iter()
            .all(|span| !span.is("mlwasm.request_id", "live"))
    );
}

#[tokio::test]
async fn a_client_that_left_has_a_span_without_a_status() {
    let collector = Collector::grpc().await;
    let platform = traced(collector.address(), "").await;
    platform
        .deploy(guests::path("spin"))
        .to("e", "blue")
        .set("request_settings.request_timeout_ms", 60_000)
        .run()
        .await;
    let call = platform.scoring("e").await.id("gone").send();
    tokio::select! {
        answer = call => panic!("{answer:?}"),
        () = crate::support::busy(&platform, 1) => {}
    }
    let span = collector.request("gone").await;
    check(&span, &[("mlwasm.outcome", "client-left")]);
    assert!(!span.has("http.response.status_code"), "{span:?}");
}

#[tokio::test]
async fn a_copy_has_a_trace_of_its_own_that_is_marked_and_linked() {
    let collector = Collector::grpc().await;
    let platform = traced(collector.address(), "").await;
    version(&platform, "blue", "blue").await;
    platform
        .deploy(guests::path("whoami"))
        .to("e", "green")
        .run()
        .await;
    mirror(&platform, "green=50").await;
    let copy = eventually("a copy's span is collected", async || {
        platform.score("e", "").await;
        let mut spans = collector.spans().into_iter();
        spans.find(|span| span.is("mlwasm.copy", "mirror"))
    })
    .await;

    let live = collector
        .request(&copy.attributes["mlwasm.request_id"])
        .await;
    assert_eq!(copy.links, [(live.trace.clone(), live.id.clone())]);
    assert_ne!(copy.trace, live.trace);
    assert_eq!((copy.parent.as_str(), copy.kind), ("", 1));
    check(
        &copy,
        &[("mlwasm.endpoint", "e"), ("mlwasm.deployment", "green")],
    );
    check(&live, &[("mlwasm.deployment", "blue")]);
    let names: Vec<_> = collector
        .parts(&copy)
        .into_iter()
        .map(|part| part.name)
        .collect();
    assert_eq!(names, ["queue", "guest"]);
}

#[tokio::test]
async fn a_collector_that_is_gone_costs_traces_and_no_request() {
    // Nobody listens there any more.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut platform = traced(&format!("http://{address}"), "timeout_ms = 50").await;
    version(&platform, "blue", "blue").await;
    for _ in 0..2 {
        for _ in 0..5 {
            assert_eq!(platform.score("e", "").await.text(), "blue");
        }
        let before = dropped(&platform, "refused").await;
        eventually("the traces are counted as dropped", async || {
            let now = dropped(&platform, "refused").await;
            (now % 5 == 0 && now > 0 && now >= before).then_some(())
        })
        .await;
    }
    assert_eq!(
        platform
            .metrics()
            .await
            .count("mlwasm_traces_exported_total", &[]),
        0
    );
    let ended = platform.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    let said = ended.log.matches("collector does not take traces").count();
    assert_eq!(said, 1, "{}", ended.log);
}

#[tokio::test]
async fn a_collector_that_hangs_fills_the_queue_and_holds_up_neither_requests_nor_the_end() {
    // It is connected to and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let settings = "protocol = \"http\"\nmax_waiting = 1\ntimeout_ms = 60000";
    let mut platform = traced(&format!("http://{address}"), settings).await;
    version(&platform, "blue", "blue").await;
    eventually("the queue is full", async || {
        assert_eq!(platform.score("e", "").await.text(), "blue");
        (dropped(&platform, "full").await > 0).then_some(())
    })
    .await;
    let ended = platform.terminate().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(
        ended.log.contains("did not take the last traces in time"),
        "{}",
        ended.log
    );
}

#[tokio::test]
async fn what_was_answered_before_a_stop_arrives() {
    let collector = Collector::grpc().await;
    let mut platform = traced(collector.address(), "").await;
    version(&platform, "blue", "blue").await;
    for n in 0..20 {
        platform
            .scoring("e")
            .await
            .id(&format!("r-{n}"))
            .send()
            .await;
    }
    assert_eq!(platform.terminate().await.code, Some(0));
    let spans = collector.spans();
    let found = spans.iter().filter(|span| span.kind == 2).count();
    assert_eq!(found, 20);
}

#[tokio::test]
async fn opentelemetrys_own_variables_and_secret_headers_count() {
    let collector = Collector::http();
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_SERVICE_NAME", "scores"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=ml"),
        ("COLLECTOR_KEY", "hush"),
    ];
    let variables = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let platform = Platform::start_with(Setup {
        config: Some("[traces]\nheaders = { x-key = \"env:COLLECTOR_KEY\" }\n".to_owned()),
        environment: variables.to_vec(),
        ..Setup::default()
    })
    .await;
    version(&platform, "blue", "blue").await;
    platform.scoring("e").await.id("r-1").send().await;

    let span = collector.request("r-1").await;
    assert_eq!(span.resource["service.name"], "scores");
    assert_eq!(span.resource["team"], "ml");
    assert!(
        collector
            .headers()
            .iter()
            .all(|headers| headers["x-key"] == "hush")
    );
    assert!(!platform.server().log().contains("hush"));
}

#[tokio::test]
async fn a_wrong_setting_stops_the_start_and_nothing_is_the_default() {
    let ended = Platform::fail_to_start(Setup {
        config: Some("[traces]\nendpoint = \"collector:4317\"\n".to_owned()),
        ..Setup::default()
    })
    .await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("traces.endpoint"), "{ended:?}");

    let platform = Platform::start().await;
    let metrics = platform.admin(Method::GET, "/metrics").send().await.text();
    assert!(!metrics.contains("mlwasm_traces"), "{metrics}");
}
