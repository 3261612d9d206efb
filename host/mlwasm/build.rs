//! Builds the scorer that serves a model without code, so that the program carries it, and lists the files of projects.
//!
//! It is a package of this workspace for another target. It gets a target folder of its own: the cargo that runs this
//! script holds the lock of the usual one.

#[path = "build/embed.rs"]
mod embed;

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

const PACKAGE: &str = "mlwasm-onnx";
const TARGET: &str = "wasm32-wasip2";
/// What the scorer is made of, from the workspace's root.
const SOURCES: [&str; 6] = [
    "plugins/onnx/src",
    "plugins/onnx/Cargo.toml",
    "sdk/rust/src",
    "sdk/rust/Cargo.toml",
    "wit",
    "Cargo.lock",
];

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = package.join("../..").canonicalize()?;
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    embed::write(&root)?;
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", root.join(source).display());
    }
    let target_dir = target_dir(&root)?.join("scorers");
    build(&root, &target_dir)?;
    let scorer = target_dir.join(TARGET).join("scorer/onnx.wasm");
    if !scorer.is_file() {
        return Err(format!("building {PACKAGE} left no {}", scorer.display()).into());
    }
    // Not `MLWASM_...`: `cargo run` hands this variable to the program, which would take it for a setting.
    println!("cargo:rustc-env=ONNX_SCORER_WASM={}", scorer.display());
    Ok(())
}

/// The target folder of the build that runs this script: the one that cargo marked as a cache.
fn target_dir(root: &Path) -> Result<PathBuf, env::VarError> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let marked = out
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file());
    Ok(marked.map_or_else(|| root.join("target"), Path::to_path_buf))
}

fn build(root: &Path, target_dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args([
            "build",
            "--quiet",
            "--package",
            PACKAGE,
            "--target",
            TARGET,
            "--profile",
            "scorer",
            "--target-dir",
        ])
        .arg(target_dir);
    // What describes the outer build does not fit this one, and would make it differ from one done by hand.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_outer_build) {
            cargo.env_remove(&name);
        }
    }
    let status = cargo
        .status()
        .map_err(|error| format!("starting cargo: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "building {PACKAGE} for {TARGET} ended with {status}; if the target is missing: rustup target add {TARGET}"
    )
    .into())
}

fn describes_outer_build(name: &str) -> bool {
    const PREFIXES: [&str; 9] = [
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BUILD_",
        "CARGO_PROFILE_",
        "CARGO_BIN_",
        "CLIPPY_",
        "DEP_",
    ];
    const NAMES: [&str; 17] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "CARGO_TARGET_DIR",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_CRATE_NAME",
        "OUT_DIR",
        "TARGET",
        "HOST",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
        "NUM_JOBS",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
