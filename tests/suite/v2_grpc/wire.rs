//! What of the protocol's messages the tests send and look at, with the published numbers.

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct InferRequest {
    #[prost(string, tag = "1")]
    pub(super) model_name: String,
    #[prost(string, tag = "2")]
    pub(super) model_version: String,
    #[prost(string, tag = "3")]
    pub(super) id: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) inputs: Vec<Input>,
    #[prost(message, repeated, tag = "6")]
    pub(super) outputs: Vec<Named>,
    #[prost(bytes, repeated, tag = "7")]
    pub(super) raw: Vec<Vec<u8>>,
    /// A field of a later version of the protocol.
    #[prost(string, tag = "15")]
    pub(super) unknown: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Input {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) datatype: String,
    #[prost(int64, repeated, tag = "3")]
    pub(super) shape: Vec<i64>,
    #[prost(message, optional, tag = "5")]
    pub(super) contents: Option<Contents>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Contents {
    #[prost(float, repeated, tag = "6")]
    pub(super) floats: Vec<f32>,
    #[prost(bytes, repeated, tag = "8")]
    pub(super) strings: Vec<Vec<u8>>,
}

/// What has a name in its first field.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Named {
    #[prost(string, tag = "1")]
    pub(super) name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct InferResponse {
    #[prost(string, tag = "1")]
    pub(super) model_name: String,
    #[prost(string, tag = "2")]
    pub(super) model_version: String,
    #[prost(string, tag = "3")]
    pub(super) id: String,
    #[prost(message, repeated, tag = "5")]
    pub(super) outputs: Vec<Input>,
    #[prost(bytes, repeated, tag = "6")]
    pub(super) raw: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StreamResponse {
    #[prost(string, tag = "1")]
    pub(super) error: String,
    #[prost(message, optional, tag = "2")]
    pub(super) response: Option<InferResponse>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Ready {
    #[prost(bool, tag = "1")]
    pub(super) ready: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Health {
    #[prost(int32, tag = "1")]
    pub(super) status: i32,
}
