//! Bodies of the open inference protocol that are wrong: each is answered with 400, the place of the mistake, and never more.

use mlwasm_harness::{Answer, Platform, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::v2_rest::{request, typed};

async fn infer(platform: &Platform, body: impl Into<Vec<u8>>, json_length: Option<&str>) -> Answer {
    let key = platform.key("e").await;
    let mut call = platform
        .scoring_call(Method::POST, "/v2/models/e/infer")
        .key(&key);
    if let Some(length) = json_length {
        call = call.header("inference-header-content-length", length);
    }
    call.body(body.into()).send().await
}

/// A request whose input `rows` has these fields in place of the right ones.
fn with_rows(fields: &Value) -> String {
    let mut body = request();
    for (key, value) in fields.as_object().unwrap() {
        body["inputs"][0][key] = value.clone();
    }
    body.to_string()
}

/// Bodies, and what the refusal says at least.
#[expect(clippy::too_many_lines, reason = "a table, a line a case")]
fn corpus() -> Vec<(String, &'static str)> {
    let rows = |fields: Value| with_rows(&fields);
    let replaced = |from: &str, to: &str| {
        let body = request().to_string();
        assert!(body.contains(from), "{from} in {body}");
        body.replace(from, to)
    };
    let deep = "[".repeat(1_000_000);
    vec![
        (String::new(), "EOF"),
        ("{".to_owned(), "EOF"),
        ("[]".to_owned(), "the body"),
        ("\u{0}".to_owned(), "line 1"),
        ("{}".to_owned(), "`inputs` is missing"),
        (r#"{"inputs":null}"#.to_owned(), "inputs"),
        (r#"{"inputs":{}}"#.to_owned(), "inputs"),
        (r#"{"inputs":[]}"#.to_owned(), "\"rows\" is missing"),
        (r#"{"inputs":[7]}"#.to_owned(), "inputs[0]"),
        (format!("{} x", request()), "trailing"),
        (replaced(r#""id":"7""#, r#""id":7"#), "id"),
        (
            replaced(r#""id":"7""#, r#""id":"7","id":"8""#),
            "id: given twice",
        ),
        (
            rows(json!({"name": "rose"})),
            "inputs[0].name: there is no input \"rose\"; there is rows, words",
        ),
        (rows(json!({"name": "words"})), "inputs[0].datatype"),
        (rows(json!({"name": 7})), "inputs[0].name"),
        (rows(json!({"name": null})), "inputs[0].name"),
        (
            rows(json!({"datatype": "FLOAT32"})),
            "inputs[0].datatype: expected one of",
        ),
        (
            rows(json!({"datatype": "FP64"})),
            "inputs[0].datatype: expected FP32, found FP64",
        ),
        (
            rows(json!({"datatype": "FP16"})),
            "inputs[0].data: FP16 has no form in JSON",
        ),
        (rows(json!({"datatype": 5})), "inputs[0].datatype"),
        (rows(json!({"shape": [2]})), "inputs[0].data"),
        (
            rows(json!({"shape": [4]})),
            "inputs[0].shape: expected 2 dimensions, found 1",
        ),
        (
            rows(json!({"shape": [1, 4]})),
            "inputs[0].shape[1]: expected 2, found 4",
        ),
        (rows(json!({"shape": [-1, 2]})), "inputs[0].shape[0]"),
        (rows(json!({"shape": [2.0, 2]})), "inputs[0].shape[0]"),
        (rows(json!({"shape": ["2", 2]})), "inputs[0].shape[0]"),
        (
            rows(json!({"shape": [4_294_967_296_u64, 2]})),
            "inputs[0].shape[0]",
        ),
        (
            rows(json!({"shape": vec![4_294_967_295_u64; 64]})),
            "inputs[0].data: the shape has more elements",
        ),
        (
            rows(json!({"shape": [4_294_967_295_u64, 2]})),
            "inputs[0].data: expected 8589934590 elements",
        ),
        (
            rows(json!({"shape": vec![1; 65]})),
            "inputs[0].shape: more than 64",
        ),
        (rows(json!({"shape": null})), "inputs[0].shape"),
        (
            rows(json!({"data": [1, 2, 3]})),
            "inputs[0].data: expected 4 elements, found 3",
        ),
        (rows(json!({"data": [1, 2, 3, 4, 5]})), "inputs[0].data[4]"),
        (rows(json!({"data": [[1, 2], [3]]})), "inputs[0].data[1]"),
        (rows(json!({"data": [[1, 2, 3, 4]]})), "inputs[0].data[0]"),
        (
            rows(json!({"data": [[[1], [2]], [3, 4]]})),
            "inputs[0].data[0][0]",
        ),
        (
            rows(json!({"data": [1, 2, "3", 4]})),
            "inputs[0].data[2]: expected FP32, found \"3\"",
        ),
        (rows(json!({"data": [1, 2, null, 4]})), "inputs[0].data[2]"),
        (rows(json!({"data": [1, 2, true, 4]})), "inputs[0].data[2]"),
        (rows(json!({"data": [1, 2, 1e39, 4]})), "inputs[0].data[2]"),
        (rows(json!({"data": {"0": 1}})), "inputs[0].data"),
        (rows(json!({"data": "AAAA"})), "inputs[0].data"),
        (rows(json!({"parameters": 7})), "inputs[0].parameters"),
        (
            rows(json!({"parameters": {"binary_data_size": 16}})),
            "inputs[0]: has both",
        ),
        (replaced("[1,2.5,3,4]", "[1,2.5,NaN,4]"), "line 1"),
        (replaced("[1,2.5,3,4]", "[1,2.5,1e999,4]"), "line 1"),
        (replaced("[1,2.5,3,4]", &deep), "line 1"),
        (format!(r#"{{"inputs":{deep}"#), "inputs"),
        (format!(r#"{{"parameters":{{"x":{deep}"#), "line 1"),
        (
            format!(r#"{{"inputs":[{}]}}"#, vec!["{}"; 1_025].join(",")),
            "inputs: more than 1024",
        ),
    ]
}

#[tokio::test]
async fn wrong_json_is_refused_with_the_place_of_the_mistake() {
    let platform = typed().await;
    for (body, expected) in corpus() {
        let shown: String = body.chars().take(300).collect();
        let answer = infer(&platform, body, None).await;
        assert_eq!(answer.status(), 400, "{shown}: {answer:?}");
        let problem = answer.problem();
        assert!(
            problem.detail.contains(expected),
            "{shown}: {}",
            problem.detail
        );
        assert_eq!(answer.json()["error"], problem.detail);
    }
    let right = infer(&platform, request().to_string(), None).await;
    assert_eq!(right.status(), 200);
}

#[tokio::test]
async fn wrong_bytes_are_refused_with_the_place_of_the_mistake() {
    let platform = typed().await;
    let json = |rows: u64, words: u64| {
        json!({"inputs": [
            {"name": "rows", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": rows}},
            {"name": "words", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": words}},
        ]})
        .to_string()
    };
    let right = b"\0\0\0\0\0\0\0\0\x01\0\0\0a";
    for (json, data, expected) in [
        (
            json(8, 5),
            &right[..12],
            "inputs[1].parameters.binary_data_size: 5 bytes, and 4 are left",
        ),
        (
            json(7, 6),
            right,
            "inputs[0]: expected 8 bytes for 2 elements of FP32, found 7",
        ),
        (json(8, 4), right, "inputs[1]: string 0 is longer"),
        (
            json(8, 5),
            b"\0\0\0\0\0\0\0\0\x01\0\0\0ab",
            "the body: 1 bytes follow the last tensor",
        ),
        (
            json(8, 5),
            b"\0\0\0\0\0\0\0\0\xff\xff\xff\xffa",
            "inputs[1]: string 0 is longer",
        ),
        (
            json(8, 5),
            b"\0\0\0\0\0\0\0\0\0\0\0\0a",
            "inputs[1]: 1 bytes follow the last string",
        ),
        (
            json(u64::MAX, 5),
            right,
            "inputs[0].parameters.binary_data_size",
        ),
    ] {
        let body = [json.as_bytes(), data].concat();
        let answer = infer(&platform, body, Some(&json.len().to_string())).await;
        assert_eq!(answer.status(), 400, "{json}");
        assert!(
            answer.problem().detail.contains(expected),
            "{}",
            answer.text()
        );
    }
    let json = json(8, 5);
    let whole = [json.as_bytes(), right].concat();
    for length in ["", "-1", "x", "99999999999999999999999", "100000", "1", "0"] {
        let answer = infer(&platform, whole.clone(), Some(length)).await;
        assert_eq!(answer.status(), 400, "{length}");
    }
    let answer = infer(&platform, whole.clone(), Some(&json.len().to_string())).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    // Without the header, the bytes are no JSON.
    assert_eq!(infer(&platform, whole, None).await.status(), 400);
}

#[tokio::test]
async fn what_was_refused_so_has_never_reached_the_scorer() {
    let platform = typed().await;
    for _ in 0..5 {
        assert_eq!(infer(&platform, "{}", None).await.status(), 400);
    }
    eventually("refusals are counted", async || {
        let metrics = platform.metrics().await;
        let refused = [("endpoint", "e"), ("outcome", "refused")];
        let count = metrics.count("mlwasm_requests_total", &refused);
        (count == 5).then_some(())
    })
    .await;
    let metrics = platform.metrics().await;
    let asked = metrics.count("mlwasm_request_guest_seconds_count", &[("endpoint", "e")]);
    assert_eq!(asked, 0);
}
