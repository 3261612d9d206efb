//! Loading models: what a deployer reads whose model can not be served.

use mlwasm_inference::{InferenceBackend, LoadError};
use mlwasm_types::{ElementType, TensorSpec};

use crate::{bytes_of, load, refusal, runtime};

fn spec(name: &str, element: ElementType, shape: &[Option<u32>]) -> TensorSpec {
    TensorSpec {
        name: name.to_owned(),
        element,
        shape: shape.to_vec(),
    }
}

#[test]
fn a_model_tells_its_inputs_and_outputs() {
    let model = load("classifier");
    assert_eq!(
        model.inputs(),
        [spec("x", ElementType::Float32, &[None, Some(4)])]
    );
    assert_eq!(
        model.outputs(),
        [spec(
            "probabilities",
            ElementType::Float32,
            &[None, Some(3)]
        )]
    );

    let model = load("loop");
    assert_eq!(
        model.inputs(),
        [
            spec("rounds", ElementType::Int64, &[]),
            spec("x", ElementType::Float32, &[Some(1)])
        ]
    );
}

#[test]
fn a_classifier_gives_its_probabilities_as_a_tensor_though_its_converter_made_maps_of_them() {
    let travellers = load("travellers");
    assert_eq!(
        travellers.inputs(),
        [
            spec("deck", ElementType::Bytes, &[None, Some(1)]),
            spec("fare", ElementType::Float32, &[None, Some(1)])
        ]
    );
    assert_eq!(
        travellers.outputs(),
        [
            spec("output_label", ElementType::Bytes, &[None]),
            spec("output_probability", ElementType::Float32, &[None, Some(3)])
        ]
    );
    // Its graph has no operator but those of `ai.onnx.ml`.
    assert_eq!(
        load("labels").outputs(),
        [
            spec("label", ElementType::Int64, &[None]),
            spec("probabilities", ElementType::Float32, &[None, Some(2)])
        ]
    );
}

#[test]
fn each_element_type_has_its_name() {
    for element in ElementType::ALL {
        let model = load(&format!("identity-{element}"));
        assert_eq!(model.inputs(), [spec("x", element, &[None, None])]);
    }
}

#[test]
fn a_model_whose_data_is_in_another_file_is_refused() {
    for (model, tensor) in [
        ("refused-external-weight", "w"),
        ("refused-external-constant", "hidden"),
    ] {
        assert_eq!(
            refusal(model),
            LoadError::ExternalData {
                tensor: tensor.to_owned()
            }
        );
    }
}

#[test]
fn a_model_with_operators_of_unknown_origin_is_refused() {
    let text = refusal("refused-custom-operator").to_string();
    assert_eq!(
        text,
        r#"operator "Anything" of domain "com.example" is not one that ONNX Runtime has"#
    );
}

#[test]
fn a_model_may_define_operators_out_of_built_in_ones() {
    assert_eq!(load("local-function").inputs().len(), 1);
}

#[test]
fn inputs_and_outputs_must_be_tensors_of_known_elements() {
    let cases = [
        (
            "refused-sequence-output",
            r#"output "parts" is a sequence; only tensors can be returned: export a classifier with options={'zipmap': False}"#,
        ),
        (
            "refused-sequence-input",
            r#"input "parts" is a sequence; only tensors can be handed over"#,
        ),
    ];
    for (model, text) in cases {
        assert_eq!(refusal(model).to_string(), text);
    }
    assert!(
        refusal("refused-complex-input")
            .to_string()
            .contains("omplex")
    );
}

#[test]
fn a_model_that_is_cut_off_is_refused() {
    let bytes = bytes_of("classifier");
    for length in 0..bytes.len() {
        assert!(
            runtime().load(&bytes[..length]).is_err(),
            "{length} bytes were loaded"
        );
    }
}

#[test]
fn a_model_that_was_changed_anywhere_does_not_end_the_process() {
    let bytes = bytes_of("loop");
    for position in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[position] ^= change;
            drop(runtime().load(&changed));
        }
    }
}
