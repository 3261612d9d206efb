//! Opening the library: what an operator reads who named the wrong file.
//!
//! A test binary of its own, since a process that has opened the right library answers otherwise.
#![expect(
    clippy::unwrap_used,
    reason = "what a helper of a test can not do fails the test"
)]

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::Command,
};

use mlwasm_inference::{OnnxRuntime, OnnxSettings, RuntimeError};

fn failure(library: &Path) -> RuntimeError {
    let settings = OnnxSettings {
        threads_per_run: NonZeroUsize::MIN,
        lanes: NonZeroUsize::MIN,
        max_output_bytes: 1 << 20,
    };
    OnnxRuntime::open(library, settings).unwrap_err()
}

#[test]
fn a_missing_library_is_named() {
    let error = failure(Path::new("/nowhere/libonnxruntime.so"));
    assert_eq!(
        error.to_string(),
        "no ONNX Runtime library at /nowhere/libonnxruntime.so"
    );
}

#[test]
fn a_file_that_is_no_library_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libonnxruntime.so");
    fs::write(&path, "garbage").unwrap();
    let error = failure(&path);
    assert!(matches!(error, RuntimeError::NotALibrary { .. }), "{error}");
}

#[test]
fn a_library_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile(
        folder.path(),
        "#[unsafe(no_mangle)] pub extern \"C\" fn something_else() {}",
    );
    let error = failure(&path);
    assert!(
        matches!(error, RuntimeError::NotOnnxRuntime { .. }),
        "{error}"
    );
}

#[test]
fn a_library_that_is_too_old_is_refused_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let source = r#"
        #[repr(C)]
        pub struct Base(extern "C" fn(u32) -> usize, extern "C" fn() -> *const u8);
        extern "C" fn api(_: u32) -> usize { 0 }
        extern "C" fn version() -> *const u8 { c"1.10.0".as_ptr().cast() }
        static BASE: Base = Base(api, version);
        #[unsafe(no_mangle)] pub extern "C" fn OrtGetApiBase() -> &'static Base { &BASE }
    "#;
    let error = failure(&compile(folder.path(), source));
    assert!(
        error
            .to_string()
            .ends_with("is ONNX Runtime 1.10.0, need 1.24 or later"),
        "{error}"
    );
}

/// A shared library made of this source.
fn compile(folder: &Path, source: &str) -> PathBuf {
    let (file, library) = (folder.join("library.rs"), folder.join("library.so"));
    fs::write(&file, source).unwrap();
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition=2024", "--crate-type=cdylib", "-Awarnings", "-o"])
        .arg(&library)
        .arg(&file);
    assert!(rustc.status().unwrap().success());
    library
}
