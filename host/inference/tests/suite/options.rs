//! What a model may be asked for when it is loaded, and what is refused.

use std::{error::Error as _, num::NonZeroU32, sync::Arc, thread, time::Duration};

use mlwasm_inference::{InferenceBackend, InputView, LoadError, Model, ModelOptions};
use mlwasm_types::{Batching, ElementType, ExecutionProvider};

use crate::{bytes_of, floats, later, runtime};

fn load_as(model: &str, options: &ModelOptions<'_>) -> Result<Arc<dyn Model>, LoadError> {
    runtime().load_as(&bytes_of(model), options)
}

fn refusal(model: &str, options: &ModelOptions<'_>) -> String {
    match load_as(model, options) {
        Ok(_) => panic!("{model} was loaded"),
        Err(error) => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

fn joined() -> ModelOptions<'static> {
    ModelOptions {
        batching: Some(Batching::default()),
        ..ModelOptions::default()
    }
}

#[test]
fn what_a_run_takes_is_known_once_a_model_is_loaded() {
    for model in ["classifier", "image", "rows", "identity-bytes", "any-rank"] {
        let model = load_as(model, &ModelOptions::default()).unwrap();
        assert_ne!(model.typical_run(), Duration::MAX);
    }
}

#[test]
fn a_model_that_zeros_are_no_input_for_is_loaded() {
    // 0 divided by 0.
    let quotient = load_as("quotient", &ModelOptions::default()).unwrap();
    let (a, b) = (6_i32.to_le_bytes(), 2_i32.to_le_bytes());
    let of = |name, data| InputView {
        name,
        element: ElementType::Int32,
        shape: &[1],
        data,
    };
    let outputs = quotient.infer(&[of("a", &a), of("b", &b)], later());
    assert_eq!(outputs.unwrap()[0].data, 3_i32.to_le_bytes());
}

#[test]
fn a_sample_must_be_one_and_the_model_must_run_on_it() {
    let with = |sample: &'static str| ModelOptions {
        sample: Some(sample.as_bytes()),
        ..ModelOptions::default()
    };
    let good = r#"{"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 4], "data": [[1, 2, 3, 4], [5, 6, 7, 8]]}]}"#;
    load_as("classifier", &with(good)).unwrap();
    for (sample, words) in [
        ("", "sample: EOF while parsing"),
        (
            r#"{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, 2, 3]}]}"#,
            r#"sample: input "x": expected float32 [?,4], got float32 [1,3]"#,
        ),
        (r#"{"inputs": []}"#, r#"sample: input "x": missing"#),
    ] {
        let text = refusal("classifier", &with(sample));
        assert!(text.starts_with(words), "{text}");
    }
    let endless = ModelOptions {
        warm_up_limit: Duration::from_millis(50),
        ..with(
            r#"{"inputs": [{"name": "rounds", "datatype": "INT64", "shape": [], "data": [9223372036854775807]},
                {"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}]}"#,
        )
    };
    let text = refusal("loop", &endless);
    assert_eq!(text, "sample: model ran past its deadline");
}

#[test]
fn a_model_without_a_place_for_the_rows_of_others_is_not_joined() {
    for (model, words) in [
        (
            "image",
            r#"batching needs an open first dimension, and input "image" is float32 [1,3,224,224]"#,
        ),
        (
            "loop",
            r#"batching needs an open first dimension, and input "rounds" is int64 []"#,
        ),
        (
            "any-rank",
            r#"batching needs an open first dimension, and input "x" is float32 of any shape"#,
        ),
        (
            "dependent-rows",
            r#"batching changes the answers of this model: output "y" is 0.03125 where it is 1 alone"#,
        ),
        (
            "twice-the-rows",
            r#"batching changes the answers of this model: output "y" does not have 32 rows for 32 rows"#,
        ),
        ("one-row", "batching: the model does not run on 32 rows: "),
    ] {
        let text = refusal(model, &joined());
        assert!(text.starts_with(words), "{text}");
        load_as(model, &ModelOptions::default()).unwrap();
    }
    for model in [
        "classifier",
        "two-inputs",
        "rows",
        "random-rows",
        "identity-bytes",
    ] {
        load_as(model, &joined()).unwrap();
    }
}

#[test]
fn a_provider_that_the_library_lacks_is_refused_by_name() {
    for provider in [
        ExecutionProvider::Cuda,
        ExecutionProvider::Tensorrt,
        ExecutionProvider::Openvino,
        ExecutionProvider::Migraphx,
        ExecutionProvider::Coreml,
    ] {
        let options = ModelOptions {
            execution_provider: provider,
            ..ModelOptions::default()
        };
        let text = refusal("classifier", &options);
        assert!(text.starts_with("this ONNX Runtime has "), "{text}");
        assert!(text.contains("CPUExecutionProvider"), "{text}");
        let end = format!("; {provider} needs a library built with it");
        assert!(text.ends_with(&end), "{text}");
    }
}

#[test]
fn sessions_and_threads_change_no_answer() {
    let plain = load_as("classifier", &ModelOptions::default()).unwrap();
    let many = ModelOptions {
        sessions: NonZeroU32::new(3).unwrap(),
        intra_threads: NonZeroU32::new(2),
        ..ModelOptions::default()
    };
    let many = load_as("classifier", &many).unwrap();
    let data = floats(&[5.1, 3.5, 1.4, 0.2]);
    let view = InputView {
        name: "x",
        element: ElementType::Float32,
        shape: &[1, 4],
        data: &data,
    };
    let expected = plain.infer(&[view], later()).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    assert_eq!(many.infer(&[view], later()).unwrap(), expected);
                }
            });
        }
    });
}
