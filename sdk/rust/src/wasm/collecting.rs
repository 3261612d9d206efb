//! Records, on WebAssembly: handed to the host, which keeps them or not.

use super::bindings::mlwasm::scoring::collection;
use super::convert;
use crate::CollectionError;

pub(crate) fn is_collected(name: &str) -> bool {
    collection::enabled(name)
}

pub(crate) fn collect(name: &str, content_type: &str, data: &[u8]) -> Result<(), CollectionError> {
    collection::collect(name, content_type, data).map_err(convert::collection_error)
}
