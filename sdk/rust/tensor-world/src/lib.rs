//! Code generated from `wit/` for the world of typed scorers. A part of `mlwasm-sdk`, not for use by itself.
//!
//! A crate of its own: the macros that export an interface have one name in a crate, and `scorer` is exported in both worlds.
#![cfg(target_family = "wasm")]
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    clippy::all,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::cast_lossless,
    clippy::cast_possible_truncation,
    clippy::missing_errors_doc,
    clippy::too_many_lines,
    clippy::undocumented_unsafe_blocks,
    reason = "generated code; which of these it needs changes with the generator"
)]

// Made by bindings.sh of the SDK: see its `wasm/bindings.rs`.
include!("tensor_scoring.rs");
