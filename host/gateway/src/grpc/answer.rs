//! From an answer in the protocol's REST form to what a client of gRPC gets.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
};
use hyper::body::Frame;
use mlwasm_sandbox::NamedTensor;
use prost::Message;
use serde::Deserialize;

use super::{
    frame::framed,
    generated::inference::{ModelInferResponse, model_infer_response::InferOutputTensor},
    status::Status,
};
use crate::{
    form::{JSON_LENGTH, json_length, with_patience},
    respond::{Answer, AnswerBody},
    v2::{self, Malformed},
};

/// What of an answer is not part of its tensors.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    model_name: String,
    #[serde(default)]
    model_version: String,
    #[serde(default)]
    id: Option<String>,
}

/// Turns the answer to an inference into the call's. One that is a call's already stays as it is.
pub(crate) async fn close(answer: Answer) -> Answer {
    let (mut head, mut body) = answer.into_parts();
    let Some(whole) = body.take_whole() else {
        return Answer::from_parts(head, body);
    };
    let ended = response(head.status, &head.headers, whole).await;
    for name in [JSON_LENGTH, CONTENT_LENGTH, RETRY_AFTER] {
        head.headers.remove(name);
    }
    // What went wrong stands in the status of the call: HTTP's own says that there is one.
    head.status = StatusCode::OK;
    let mut answer = Answer::from_parts(head, AnswerBody::from(Bytes::new()));
    match ended {
        Ok(response) => *answer.body_mut() = body_of(&response),
        Err(status) => status.write(answer.headers_mut()),
    }
    prepare(answer.headers_mut());
    answer
}

/// The answer to a call that has nothing but this message.
pub(super) fn message(message: &impl Message) -> Answer {
    let mut answer = Answer::new(body_of(message));
    prepare(answer.headers_mut());
    answer
}

/// What every call's answer has.
pub(super) fn prepare(headers: &mut HeaderMap) {
    const ACCEPT: HeaderName = HeaderName::from_static("grpc-accept-encoding");
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(ACCEPT, HeaderValue::from_static("identity,gzip,deflate"));
}

/// The end of a call, as trailers.
pub(super) fn trailers(status: &Status) -> Frame<Bytes> {
    let mut trailers = HeaderMap::with_capacity(2);
    status.write(&mut trailers);
    Frame::trailers(trailers)
}

fn body_of(message: &impl Message) -> AnswerBody {
    let frames = [Frame::data(framed(message)), trailers(&Status::OK)];
    AnswerBody::Frames(VecDeque::from(frames))
}

/// The message that an answer in REST form comes to, or why there is none.
pub(super) async fn response(
    status: StatusCode,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<ModelInferResponse, Status> {
    if !status.is_success() {
        return Err(Status::of(status, &body));
    }
    let length = json_length(headers).map_err(|error| Status::internal(error.to_string()))?;
    let bytes = length.unwrap_or(body.len());
    let read = with_patience(bytes, move || read(&body, length)).await;
    let read = read.map_err(|error| Status::internal(error.to_string()))?;
    read.map_err(|Malformed(text)| {
        Status::internal(format!(
            "the scorer's answer is none of the protocol: {text}"
        ))
    })
}

fn read(body: &Bytes, length: Option<usize>) -> Result<ModelInferResponse, Malformed> {
    let (json, binary) = v2::split(body, length)?;
    let head: Head = serde_json::from_slice(&json).map_err(|error| Malformed(error.to_string()))?;
    let outputs = v2::read(&json)?.outputs;
    let outputs = outputs.ok_or_else(|| Malformed("`outputs` is missing".to_owned()))?;
    let outputs = v2::complete(outputs, "outputs", binary.as_ref())?;
    let raw = outputs.iter().map(|output| output.data.clone()).collect();
    Ok(ModelInferResponse {
        model_name: head.model_name,
        model_version: head.model_version,
        id: head.id.unwrap_or_default(),
        parameters: HashMap::new(),
        outputs: outputs.into_iter().map(describe).collect(),
        raw_output_contents: raw,
    })
}

fn describe(output: NamedTensor) -> InferOutputTensor {
    InferOutputTensor {
        name: output.name,
        datatype: output.element.datatype().to_owned(),
        shape: output.shape.into_iter().map(i64::from).collect(),
        parameters: HashMap::new(),
        contents: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_json_or_bytes_becomes_a_message() {
        let json = r#"{"model_name":"iris","model_version":"blue","id":"7","outputs":[{"name":"y","datatype":"UINT8","shape":[2],"data":[1,2]}]}"#;
        let response = read(&Bytes::from_static(json.as_bytes()), None).unwrap();
        assert_eq!((&*response.model_name, &*response.id), ("iris", "7"));
        assert_eq!(response.outputs[0].shape, [2]);
        assert_eq!(response.raw_output_contents[0], &[1, 2][..]);

        let json = r#"{"outputs":[{"name":"y","datatype":"UINT8","shape":[2],"parameters":{"binary_data_size":2}}]}"#;
        let body = [json.as_bytes(), &[3, 4]].concat();
        let response = read(&body.into(), Some(json.len())).unwrap();
        assert_eq!(response.raw_output_contents[0], &[3, 4][..]);
    }

    #[tokio::test]
    async fn an_answer_that_is_none_of_the_protocol_is_an_internal_error() {
        let body = Bytes::from_static(b"{\"predictions\":[]}");
        let status = response(StatusCode::OK, &HeaderMap::new(), body).await;
        let status = status.unwrap_err();
        assert_eq!(status.code, 13);
        assert!(status.message.contains("`outputs` is missing"));
    }
}
