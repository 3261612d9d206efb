use super::*;
use crate::testing::{FakeHost, FakeModel, post_json};
use crate::{
    BFloat16, ElementType, Float16, InitError, Model, Signature, Tensor, TensorSpec, Tensors,
};

/// A scorer that takes and gives what its model does.
struct Passing(Model);

impl TensorScorer for Passing {
    fn init() -> Result<Self, InitError> {
        Ok(Self(Model::open("model")?))
    }

    fn describe(&self) -> Signature {
        Signature {
            inputs: self.0.inputs(),
            outputs: self.0.outputs(),
        }
    }

    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        Ok(self.0.infer(inputs.as_slice())?.into_vec())
    }
}

/// Gives back its only input `x` as `y`: what goes in must come out.
fn identity(element: ElementType, shape: &[Option<u32>]) -> FakeHost {
    let model = FakeModel::new(|inputs| {
        let x = &inputs[0];
        Ok(vec![Tensor::from_bytes(
            "y",
            x.element(),
            x.shape().to_vec(),
            x.as_bytes().to_vec(),
        )])
    });
    let model = model
        .input(TensorSpec::new("x", element, shape))
        .output(TensorSpec::new("y", element, shape));
    FakeHost::new().with_model("model", model)
}

fn score(host: &FakeHost, body: &str) -> Result<String, ScoreError> {
    let response = host.init_typed::<Passing>().unwrap().run(post_json(body))?;
    Ok(String::from_utf8(response.body).unwrap())
}

fn check_round_trip(element: ElementType, data: &str) {
    let host = identity(element, &[None]);
    let length = data.split(',').count();
    let datatype = element.datatype();
    let expected = format!(
        "{{\"outputs\":{{\"y\":{{\"datatype\":\"{datatype}\",\"shape\":[{length}],\"data\":[{data}]}}}}}}"
    );

    assert_eq!(
        score(&host, &format!("{{\"inputs\":{{\"x\":[{data}]}}}}")),
        Ok(expected)
    );
}

#[test]
fn every_datatype_goes_in_and_comes_out() {
    check_round_trip(ElementType::Boolean, "true,false");
    check_round_trip(ElementType::Uint8, "0,255");
    check_round_trip(ElementType::Int8, "-128,127");
    check_round_trip(ElementType::Uint16, "65535");
    check_round_trip(ElementType::Int16, "-32768");
    check_round_trip(ElementType::Uint32, "4294967295");
    check_round_trip(ElementType::Int32, "-2147483648");
    check_round_trip(ElementType::Uint64, "18446744073709551615");
    check_round_trip(ElementType::Float16, "1.5,-65504.0,\"Infinity\"");
    check_round_trip(ElementType::BFloat16, "1.5,-2.0");
    check_round_trip(ElementType::Float32, "0.1,-2.5,\"NaN\",\"-Infinity\"");
    check_round_trip(ElementType::Float64, "0.1,1e+300");
    check_round_trip(ElementType::Bytes, "\"\",\"näh\"");
}

#[test]
fn int64_is_precise_beyond_what_a_double_holds() {
    check_round_trip(
        ElementType::Int64,
        "9007199254740993,-9223372036854775808,9223372036854775807",
    );
}

#[test]
fn halves_reach_the_model_as_their_bits() {
    let model = FakeModel::new(|inputs| {
        assert_eq!(inputs[0].values::<Float16>().unwrap(), [Float16(0x3c00)]);
        assert_eq!(inputs[1].values::<BFloat16>().unwrap(), [BFloat16(0x3f80)]);
        Ok(Vec::new())
    })
    .input(TensorSpec::new("half", ElementType::Float16, [Some(1)]))
    .input(TensorSpec::new("brain", ElementType::BFloat16, [Some(1)]));
    let host = FakeHost::new().with_model("model", model);

    assert_eq!(
        score(&host, "{\"inputs\": {\"brain\": [1], \"half\": [1]}}"),
        Ok("{\"outputs\":{}}".to_owned())
    );
}

#[test]
fn all_forms_of_a_request_mean_the_same() {
    let host = identity(ElementType::Float32, &[None, Some(2)]);
    let forms = [
        "{\"inputs\": {\"x\": [[1, 2], [3, 4]]}}",
        "{\"inputs\": {\"x\": {\"data\": [[1, 2], [3, 4]]}}}",
        "{\"inputs\": {\"x\": {\"shape\": [2, 2], \"data\": [1, 2, 3, 4]}}}",
        "{\"inputs\": {\"x\": {\"shape\": [2, 2], \"datatype\": \"FP32\", \"data\": [[1, 2], [3, 4]]}}}",
        "{\"data\": [[1, 2], [3, 4]]}",
    ];
    for form in forms {
        let expected = "{\"outputs\":{\"y\":{\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[1.0,2.0,3.0,4.0]}}}";
        assert_eq!(score(&host, form), Ok(expected.to_owned()), "{form}");
    }
}

#[test]
fn a_scalar_and_an_empty_batch_are_tensors_too() {
    let scalar = identity(ElementType::Int32, &[]);
    let batch = identity(ElementType::Int32, &[None, Some(2)]);

    assert!(
        score(&scalar, "{\"inputs\": {\"x\": 7}}")
            .unwrap()
            .contains("\"shape\":[],\"data\":[7]")
    );
    let empty = score(
        &batch,
        "{\"inputs\": {\"x\": {\"shape\": [0, 2], \"data\": []}}}",
    )
    .unwrap();
    assert!(empty.contains("\"shape\":[0,2],\"data\":[]"));
}

#[test]
fn the_protocols_form_is_answered_in_kind() {
    let host = identity(ElementType::Float32, &[None, Some(2)]);
    let input =
        r#"{"name": "x", "datatype": "FP32", "shape": [1, 2], "parameters": {}, "data": [1, 2]}"#;
    let output = r#"{"name":"y","datatype":"FP32","shape":[1,2],"data":[1.0,2.0]}"#;
    for (body, expected) in [
        (
            format!(r#"{{"inputs": [{input}]}}"#),
            format!(r#"{{"model_name":"test","outputs":[{output}]}}"#),
        ),
        (
            format!(
                r#"{{"id": "7", "parameters": {{}}, "inputs": [{input}], "outputs": [{{"name": "y"}}]}}"#
            ),
            format!(r#"{{"model_name":"test","id":"7","outputs":[{output}]}}"#),
        ),
    ] {
        assert_eq!(score(&host, &body), Ok(expected), "{body}");
    }
}

#[test]
fn a_mistake_in_the_protocols_form_is_the_clients() {
    let host = identity(ElementType::Float32, &[None]);
    let with = |input: &str, rest: &str| format!(r#"{{"inputs": [{{{input}}}]{rest}}}"#);
    let whole = r#""name": "x", "datatype": "FP32", "shape": [1], "data": [1]"#;
    for (body, reason) in [
        (
            with(
                r#""name": "x", "datatype": "INT64", "shape": [1], "data": [1]"#,
                "",
            ),
            "input `x`: datatype is \"INT64\", expected FP32 [?]",
        ),
        (
            with(
                r#""name": "x", "datatype": "FP32", "shape": [2], "data": [1]"#,
                "",
            ),
            "input `x`: shape [2] does not hold the 1 elements of `data`, expected FP32 [?]",
        ),
        (
            with(r#""name": "x", "datatype": "FP32", "shape": [1]"#, ""),
            "input `x`: `data` is missing, expected FP32 [?]",
        ),
        (
            with(whole, r#", "outputs": ["y"]"#),
            "`outputs` is no array of named outputs",
        ),
        (
            with(whole, r#", "outputs": [{"name": "z"}]"#),
            "no output `z`",
        ),
    ] {
        assert_eq!(
            score(&host, &body),
            Err(ScoreError::bad_request(reason)),
            "{body}"
        );
    }
}
