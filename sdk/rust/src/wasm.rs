//! The border to the host, on WebAssembly. Scorers use it through [`scorer!`](crate::scorer) and `Model` only.

pub mod bindings;
mod convert;
mod exports;
mod imports;

pub use exports::Exported;
pub(crate) use imports::Handle;
