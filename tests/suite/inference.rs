//! Models run for real, and what does not fit them is refused before anything runs.

mod gather;

use mlwasm_harness::{Platform, guests, models};
use serde_json::{Value, json};

use crate::support::{base16, iris};

/// The flowers that both versions of the model know: body and class.
fn flowers() -> Vec<(Value, String)> {
    let text = std::fs::read_to_string(models::flowers()).unwrap();
    let flowers: Vec<Value> = serde_json::from_str(&text).unwrap();
    let class = |flower: &Value| flower["class"].as_str().unwrap().to_owned();
    flowers
        .iter()
        .map(|flower| (flower["body"].clone(), class(flower)))
        .collect()
}

#[tokio::test]
async fn known_flowers_are_recognised_by_both_versions() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    iris(&platform, "green", 2).await;
    for (body, class) in flowers() {
        for name in ["blue", "green"] {
            let call = platform.scoring("iris").await.deployment(name);
            let answer = call.json(&body).send().await.json();
            let prediction = &answer["predictions"][0];
            assert_eq!(prediction["class"], class.as_str(), "{name}: {answer}");
            let probabilities = prediction["probabilities"].as_object().unwrap();
            let sum: f64 = probabilities.values().filter_map(Value::as_f64).sum();
            assert!((sum - 1.0).abs() < 1e-3, "{answer}");
        }
    }
}

#[tokio::test]
async fn many_flowers_at_once_get_the_answers_that_each_gets_alone() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    let flowers = flowers();
    let rows: Vec<_> = flowers
        .iter()
        .map(|(body, _)| body["data"][0].clone())
        .collect();

    let answer = platform
        .score("iris", json!({"data": rows}).to_string())
        .await
        .json();

    let classes: Vec<_> = answer["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|prediction| prediction["class"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = flowers.iter().map(|(_, class)| class.as_str()).collect();
    assert_eq!(classes, expected);
}

#[tokio::test]
async fn what_is_no_flower_is_a_bad_request() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    for (body, words) in [
        ("", "body"),
        ("{\"data\": []}", "empty"),
        ("{\"data\": [[1, 2, 3]]}", "4 numbers"),
        ("{\"data\": [[1, 2, \"x\", 4]]}", "data[0][2]"),
    ] {
        let answer = platform.score("iris", body).await;
        assert_eq!(answer.status(), 400, "{body}");
        assert!(answer.problem().detail.contains(words), "{answer:?}");
    }
}

/// A platform whose scorer hands any tensors to the model `iris`, and one flower's tensor.
async fn hands_on() -> Platform {
    let platform = Platform::start().await;
    platform
        .deploy(guests::path("infer"))
        .to("e", "blue")
        .model("model", &models::iris(1))
        .model("second", &models::iris(2))
        .run()
        .await;
    platform
}

fn flower() -> Value {
    let bytes: Vec<u8> = [5.1_f32, 3.5, 1.4, 0.2]
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect();
    json!({"name": "input", "element": "float32", "shape": [1, 4], "data": base16(bytes)})
}

async fn infer(platform: &Platform, body: Value) -> Value {
    let answer = platform.score("e", body.to_string()).await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn tensors_go_in_and_come_out_by_name() {
    let platform = hands_on().await;

    let answer = infer(&platform, json!({"inputs": [flower()]})).await;

    let outputs = answer["outputs"].as_array().unwrap();
    let label = json!({"name": "label", "element": "int64", "shape": [1], "data": base16(0_i64.to_le_bytes())});
    assert_eq!(outputs[0], label);
    assert_eq!(outputs[1]["name"], "probabilities");
    assert_eq!(outputs[1]["element"], "float32");
    assert_eq!(outputs[1]["shape"], json!([1, 3]));
    // Both models are open to the scorer, each by its name.
    let second = infer(&platform, json!({"model": "second", "inputs": [flower()]})).await;
    assert_eq!(second["outputs"][0], label);
    assert_ne!(second["outputs"][1], outputs[1]);
}

#[tokio::test]
async fn tensors_that_do_not_fit_are_told_what_was_expected_and_what_came() {
    let platform = hands_on().await;
    let zeros = |bytes: usize| base16(vec![0; bytes]);
    let with = |field: &str, value: Value| {
        let mut tensor = flower();
        tensor[field] = value;
        json!({"inputs": [tensor]})
    };
    let mut wrong_rank = with("shape", json!([4]));
    wrong_rank["inputs"][0]["data"] = json!(zeros(16));
    let mut wrong_size = with("shape", json!([1, 3]));
    wrong_size["inputs"][0]["data"] = json!(zeros(12));
    let mut huge = with("shape", json!([4_294_967_295_u32, 4]));
    huge["inputs"][0]["data"] = json!("");
    let cases: [(&str, Value, &[&str]); 10] = [
        ("name", with("name", json!("inptu")), &["input", "inptu"]),
        (
            "type",
            with("element", json!("int32")),
            &["float32", "int32"],
        ),
        ("rank", wrong_rank, &["[?,4]", "[4]"]),
        ("size", wrong_size, &["[?,4]", "[1,3]"]),
        (
            "one byte less",
            with("data", json!(zeros(15))),
            &["16", "15"],
        ),
        (
            "one byte more",
            with("data", json!(zeros(17))),
            &["16", "17"],
        ),
        ("no bytes", with("data", json!("")), &["16", "0"]),
        ("too many elements", huge, &["4294967295"]),
        ("no tensor", json!({"inputs": []}), &["input"]),
        (
            "two tensors",
            json!({"inputs": [flower(), flower()]}),
            &["input"],
        ),
    ];
    for (what, body, words) in cases {
        let answer = infer(&platform, body).await;
        assert_eq!(answer["error"]["kind"], "invalid-input", "{what}: {answer}");
        let text = answer["error"]["text"].as_str().unwrap();
        let has_words = words.iter().all(|word| text.contains(word));
        assert!(has_words, "{what}: expected {words:?} in {text:?}");
    }
    // A refusal harms nothing: the same sandbox goes on.
    let answer = infer(&platform, json!({"inputs": [flower()]})).await;
    assert_eq!(answer["outputs"][0]["name"], "label");
}

#[tokio::test]
async fn a_model_that_the_deployment_does_not_list_is_unknown() {
    let platform = hands_on().await;
    for name in ["third", "iris", "", "../model"] {
        let answer = infer(&platform, json!({"model": name, "inputs": [flower()]})).await;
        assert_eq!(answer["error"]["kind"], "unknown-model", "{answer}");
        let text = answer["error"]["text"].as_str().unwrap();
        assert!(text.contains("second") && text.contains(name), "{text:?}");
    }
}

#[tokio::test]
async fn an_empty_batch_is_answered_or_refused_and_harms_nothing() {
    let platform = hands_on().await;
    let empty = json!({"name": "input", "element": "float32", "shape": [0, 4], "data": ""});
    infer(&platform, json!({"inputs": [empty]})).await;
    let answer = infer(&platform, json!({"inputs": [flower()]})).await;
    assert_eq!(answer["outputs"][0]["name"], "label");
}

/// How much memory the server has, in bytes, as the system says.
fn resident(platform: &Platform) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", platform.server().id()));
    let status = status.unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

#[tokio::test]
async fn deployments_of_one_model_share_it() {
    const WEIGHTS: usize = 10 << 20;
    const BYTES: u64 = 4 * WEIGHTS as u64;
    let platform = Platform::start().await;
    let one = platform.file("one.onnx", gather::model(1.5, WEIGHTS));
    let other = platform.file("other.onnx", gather::model(2.5, WEIGHTS));
    let deploy = async |file: &std::path::Path, name: &str| {
        platform.deploy(file).to("e", name).run().await;
        let call = platform.scoring("e").await.deployment(name);
        let answer = call.json(&json!({"data": [7]})).send().await.json();
        (
            answer["outputs"]["y"]["data"][0].clone(),
            resident(&platform),
        )
    };

    let (first, alone) = deploy(&one, "blue").await;
    let (second, shared) = deploy(&one, "green").await;
    let (third, both) = deploy(&other, "red").await;

    assert_eq!((first, second, third), (json!(1.5), json!(1.5), json!(2.5)));
    assert!(shared < alone + BYTES / 2, "{alone} {shared}");
    // The control: a model of its own has weights of its own.
    assert!(both > shared + BYTES / 2, "{shared} {both}");
}
