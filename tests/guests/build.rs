//! Lets the guests' tables grow: by themselves they are as large as the functions in them and no larger.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg=--growable-table");
    }
}
