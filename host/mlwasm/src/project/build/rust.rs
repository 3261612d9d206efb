//! Rust: cargo makes the component by itself, for the target wasm32-wasip2.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use serde_json::Value;

use super::{
    super::tool::{self, Tool},
    Recipe,
};

const TARGET: &str = "wasm32-wasip2";
/// Without lines of source, whatever the project's profile says; the names of functions stay.
const STRIPPED: [&str; 4] = [
    "--config",
    "profile.release.debug=false",
    "--config",
    "profile.release.strip=\"debuginfo\"",
];

const CARGO: Tool = Tool {
    name: "cargo",
    candidates: &["cargo"],
    probe: &[],
    install: &[
        "curl --proto '=https' -sSf https://sh.rustup.rs | sh",
        "brew install rustup",
        "apt install rustup",
    ],
};
const RUSTC: Tool = Tool {
    name: "rustc",
    candidates: &["rustc"],
    ..CARGO
};
const RUSTUP: Tool = Tool {
    name: "rustup, which adds the target wasm32-wasip2 to Rust",
    candidates: &["rustup"],
    ..CARGO
};

/// Builds the crate.
pub(super) fn build(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let crate_folder = recipe.source();
    let cargo = CARGO.find(recipe.folder())?;
    ensure_target(recipe)?;
    let mut command = cargo.command(&crate_folder);
    command
        .args(["build", "--release", "--lib", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics"])
        .args(recipe.flags());
    if !recipe.has_lines() {
        command.args(STRIPPED);
    }
    let messages = tool::output(&mut command)?;
    let component = component(&messages, &crate_folder.join("Cargo.toml")).ok_or_else(|| {
        anyhow!("cargo made no .wasm file: Cargo.toml needs crate-type = [\"cdylib\"] in [lib]")
    })?;
    fs::copy(&component, &recipe.target)
        .with_context(|| format!("copying {}", component.display()))?;
    Ok(())
}

fn ensure_target(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let mut rustc = RUSTC.find(recipe.folder())?.command(&recipe.source());
    let sysroot = tool::output(rustc.args(["--print", "sysroot"]))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot).trim());
    if sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    let rustup = RUSTUP.find(recipe.folder())?;
    // It says itself what it does.
    tool::run(
        rustup
            .command(&recipe.source())
            .args(["target", "add", TARGET]),
    )
}

/// The component among what cargo says it made, of the crate with this manifest.
fn component(messages: &[u8], manifest: &Path) -> Option<PathBuf> {
    let manifest = manifest.canonicalize().ok();
    String::from_utf8_lossy(messages)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| {
            let of = message["manifest_path"].as_str().map(PathBuf::from);
            of.and_then(|of| of.canonicalize().ok()) == manifest
        })
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| Some(PathBuf::from(file.as_str()?)))
        .rfind(|file| file.extension().is_some_and(|end| end == "wasm"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_component_is_the_one_of_the_project_s_own_crate() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| {
            fs::create_dir_all(home.path().join(name)).unwrap();
            let manifest = home.path().join(name).join("Cargo.toml");
            fs::write(&manifest, "").unwrap();
            manifest
        };
        let (own, other) = (at("own"), at("other"));
        let artifact = |manifest: &PathBuf, file: &str| json!({"reason": "compiler-artifact", "manifest_path": manifest, "filenames": [format!("/t/{file}.wasm"), "/t/lib.rlib"]});
        let messages = format!(
            "{}\nno JSON\n{}\n{}\n",
            artifact(&other, "dependency"),
            artifact(&own, "scorer"),
            json!({"reason": "build-finished", "success": true}),
        );
        assert_eq!(
            component(messages.as_bytes(), &own),
            Some(PathBuf::from("/t/scorer.wasm"))
        );
        assert_eq!(component(b"{}", &own), None);
    }
}
