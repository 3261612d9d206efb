//! The border to the host, on WebAssembly. Scorers use it through [`scorer!`](crate::scorer),
//! [`tensor_scorer!`](crate::tensor_scorer) and `Model` only.

pub mod bindings;
mod convert;
mod exports;
mod imports;

pub use exports::{Exported, ExportedTensors};
pub(crate) use imports::Handle;
pub use mlwasm_tensor_world as tensor_world;
