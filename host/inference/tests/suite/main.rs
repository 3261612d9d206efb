//! Inference with the real ONNX Runtime: what it accepts, what it refuses, and when it stops.
//!
//! The library comes from `cargo xtask onnxruntime`. The models are written by `tests/models/make.py`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a helper of a test can not do fails the test"
)]

mod batching;
mod lanes;
mod loading;
mod opening;
mod options;
mod rows;
mod running;

use std::{
    env, fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_inference::{InferenceBackend, LoadError, Model, OnnxRuntime, OnnxSettings};

const MAX_OUTPUT_BYTES: usize = 1 << 20;
const LANES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

fn library() -> PathBuf {
    let library = match env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/onnxruntime/1.31.1/libonnxruntime.so"),
    };
    assert!(
        library.is_file(),
        "{} is missing: run `cargo xtask onnxruntime`",
        library.display()
    );
    library
}

fn settings() -> OnnxSettings {
    OnnxSettings {
        threads_per_run: NonZeroUsize::MIN,
        lanes: LANES,
        max_output_bytes: MAX_OUTPUT_BYTES,
    }
}

fn runtime() -> OnnxRuntime {
    OnnxRuntime::open(&library(), settings()).unwrap()
}

fn bytes_of(model: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/models")
        .join(model)
        .with_extension("onnx");
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn load(model: &str) -> Arc<dyn Model> {
    runtime().load(&bytes_of(model)).unwrap()
}

fn refusal(model: &str) -> LoadError {
    runtime()
        .load(&bytes_of(model))
        .err()
        .unwrap_or_else(|| panic!("{model} was loaded"))
}

/// A deadline that no test should meet.
fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn floats(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}
