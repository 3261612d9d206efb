//! What the loaded library can compute with.

use std::{ffi::CStr, ptr};

use super::check;

/// The execution providers that the library was built with, in its own words: `CPUExecutionProvider`.
pub(crate) fn available_providers() -> ort::Result<Vec<String>> {
    let api = ort::api();
    let mut names = ptr::null_mut();
    let mut count = 0;
    // SAFETY: ONNX Runtime makes a list of `count` C strings, which is read and then given back, once.
    unsafe {
        check((api.GetAvailableProviders)(&raw mut names, &raw mut count))?;
        let length = usize::try_from(count).unwrap_or_default();
        let providers = (0..length)
            .map(|index| {
                CStr::from_ptr(*names.add(index))
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        check((api.ReleaseAvailableProviders)(names, count))?;
        Ok(providers)
    }
}
