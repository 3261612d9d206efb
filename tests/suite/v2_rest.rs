//! The open inference protocol over REST: a model is an endpoint, a version a deployment.

use std::io::{Read as _, Write as _};

use flate2::{
    Compression,
    read::{GzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use mlwasm_harness::{Answer, Call, Platform, eventually, guests};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{iris, traffic};

/// A platform whose endpoint `e` has the typed guest as `blue`.
pub(crate) async fn typed() -> Platform {
    crate::support::platform_with("typed").await
}

/// A request to the endpoint `e`, with its key.
async fn ask(platform: &Platform, method: Method, path: &str) -> Call {
    let key = platform.key("e").await;
    platform.scoring_call(method, path).key(&key)
}

async fn get(platform: &Platform, path: &str) -> Answer {
    ask(platform, Method::GET, path).await.send().await
}

async fn infer(platform: &Platform, body: &Value) -> Answer {
    let call = ask(platform, Method::POST, "/v2/models/e/infer").await;
    // No content type: some clients send none.
    call.body(body.to_string()).send().await
}

/// What the typed guest takes: two rows and a word.
pub(crate) fn request() -> Value {
    json!({
        "id": "7",
        "inputs": [
            {"name": "rows", "datatype": "FP32", "shape": [2, 2], "data": [1, 2.5, 3, 4]},
            {"name": "words", "datatype": "BYTES", "shape": [1], "data": ["w\u{e4}"]},
        ],
    })
}

/// The same as bytes: the JSON, and what follows it.
fn binary_request(parameters: &Value) -> (String, Vec<u8>) {
    let json = json!({
        "parameters": parameters,
        "inputs": [
            {"name": "words", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 7}},
            {"name": "rows", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": 8}},
        ],
    });
    let mut data = b"\x03\0\0\0abc".to_vec();
    data.extend_from_slice(&1.5_f32.to_le_bytes());
    data.extend_from_slice(&2.0_f32.to_le_bytes());
    (json.to_string(), data)
}

#[tokio::test]
async fn the_server_tells_anyone_who_it_is_and_that_it_lives() {
    let platform = Platform::start().await;
    let get = async |path: &str| platform.scoring_call(Method::GET, path).send().await;
    assert_eq!(get("/v2").await.json()["name"], "mlwasm");
    assert_eq!(get("/v2/health/live").await.json(), json!({"live": true}));
    assert_eq!(get("/v2/health/ready").await.json(), json!({"ready": true}));
    let wrong = platform
        .scoring_call(Method::POST, "/v2/health/live")
        .send()
        .await;
    assert_eq!(
        (wrong.status(), wrong.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

#[tokio::test]
async fn json_goes_in_and_comes_out() {
    let platform = typed().await;
    let answer = infer(&platform, &request()).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({
            "model_name": "e",
            "model_version": "blue",
            "id": "7",
            "outputs": [
                {"name": "same_rows", "datatype": "FP32", "shape": [2, 2], "data": [1.0, 2.5, 3.0, 4.0]},
                {"name": "same_words", "datatype": "BYTES", "shape": [1], "data": ["w\u{e4}"]},
                {"name": "count", "datatype": "INT64", "shape": [], "data": [2]},
            ],
        })
    );
    assert_eq!(answer.deployment(), "blue");
    assert!(answer.header("server-timing").is_some());
}

#[tokio::test]
async fn bytes_go_in_and_come_out_as_asked_for() {
    let platform = typed().await;
    let (json, data) = binary_request(&json!({"binary_data_output": true}));
    let call = ask(&platform, Method::POST, "/v2/models/e/versions/blue/infer").await;
    let answer = call
        .header("inference-header-content-length", json.len().to_string())
        .body([json.into_bytes(), data].concat())
        .send()
        .await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    let length = answer.header("inference-header-content-length").unwrap();
    let (json, data) = answer.body().split_at(length.parse().unwrap());
    let outputs = &serde_json::from_slice::<Value>(json).unwrap()["outputs"];
    assert_eq!(outputs[0]["parameters"]["binary_data_size"], 8);
    assert_eq!(outputs[1]["parameters"]["binary_data_size"], 7);
    let expected = [
        &1.5_f32.to_le_bytes()[..],
        &2.0_f32.to_le_bytes(),
        b"\x03\0\0\0abc",
        &1_i64.to_le_bytes(),
    ];
    assert_eq!(data, expected.concat());
}

#[tokio::test]
async fn outputs_are_those_that_are_named_and_classes_are_the_highest() {
    let platform = typed().await;
    let mut body = request();
    body["outputs"] = json!([
        {"name": "count"},
        {"name": "same_rows", "parameters": {"classification": 1}},
    ]);
    let answer = infer(&platform, &body).await;
    assert_eq!(
        answer.json()["outputs"],
        json!([
            {"name": "count", "datatype": "INT64", "shape": [], "data": [2]},
            {"name": "same_rows", "datatype": "BYTES", "shape": [2, 1], "data": ["2.5:1", "4.0:1"]},
        ])
    );
}

#[tokio::test]
async fn compressed_bodies_are_read_and_answered_in_kind() {
    let platform = typed().await;
    let rows = 1_000;
    let data: Vec<f32> = vec![1.0; 2 * rows];
    let body = json!({
        "inputs": [
            {"name": "rows", "datatype": "FP32", "shape": [rows, 2], "data": data},
            {"name": "words", "datatype": "BYTES", "shape": [0], "data": []},
        ],
    });
    let body = body.to_string();
    for coding in ["gzip", "deflate"] {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(body.as_bytes()).unwrap();
        zlib.write_all(body.as_bytes()).unwrap();
        let compressed = match coding {
            "gzip" => gzip.finish().unwrap(),
            _ => zlib.finish().unwrap(),
        };
        let call = ask(&platform, Method::POST, "/v2/models/e/infer").await;
        let answer = call
            .header("content-encoding", coding)
            .header("accept-encoding", coding)
            .body(compressed)
            .send()
            .await;
        assert_eq!(answer.status(), 200, "{answer:?}");
        assert_eq!(answer.header("content-encoding"), Some(coding));
        let mut json = String::new();
        match coding {
            "gzip" => GzDecoder::new(&answer.body()[..]).read_to_string(&mut json),
            _ => ZlibDecoder::new(&answer.body()[..]).read_to_string(&mut json),
        }
        .unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["outputs"][2]["data"], json!([rows]));
    }
    let call = ask(&platform, Method::POST, "/v2/models/e/infer").await;
    let unknown = call.header("content-encoding", "br").body("x").send().await;
    assert_eq!(unknown.status(), 415);
}

#[tokio::test]
async fn a_body_is_bounded_after_it_is_decompressed() {
    let setup = mlwasm_harness::Setup {
        config: Some(
            "[gateway]\nmax_body_bytes = 100000\nmax_mirrored_bytes = 100000\n".to_owned(),
        ),
        ..mlwasm_harness::Setup::default()
    };
    let platform = Platform::start_with(setup).await;
    platform
        .deploy(guests::path("typed"))
        .to("e", "blue")
        .run()
        .await;
    // JSON may end in blanks: the length is all that differs.
    for (length, status) in [(99_999, 200), (100_000, 200), (100_001, 413)] {
        let mut body = request().to_string();
        body.push_str(&" ".repeat(length - body.len()));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(body.as_bytes()).unwrap();
        let call = ask(&platform, Method::POST, "/v2/models/e/infer").await;
        let call = call.header("content-encoding", "gzip");
        let answer = call.body(gzip.finish().unwrap()).send().await;
        assert_eq!(answer.status(), status, "{length}");
    }
}

#[tokio::test]
async fn a_model_describes_itself_to_who_has_its_key() {
    let platform = typed().await;
    let metadata = get(&platform, "/v2/models/e").await.json();
    assert_eq!(metadata["versions"], json!(["blue"]));
    assert_eq!(
        metadata["inputs"],
        json!([
            {"name": "rows", "datatype": "FP32", "shape": [-1, 2]},
            {"name": "words", "datatype": "BYTES", "shape": [-1]},
        ])
    );
    let config = get(&platform, "/v2/models/e/config").await.json();
    assert_eq!(config["input"][1]["data_type"], "TYPE_STRING");
    assert_eq!(config["max_batch_size"], 0);
    let ready = get(&platform, "/v2/models/e/versions/blue/ready").await;
    assert_eq!(ready.json(), json!({"name": "e", "ready": true}));
    for path in ["", "/config", "/ready", "/stats", "/versions/blue"] {
        let path = format!("/v2/models/e{path}");
        let refused = platform.scoring_call(Method::GET, &path).send().await;
        assert_eq!(refused.status(), 401, "{path}");
        // What the clients of the protocol look for.
        assert!(refused.json()["error"].is_string(), "{refused:?}");
    }
    for path in ["/v2/models/f", "/v2/models/e/versions/green/ready"] {
        let status = get(&platform, path).await.status();
        assert_eq!(status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_version_is_the_deployment_by_address_by_header_or_by_share() {
    let platform = typed().await;
    platform
        .deploy(guests::path("typed"))
        .to("e", "green")
        .run()
        .await;
    let ask = async |path: &str, header: &str| {
        let mut call = ask(&platform, Method::POST, path).await;
        if !header.is_empty() {
            call = call.deployment(header);
        }
        let answer = call.json(&request()).send().await;
        answer.json()["model_version"].as_str().unwrap().to_owned()
    };
    assert_eq!(ask("/v2/models/e/infer", "").await, "blue");
    assert_eq!(ask("/v2/models/e/infer", "green").await, "green");
    assert_eq!(ask("/v2/models/e/versions/green/infer", "").await, "green");
    assert_eq!(
        ask("/v2/models/e/versions/green/infer", "blue").await,
        "green"
    );
    traffic(&platform, "blue=0 green=100").await;
    eventually("green serves", async || {
        (ask("/v2/models/e/infer", "").await == "green").then_some(())
    })
    .await;
}

#[tokio::test]
async fn statistics_count_requests_of_the_protocol_like_all_others() {
    let platform = typed().await;
    for _ in 0..3 {
        assert_eq!(infer(&platform, &request()).await.status(), 200);
    }
    assert_eq!(infer(&platform, &json!({"inputs": []})).await.status(), 400);
    let counted = async |path: &str| {
        let stats = get(&platform, path).await.json();
        let one = stats["model_stats"][0].clone();
        let times = &one["inference_stats"];
        (
            one["inference_count"].clone(),
            times["success"]["count"].clone(),
            times["fail"]["count"].clone(),
        )
    };
    for path in [
        "/v2/models/e/stats",
        "/v2/models/stats",
        "/v2/models/e/versions/blue/stats",
    ] {
        assert_eq!(
            counted(path).await,
            (json!(3), json!(3), json!(1)),
            "{path}"
        );
    }
    let labels = [("endpoint", "e"), ("outcome", "ok")];
    let metrics = platform.metrics().await;
    assert_eq!(metrics.count("mlwasm_requests_total", &labels), 3);
}

#[tokio::test]
async fn the_index_lists_what_the_caller_may_use_and_nobody_loads_or_unloads() {
    let platform = typed().await;
    platform
        .deploy(guests::path("typed"))
        .to("f", "blue")
        .run()
        .await;
    let index = async |key: &str| {
        let call = platform.scoring_call(Method::POST, "/v2/repository/index");
        call.key(key).send().await.json()
    };
    let key = platform.key("e").await;
    assert_eq!(
        index(&key).await,
        json!([{"name": "e", "version": "blue", "state": "READY"}])
    );
    assert_eq!(index("wrong").await, json!([]));
    for verb in ["load", "unload"] {
        let path = format!("/v2/repository/models/e/{verb}");
        let refused = ask(&platform, Method::POST, &path).await.send().await;
        assert_eq!(refused.status(), 403);
        assert!(refused.problem().detail.contains("mlwasm deploy"));
    }
}

#[tokio::test]
async fn a_raw_scorer_gets_the_body_and_answers_by_the_adapter() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    let key = platform.key("iris").await;
    let body = json!({
        "inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 4], "data": [5.1, 3.5, 1.4, 0.2]}],
        "outputs": [{"name": "label"}],
    });
    let infer = async |body: &Value| {
        let call = platform.scoring_call(Method::POST, "/v2/models/iris/infer");
        call.key(&key).json(body).send().await
    };
    let answer = infer(&body).await.json();
    assert_eq!(answer["model_name"], "iris");
    assert_eq!(
        answer["outputs"],
        json!([{"name": "label", "datatype": "INT64", "shape": [1], "data": [0]}])
    );
    let metadata = platform
        .scoring_call(Method::GET, "/v2/models/iris")
        .key(&key);
    assert_eq!(metadata.send().await.json()["inputs"], json!([]));
    let refused = infer(&json!({"inputs": []})).await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn a_client_can_not_say_that_its_request_is_of_the_protocol() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    let call = platform.scoring("iris").await;
    let call = call
        .header("mlwasm-protocol", "v2")
        .header("mlwasm-endpoint", "x");
    let answer = call.json(&crate::support::setosa()).send().await;
    assert_eq!(answer.json()["predictions"][0]["class"], "setosa");
}

#[tokio::test]
async fn copies_of_requests_of_the_protocol_reach_the_mirror() {
    let platform = typed().await;
    platform
        .deploy(guests::path("typed"))
        .to("e", "green")
        .run()
        .await;
    platform.cli(&["mirror", "e", "green=50"]).await.succeeded();
    eventually("a copy was scored", async || {
        assert_eq!(infer(&platform, &request()).await.status(), 200);
        let labels = [("deployment", "green"), ("result", "ok")];
        let metrics = platform.metrics().await;
        (metrics.count("mlwasm_mirror_requests_total", &labels) > 0).then_some(())
    })
    .await;
}
