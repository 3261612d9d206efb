use super::*;
use crate::{Header, testing::post_json};

fn request(body: impl Into<Vec<u8>>, headers: &[(&str, String)]) -> Request {
    let mut request = post_json(body);
    let headers = headers
        .iter()
        .map(|(name, value)| Header::new(*name, value.as_str()));
    request.headers = headers.collect();
    request.headers.push(Header::new("mlwasm-protocol", "v2"));
    request.headers.push(Header::new("mlwasm-endpoint", "e"));
    request
}

/// Answers its inputs.
fn echo(request: &Request) -> Result<Response, ScoreError> {
    answer(request, |inputs| Ok(inputs.into_vec()))
}

#[test]
fn only_the_host_s_word_makes_a_request_one_of_the_protocol() {
    assert!(is_asked(&request("{}", &[])));
    assert!(!is_asked(&post_json("{\"inputs\":[]}")));
}

#[test]
fn tensors_come_and_go_in_json() {
    let body = r#"{"id":"7","inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[[1,2.5]]},{"name":"y","datatype":"BYTES","shape":[1],"data":["a"]}]}"#;
    let response = echo(&request(body, &[])).unwrap();
    assert_eq!(response.content_type, "application/json");
    assert_eq!(
        String::from_utf8(response.body).unwrap(),
        r#"{"model_name":"e","model_version":"test","id":"7","outputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1.0,2.5]},{"name":"y","datatype":"BYTES","shape":[1],"data":["a"]}]}"#
    );
}

#[test]
fn tensors_come_and_go_in_bytes() {
    let json = r#"{"inputs":[{"name":"x","datatype":"UINT8","shape":[2],"parameters":{"binary_data_size":2}},{"name":"y","datatype":"UINT8","shape":[1],"data":[9]}],"outputs":[{"name":"x","parameters":{"binary_data":true}}]}"#;
    let body = [json.as_bytes(), &[7, 8]].concat();
    let response = echo(&request(body, &[(JSON_LENGTH, json.len().to_string())])).unwrap();
    assert_eq!(response.content_type, "application/octet-stream");
    let length: usize = response.headers[0].text().unwrap().parse().unwrap();
    let (json, binary) = response.body.split_at(length);
    assert_eq!(binary, [7, 8]);
    assert_eq!(
        str::from_utf8(json).unwrap(),
        r#"{"model_name":"e","model_version":"test","outputs":[{"name":"x","datatype":"UINT8","shape":[2],"parameters":{"binary_data_size":2}}]}"#
    );
}

#[test]
fn what_is_wrong_is_told_where() {
    for (body, expected) in [
        ("{}", "missing field `inputs`"),
        (r#"{"inputs":[{}]}"#, "inputs[0]: `datatype` is missing"),
        (
            r#"{"inputs":[{"name":"x","datatype":"F","shape":[1]}]}"#,
            "inputs[0]: ",
        ),
        (
            r#"{"inputs":[{"name":"x","datatype":"FP32","shape":[-1]}]}"#,
            "inputs[0]: shape is [-1]",
        ),
        (
            r#"{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1]}]}"#,
            "inputs[0]: input `x`",
        ),
        (
            r#"{"inputs":[{"name":"x","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]}"#,
            "inputs[0]: binary_data_size is no number of bytes that follow",
        ),
        (
            r#"{"inputs":[],"outputs":[{"name":"z"}]}"#,
            "outputs[0].name: there is no output \"z\"",
        ),
    ] {
        let Err(ScoreError::BadRequest(text)) = echo(&request(body, &[])) else {
            panic!("{body} was not refused");
        };
        assert!(text.starts_with(expected), "{body}: {text}");
    }
    let error = echo(&request("{}", &[(JSON_LENGTH, "3".to_owned())]));
    assert!(matches!(error, Err(ScoreError::BadRequest(_))));
}
