#!/bin/sh
# Makes src/wasm/bindings/scoring.rs and tensor-world/src/tensor_scoring.rs anew from the contract in ../../wit, and
# src/wasm/calling/bindings/calling.rs from http/. Needs cargo, the
# target wasm32-wasip2 and the crates that wit-bindgen's macro is made of; an author of a scorer needs none of them, since what
# the macro would write is part of the SDK.
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
mkdir "$folder/src"
cp -r "${1:-../../wit}" "$folder/wit"
cp -r http "$folder/http"

cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "bindings"
edition = "2024"
[lib]
crate-type = ["cdylib"]
[dependencies]
wit-bindgen = { version = "=0.61.1", default-features = false, features = ["macros", "realloc"] }
[workspace]
TOML

# Tensors are lent to the host, which reads them in place; owned parameters would cost a copy of every input.
cat > "$folder/src/lib.rs" <<'RUST'
pub mod mlwasm_tensor_world {
    wit_bindgen::generate!({
        path: "wit",
        world: "tensor-scoring",
        generate_all,
        ownership: Borrowing { duplicate_if_necessary: true },
        pub_export_macro: true,
        export_macro_name: "__export_tensor_scoring",
        default_bindings_module: "mlwasm_tensor_world",
        runtime_path: "::wit_bindgen::rt",
    });
}
pub mod sdk {
    use super::mlwasm_tensor_world;
    wit_bindgen::generate!({
        path: "wit",
        world: "scoring",
        with: {
            "mlwasm:scoring/collection@0.1.0": mlwasm_tensor_world::mlwasm::scoring::collection,
            "mlwasm:scoring/inference@0.1.0": mlwasm_tensor_world::mlwasm::scoring::inference,
        },
        generate_all,
        ownership: Borrowing { duplicate_if_necessary: true },
        pub_export_macro: true,
        export_macro_name: "__export_scoring",
        default_bindings_module: "mlwasm_sdk::wasm::bindings",
        runtime_path: "::wit_bindgen::rt",
    });
}
pub mod calling {
    wit_bindgen::generate!({
        path: "http",
        world: "mlwasm:http/calling",
        generate_all,
        runtime_path: "::wit_bindgen::rt",
    });
}
RUST

# Asked so, the macro leaves its code in files. The build fails after that: both worlds export `scorer` by macros of one name, for
# which they are in two crates.
(cd "$folder" && WIT_BINDGEN_DEBUG=1 cargo check --quiet --target wasm32-wasip2 2>/dev/null) || true
made() {
    find "$folder/target" -name "$1[0-9].rs"
}
cp "$(made tensor-scoring)" tensor-world/src/tensor_scoring.rs
mkdir -p src/wasm/bindings
cp "$(made scoring)" src/wasm/bindings/scoring.rs
mkdir -p src/wasm/calling/bindings
cp "$(made calling)" src/wasm/calling/bindings/calling.rs
