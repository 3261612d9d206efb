//! The border to the host, on WebAssembly. Scorers use it through [`scorer!`](crate::scorer), `Model` and
//! `Collection` only.

pub mod bindings;
mod collecting;
mod convert;
mod exports;
mod imports;

pub(crate) use collecting::{collect, is_collected};
pub use exports::Exported;
pub(crate) use imports::Handle;
