//! Code generated from `wit/`.

#![allow(
    missing_docs,
    unsafe_code,
    unused_qualifications,
    clippy::all,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::cast_lossless,
    clippy::cast_possible_truncation,
    clippy::missing_errors_doc,
    clippy::too_many_lines,
    clippy::undocumented_unsafe_blocks,
    reason = "generated code; which of these it needs changes with the generator"
)]

wit_bindgen::generate!({
    path: "wit",
    world: "scoring",
    with: {
        "mlwasm:scoring/inference@0.1.0": mlwasm_tensor_world::mlwasm::scoring::inference,
    },
    generate_all,
    // Tensors are lent to the host, which reads them in place; owned parameters would cost a copy of every input.
    ownership: Borrowing { duplicate_if_necessary: true },
    pub_export_macro: true,
    export_macro_name: "__export_scoring",
    default_bindings_module: "mlwasm_sdk::wasm::bindings",
});
