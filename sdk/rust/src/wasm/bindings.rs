//! Code generated from `wit/`.

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

// Made by bindings.sh of this SDK. A file rather than the macro that makes it: an author's project would compile the macro, which
// takes longer than all else. Included, since its paths count from here.
include!("bindings/scoring.rs");
