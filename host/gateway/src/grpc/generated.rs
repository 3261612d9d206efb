//! The messages of `host/gateway/proto`, as prost-build 0.14 writes them; not to be changed by hand.
//!
//! To make them again, have `protoc` write a descriptor set of both files, and pass it to
//! `prost_build::Config::new().bytes([".inference.ModelInferRequest.raw_input_contents",
//! ".inference.ModelInferResponse.raw_output_contents", ".inference.InferTensorContents.bytes_contents"]).compile_fds(set)`:
//! these fields then share the memory of the message that they came in. No service is generated, since calls take the
//! pipeline's way.
#![allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    dead_code,
    clippy::all,
    clippy::allow_attributes,
    reason = "generated code; which of these it needs changes with the generator"
)]

#[rustfmt::skip]
pub(crate) mod health;
#[rustfmt::skip]
pub(crate) mod inference;
