//! Opening the library; `tests/opening.rs` has the failures.

use std::fs;

use mlwasm_inference::{InferenceBackend, OnnxRuntime, RuntimeError};

use crate::{library, runtime, settings};

#[test]
fn the_version_names_the_engine_and_its_release() {
    let version = runtime().version().to_owned();
    assert!(version.starts_with("ONNX Runtime 1."), "{version}");
}

#[test]
fn a_process_stays_with_the_library_it_opened() {
    let open = runtime();
    assert_eq!(runtime().library(), open.library());

    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.so");
    fs::copy(library(), &copy).unwrap();
    let error = OnnxRuntime::open(&copy, settings()).unwrap_err();
    assert!(matches!(error, RuntimeError::AlreadyOpen { .. }), "{error}");
}
