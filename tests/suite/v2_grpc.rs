//! The open inference protocol over gRPC, on the listener that speaks REST.

mod wire;

use mlwasm_harness::{GrpcAnswer, GrpcCall, Platform, Setup, guests};
use prost::Message as _;
use prost::bytes::Bytes;

use crate::{
    support::{be_slow, busy, iris, platform_with, slow},
    v2_rest::typed,
};
use wire::{Contents, Health, InferRequest, InferResponse, Input, Named, Ready, StreamResponse};

const SERVICE: &str = "inference.GRPCInferenceService";

/// A call to the endpoint `e`, with its key.
async fn call(platform: &Platform, method: &str) -> GrpcCall {
    let key = platform.key("e").await;
    platform.grpc(&format!("{SERVICE}/{method}")).key(&key)
}

async fn infer(platform: &Platform, request: &InferRequest) -> GrpcAnswer {
    let call = call(platform, "ModelInfer").await;
    call.message(request.encode_to_vec()).send().await
}

/// What the typed guest takes, its elements in the fields of their types.
fn request() -> InferRequest {
    InferRequest {
        model_name: "e".to_owned(),
        id: "7".to_owned(),
        inputs: vec![
            Input {
                name: "rows".to_owned(),
                datatype: "FP32".to_owned(),
                shape: vec![1, 2],
                contents: Some(Contents {
                    floats: vec![1.0, 2.5],
                    ..Contents::default()
                }),
            },
            Input {
                name: "words".to_owned(),
                datatype: "BYTES".to_owned(),
                shape: vec![1],
                contents: Some(Contents {
                    strings: vec![b"w".to_vec()],
                    ..Contents::default()
                }),
            },
        ],
        ..InferRequest::default()
    }
}

/// The message of the same to this endpoint.
pub(crate) fn message_to(endpoint: &str) -> Vec<u8> {
    let request = InferRequest {
        model_name: endpoint.to_owned(),
        ..request()
    };
    request.encode_to_vec()
}

/// A message to the endpoint `e` with rows of one number.
pub(crate) fn message_of_rows(x: &[f32]) -> Vec<u8> {
    let rows = Input {
        name: "x".to_owned(),
        datatype: "FP32".to_owned(),
        shape: vec![i64::try_from(x.len()).unwrap(), 1],
        contents: Some(Contents {
            floats: x.to_vec(),
            ..Contents::default()
        }),
    };
    let request = InferRequest {
        model_name: "e".to_owned(),
        inputs: vec![rows],
        ..InferRequest::default()
    };
    request.encode_to_vec()
}

/// The bytes of the answer's outputs.
#[track_caller]
pub(crate) fn outputs(answer: &GrpcAnswer) -> Vec<Vec<u8>> {
    response(answer).raw
}

#[track_caller]
fn response(answer: &GrpcAnswer) -> InferResponse {
    assert_eq!((answer.code, answer.messages.len()), (0, 1), "{answer:?}");
    InferResponse::decode(answer.messages[0].clone()).unwrap()
}

#[tokio::test]
async fn typed_and_raw_contents_go_in_and_raw_ones_come_out() {
    let platform = typed().await;
    let mut raw = request();
    for input in &mut raw.inputs {
        input.contents = None;
    }
    let rows = [1.0_f32.to_le_bytes(), 2.5_f32.to_le_bytes()].concat();
    raw.raw = vec![rows.clone(), b"\x01\0\0\0w".to_vec()];
    for request in [request(), raw] {
        let answer = infer(&platform, &request).await;
        let response = response(&answer);
        assert_eq!(
            (&*response.model_name, &*response.model_version),
            ("e", "blue")
        );
        assert_eq!(response.id, "7");
        let outputs = response.outputs.iter();
        let described: Vec<_> = outputs
            .map(|output| (&*output.name, &*output.datatype, &output.shape[..]))
            .collect();
        assert_eq!(
            described,
            [
                ("same_rows", "FP32", &[1, 2][..]),
                ("same_words", "BYTES", &[1]),
                ("count", "INT64", &[]),
            ]
        );
        let one = 1_i64.to_le_bytes().to_vec();
        assert_eq!(response.raw, [rows.clone(), b"\x01\0\0\0w".to_vec(), one]);
        assert_eq!(answer.headers["mlwasm-deployment"], "blue");
    }
}

#[tokio::test]
async fn the_version_is_the_deployment_by_message_or_by_metadata() {
    let platform = typed().await;
    platform
        .deploy(guests::path("typed"))
        .to("e", "green")
        .run()
        .await;
    let named = InferRequest {
        model_version: "green".to_owned(),
        ..request()
    };
    assert_eq!(
        response(&infer(&platform, &named).await).model_version,
        "green"
    );
    let call = call(&platform, "ModelInfer").await;
    let call = call.metadata("azureml-model-deployment", "green");
    let answer = call.message(request().encode_to_vec()).send().await;
    assert_eq!(response(&answer).model_version, "green");
}

#[tokio::test]
async fn refusals_have_the_codes_of_grpc() {
    let platform = typed().await;
    let infer = async |request: InferRequest| infer(&platform, &request).await;
    let unauthenticated = platform
        .grpc(&format!("{SERVICE}/ModelInfer"))
        .message(request().encode_to_vec());
    assert_eq!(unauthenticated.send().await.code, 16);
    let unknown = InferRequest {
        model_name: "nobody".to_owned(),
        ..request()
    };
    let answer = infer(unknown).await;
    assert_eq!(
        (answer.code, &*answer.message),
        (5, "there is no endpoint \"nobody\"")
    );
    let mut wrong = request();
    wrong.inputs[0].shape = vec![2, 1];
    let answer = infer(wrong).await;
    assert_eq!(answer.code, 3);
    assert!(
        answer
            .message
            .contains("inputs[0].shape[1]: expected 2, found 1"),
        "{answer:?}"
    );
    assert_eq!(
        call(&platform, "NoSuchCall")
            .await
            .message("")
            .send()
            .await
            .code,
        12
    );
    for verb in ["Load", "Unload"] {
        let call = call(&platform, &format!("RepositoryModel{verb}")).await;
        assert_eq!(call.message("").send().await.code, 7);
    }
    for broken in [
        &b"\0\0\0\0\x09ab"[..],
        b"\x02\0\0\0\0",
        b"\0\0\0\0\x02\x0a\xff",
    ] {
        let call = call(&platform, "ModelInfer").await.bytes(broken);
        assert_eq!(call.send().await.code, 3, "{broken:?}");
    }
    // It is refused before any of it is made into what takes a thousand times as much.
    let bomb = [&b"\x0a\x01e"[..], &[0x2a, 0].repeat(500_000)].concat();
    let answer = call(&platform, "ModelInfer")
        .await
        .message(bomb)
        .send()
        .await;
    assert_eq!(answer.code, 3);
}

#[tokio::test]
async fn faults_of_scorers_and_full_deployments_have_theirs() {
    for (guest, code) in [("trap", 13), ("bad_request", 3), ("echo", 13)] {
        let platform = platform_with(guest).await;
        assert_eq!(infer(&platform, &request()).await.code, code, "{guest}");
    }
}

#[tokio::test]
async fn a_client_s_own_deadline_ends_its_request() {
    let platform = Platform::start().await;
    slow(&platform).await;
    let (_, answer) = tokio::join!(be_slow(&platform), async {
        busy(&platform, 1).await;
        let call = call(&platform, "ModelInfer").await;
        let call = call.metadata("grpc-timeout", "50m");
        call.message(request().encode_to_vec()).send().await
    });
    assert_eq!(answer.code, 4, "{answer:?}");
}

#[tokio::test]
async fn messages_are_bounded_as_bodies_are() {
    let config = "[gateway]\nmax_body_bytes = 1000\nmax_mirrored_bytes = 1000\n";
    let platform = Platform::start_with(Setup {
        config: Some(config.to_owned()),
        ..Setup::default()
    })
    .await;
    platform
        .deploy(guests::path("typed"))
        .to("e", "blue")
        .run()
        .await;
    // A body is a message and the five bytes before it.
    let padded = |length: usize| {
        let mut request = request();
        let rest = length - 5 - request.encode_to_vec().len() - 3;
        request.inputs[1].contents.as_mut().unwrap().strings[0] = vec![b'w'; 1];
        request.unknown = "x".repeat(rest);
        let encoded = request.encode_to_vec();
        assert_eq!(encoded.len() + 5, length);
        encoded
    };
    for (length, code) in [(999, 0), (1_000, 0), (1_001, 8)] {
        let call = call(&platform, "ModelInfer").await;
        let answer = call.message(padded(length)).send().await;
        assert_eq!(answer.code, code, "{length}: {answer:?}");
    }
}

#[tokio::test]
async fn a_stream_answers_each_message_and_goes_on_after_a_refusal() {
    let platform = typed().await;
    let mut wrong = request();
    wrong.inputs.pop();
    let unknown = InferRequest {
        model_name: "nobody".to_owned(),
        ..request()
    };
    let mut call = call(&platform, "ModelStreamInfer").await;
    for request in [request(), wrong, unknown, request()] {
        call = call.message(request.encode_to_vec());
    }
    let answer = call.send().await;
    assert_eq!((answer.code, answer.messages.len()), (0, 4), "{answer:?}");
    let read = |message: &Bytes| StreamResponse::decode(message.clone()).unwrap();
    let errors: Vec<_> = answer.messages.iter().map(|one| read(one).error).collect();
    assert_eq!(errors[0], "");
    assert!(errors[1].contains("\"words\" is missing"), "{errors:?}");
    assert!(errors[2].contains("there is no endpoint"), "{errors:?}");
    assert_eq!(read(&answer.messages[3]).response.unwrap().outputs.len(), 3);
}

#[tokio::test]
async fn a_raw_scorer_answers_by_the_adapter() {
    let platform = Platform::start().await;
    iris(&platform, "blue", 1).await;
    let key = platform.key("iris").await;
    let request = InferRequest {
        model_name: "iris".to_owned(),
        inputs: vec![Input {
            name: "input".to_owned(),
            datatype: "FP32".to_owned(),
            shape: vec![1, 4],
            contents: Some(Contents {
                floats: vec![5.1, 3.5, 1.4, 0.2],
                ..Contents::default()
            }),
        }],
        outputs: vec![Named {
            name: "label".to_owned(),
        }],
        ..InferRequest::default()
    };
    let call = platform.grpc(&format!("{SERVICE}/ModelInfer")).key(&key);
    let answer = call.message(request.encode_to_vec()).send().await;
    assert_eq!(response(&answer).raw, [0_i64.to_le_bytes().to_vec()]);
}

#[tokio::test]
async fn health_is_told_to_anyone_and_a_watcher_hears_of_the_end() {
    let mut platform = typed().await;
    let check = |service: &str| {
        let asked = Named {
            name: service.to_owned(),
        };
        let call = platform.grpc("grpc.health.v1.Health/Check");
        call.message(asked.encode_to_vec())
    };
    let serving = |answer: &GrpcAnswer| Health::decode(answer.messages[0].clone()).unwrap().status;
    for service in ["", SERVICE] {
        assert_eq!(serving(&check(service).send().await), 1, "{service}");
    }
    assert_eq!(check("nobody").send().await.code, 5);
    let live = platform.grpc(&format!("{SERVICE}/ServerReady")).message("");
    let live = live.send().await;
    assert!(Ready::decode(live.messages[0].clone()).unwrap().ready);

    let watch = platform.grpc("grpc.health.v1.Health/Watch").message("");
    let check = check("");
    // On one connection: what is answered later was sent later.
    let (heard, _ended) = tokio::join!(watch.send(), async {
        assert_eq!(check.send().await.code, 0);
        platform.terminate().await
    });
    let states: Vec<_> = heard
        .messages
        .iter()
        .map(|one| Health::decode(one.clone()).unwrap().status)
        .collect();
    assert_eq!(states.last(), Some(&2), "{heard:?}");
    assert_eq!(heard.code, 14);
}
