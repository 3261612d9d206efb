//! Typed scorers: whoever deploys or calls one is told what it takes and gives, and one that can not say does not serve.

use mlwasm_harness::{Platform, guests, models};
use mlwasm_types::{
    ProvisioningState,
    tensor::{SignatureView, TensorView},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::iris;

fn tensor(name: &str, datatype: &str, shape: &[i64]) -> TensorView {
    TensorView {
        name: name.to_owned(),
        datatype: datatype.to_owned(),
        shape: shape.to_vec(),
    }
}

async fn swagger(platform: &Platform, endpoint: &str) -> Value {
    let route = format!("/endpoints/{endpoint}/swagger.json");
    let key = platform.key(endpoint).await;
    let call = platform.scoring_call(Method::GET, &route).key(&key);
    let answer = call.send().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// The no-code scorer with the model of these tests, as endpoint `travel`.
async fn travel(platform: &Platform) {
    platform
        .deploy(models::of_tests("travellers"))
        .to("travel", "blue")
        .run()
        .await;
}

#[tokio::test]
async fn a_deployment_tells_what_its_scorer_takes_and_gives() {
    let platform = Platform::start().await;
    travel(&platform).await;

    let signature = platform.deployment("travel", "blue").await.status.signature;

    let expected = SignatureView {
        inputs: vec![
            tensor("deck", "BYTES", &[-1, 1]),
            tensor("fare", "FP32", &[-1, 1]),
        ],
        outputs: vec![
            tensor("output_label", "BYTES", &[-1]),
            tensor("output_probability", "FP32", &[-1, 3]),
        ],
    };
    assert_eq!(signature, Some(expected));
    let named = ["deployment", "show", "-e", "travel", "-n", "blue"];
    let shown = platform.cli(&named).await.ok().stdout;
    for line in [
        "deck: BYTES [-1, 1]; fare: FP32 [-1, 1]",
        "output_label: BYTES [-1]; output_probability: FP32 [-1, 3]",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let query = [
        &named[..],
        &["-o", "tsv", "--query", "signature.inputs[0].datatype"],
    ]
    .concat();
    assert_eq!(platform.cli(&query).await.ok().stdout, "BYTES\n");
}

#[tokio::test]
async fn a_scikit_learn_pipeline_of_texts_and_maps_is_served_without_code() {
    let platform = Platform::start().await;
    travel(&platform).await;
    let inputs = json!({"deck": [["upper"], ["lower"]], "fare": [[70.0], [8.0]]});

    let answer = platform
        .score("travel", json!({"inputs": inputs}).to_string())
        .await;

    assert_eq!(answer.status(), 200, "{answer:?}");
    let outputs = &answer.json()["outputs"];
    assert_eq!(outputs["output_label"]["data"], json!(["saved", "lost"]));
    let probabilities = &outputs["output_probability"];
    assert_eq!(probabilities["datatype"], "FP32");
    assert_eq!(probabilities["shape"], json!([2, 3]));
    let data: Vec<f64> = serde_json::from_value(probabilities["data"].clone()).unwrap();
    // In the order of the classes, which is the alphabet's: lost, saved, unknown.
    assert!(data[1] > 0.5 && data[3] > 0.5, "{data:?}");
}

#[tokio::test]
async fn the_form_of_the_open_inference_protocol_is_answered_in_kind() {
    let platform = Platform::start().await;
    travel(&platform).await;
    let body = json!({
        "id": "r-7",
        "inputs": [
            {"name": "fare", "datatype": "FP32", "shape": [1, 1], "data": [70.0]},
            {"name": "deck", "datatype": "BYTES", "shape": [1, 1], "data": ["upper"]},
        ],
        "outputs": [{"name": "output_label"}],
    });

    let answer = platform.score("travel", body.to_string()).await;

    assert_eq!(
        answer.json(),
        json!({
            "model_name": "blue",
            "id": "r-7",
            "outputs": [{"name": "output_label", "datatype": "BYTES", "shape": [1], "data": ["saved"]}],
        })
    );
}

#[tokio::test]
async fn swagger_describes_requests_and_answers_of_the_serving_deployment() {
    let platform = Platform::start().await;
    travel(&platform).await;

    let uri = platform.endpoint("travel").await.swagger_uri;
    assert!(uri.ends_with("/endpoints/travel/swagger.json"), "{uri}");
    let document = swagger(&platform, "travel").await;

    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "travel");
    let score = &document["paths"]["/endpoints/travel/score"]["post"];
    let of = |content: &Value| content["application/json"]["schema"]["$ref"].clone();
    assert_eq!(
        of(&score["requestBody"]["content"]),
        "#/components/schemas/Request"
    );
    let schemas = &document["components"]["schemas"];
    let inputs = &schemas["Request"]["properties"]["inputs"];
    assert_eq!(inputs["required"], json!(["deck", "fare"]));
    assert_eq!(
        inputs["properties"]["deck"]["anyOf"][0],
        json!({
            "type": "array",
            "items": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1},
        })
    );
    let outputs = &schemas["Answer"]["properties"]["outputs"]["properties"];
    let shape = &outputs["output_probability"]["properties"]["shape"];
    assert_eq!(shape["prefixItems"][1], json!({"const": 3}));
    assert_eq!(document["security"], json!([{"key": []}]));
}

#[tokio::test]
async fn swagger_needs_a_key_and_follows_the_deployment_header() {
    let platform = Platform::start().await;
    travel(&platform).await;
    let typed = platform.deploy(guests::path("typed"));
    typed.to("travel", "green").run().await;
    let route = "/endpoints/travel/swagger.json";
    let get = || platform.scoring_call(Method::GET, route);

    assert_eq!(get().send().await.status(), 401);
    let key = platform.key("travel").await;
    let blue = get().key(&key).send().await;
    let green = get().key(&key).deployment("green").send().await;

    assert_eq!((blue.deployment(), green.deployment()), ("blue", "green"));
    let inputs = &green.json()["components"]["schemas"]["Request"]["properties"]["inputs"];
    assert_eq!(inputs["required"], json!(["rows", "words"]));
    let posted = platform.scoring_call(Method::POST, route).key(&key);
    assert_eq!(posted.send().await.status(), 405);
}

#[tokio::test]
async fn a_raw_scorer_has_no_signature_and_no_swagger() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;

    assert_eq!(
        platform.deployment("iris", "blue").await.status.signature,
        None
    );
    let key = platform.key("iris").await;
    let call = platform.scoring_call(Method::GET, "/endpoints/iris/swagger.json");
    let answer = call.key(&key).send().await;

    let problem = answer.problem();
    assert_eq!((answer.status(), problem.title.is_empty()), (404, false));
    assert!(
        problem.detail.contains("deployment blue has a raw scorer"),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_scorer_that_does_not_describe_itself_does_not_serve() {
    let platform = Platform::start().await;
    for (guest, reason) in [
        ("trap_describe", "describe trapped: "),
        (
            "empty_signature",
            "describe answered what can not be a signature: it has no outputs",
        ),
        (
            "twin_names",
            "describe answered what can not be a signature: two inputs are named \"x\"",
        ),
    ] {
        let endpoint = guest.replace('_', "-");
        let deploy = platform.deploy(guests::path(guest)).to(&endpoint, "blue");
        deploy.attempt().await.refused(1, &[reason]);
        let status = platform.deployment(&endpoint, "blue").await.status;
        assert_eq!(status.provisioning_state, ProvisioningState::Failed);
        assert!(status.error.unwrap().contains(reason));
    }
}

#[tokio::test]
async fn a_model_of_other_maps_is_refused_with_what_to_do() {
    let platform = Platform::start().await;
    let sequence = models::of_tests("refused-sequence-output");
    let deploy = platform.deploy(sequence).to("travel", "blue");
    let words = [
        "output \"parts\" is a sequence",
        "options={'zipmap': False}",
    ];
    deploy.attempt().await.refused(1, &words);
}

#[tokio::test]
async fn a_model_that_declares_no_shapes_takes_any() {
    let platform = Platform::start().await;
    platform
        .deploy(models::of_tests("any-rank"))
        .to("e", "blue")
        .run()
        .await;
    let key = platform.key("e").await;
    let infer = async |shape: Value, data: Value| {
        let call = platform.scoring_call(Method::POST, "/v2/models/e/infer");
        let input = json!({"name": "x", "datatype": "FP32", "shape": shape, "data": data});
        call.key(&key)
            .json(&json!({"inputs": [input]}))
            .send()
            .await
    };

    for (shape, data, expected) in [
        (json!([]), json!([2.0]), json!([-2.0])),
        (json!([2]), json!([1.0, 2.0]), json!([-1.0, -2.0])),
        (json!([1, 2]), json!([[1.0, 2.0]]), json!([-1.0, -2.0])),
        (json!([2, 1, 1]), json!([1.0, 2.0]), json!([-1.0, -2.0])),
        (json!([0, 3]), json!([]), json!([])),
    ] {
        let answer = infer(shape.clone(), data).await;
        assert_eq!(answer.status(), 200, "{shape}: {answer:?}");
        let output = &answer.json()["outputs"][0];
        assert_eq!((&output["shape"], &output["data"]), (&shape, &expected));
    }
    let wrong = infer(json!([2]), json!([1.0])).await;
    assert_eq!(wrong.status(), 400, "{wrong:?}");

    // As JSON of the scorer's own, too.
    let answer = platform.score("e", r#"{"data": [[1, 2], [3, 4]]}"#).await;
    assert_eq!(answer.json()["outputs"]["y"]["shape"], json!([2, 2]));
    // The protocol has no word for it.
    let metadata = platform.scoring_call(Method::GET, "/v2/models/e");
    let metadata = metadata.key(&key).send().await.json();
    assert_eq!(metadata["inputs"][0]["shape"], json!([-1]));
    assert_eq!(metadata["outputs"][0]["shape"], json!([-1]));
    let document = swagger(&platform, "e").await;
    let output = &document["components"]["schemas"]["Answer"]["properties"]["outputs"];
    let shape = &output["properties"]["y"]["properties"]["shape"];
    assert_eq!(shape["maxItems"], Value::Null, "{shape}");
    // Rows can not be told in a tensor of any shape.
    let rows = platform.scoring_call(Method::POST, "/v1/models/e:predict");
    let rows = rows
        .key(&key)
        .json(&json!({"instances": [1.0]}))
        .send()
        .await;
    assert_eq!(rows.status(), 400, "{rows:?}");
    assert!(rows.text().contains("is of any shape"), "{rows:?}");
}
