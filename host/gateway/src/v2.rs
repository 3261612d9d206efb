//! The open inference protocol, version 2: what KServe, Triton and their clients speak. A model is an endpoint, a version of it a
//! deployment.
//!
//! Inference takes the way of every other request (`pipeline.rs`, `form.rs`); here is what bodies mean, in pure functions, and what
//! else the protocol asks. From a body to tensors: `message` (what the JSON says), `tensors` (with their bytes), `check` (against
//! what the scorer takes), `wanted` (which outputs); and back: `encode`.

mod answer;
mod check;
mod coding;
mod describe;
mod elements;
mod encode;
mod inquire;
mod json;
mod malformed;
mod message;
mod target;
mod tensors;
mod wanted;

pub(crate) use answer::{compress, told};
pub(crate) use check::{check_inputs, position as check_position};
pub(crate) use coding::Coding;
pub(crate) use describe::{Config, Count, IndexEntry, Metadata, Statistics};
pub(crate) use elements::{Element, elements};
pub(crate) use encode::{Answerer, encode};
pub(crate) use inquire::{Told, tell};
pub(crate) use json::{Elements, check_has_json};
pub(crate) use malformed::{Malformed, shown};
pub(crate) use message::{MOST_TENSORS, read, unknown_datatype};
pub(crate) use target::{Inquiry, in_v1, in_v2};
pub(crate) use tensors::{complete, split};
pub(crate) use wanted::{Wanted, wanted};
