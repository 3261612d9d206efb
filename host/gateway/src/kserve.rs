//! KServe's first protocol: `{"instances": [...]}` in, `{"predictions": [...]}` out, one of the other for each row.
//!
//! An instance is a row of the scorer's only input, or an object with a row of each input by name. Outputs are shown alike.
//! Numbers go straight into the bytes of tensors, as in `v2/message.rs`.

mod instances;
mod predictions;

pub(crate) use instances::read;
pub(crate) use predictions::write;
