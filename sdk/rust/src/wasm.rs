//! The border to the host, on WebAssembly. Scorers use it through [`scorer!`](crate::scorer),
//! [`tensor_scorer!`](crate::tensor_scorer), `Model` and `Collection` only.

pub mod bindings;
#[cfg(feature = "http")]
mod calling;
mod collecting;
mod convert;
mod exports;
mod imports;

#[cfg(feature = "http")]
pub(crate) use calling::send;
pub(crate) use collecting::{collect, is_collected};
pub use exports::{Exported, ExportedTensors};
pub(crate) use imports::Handle;
pub use mlwasm_tensor_world as tensor_world;
