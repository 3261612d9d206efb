//! Code generated from `http/`.

#![allow(
    missing_docs,
    unsafe_code,
    unused_qualifications,
    unreachable_pub,
    dead_code,
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

// Made by bindings.sh of this SDK, as those of the contract are.
include!("bindings/calling.rs");
