//! What the table of `cargo xtask bench` and the benches of `cargo bench` share: pools of sandboxes in this process.

mod pools;

pub use pools::{PoolOf, onnx_runtime, run};
