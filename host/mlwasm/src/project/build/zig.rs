//! Zig, over the SDK for C: its compiler makes a core module of the author's file and the SDK's, and a component is made of it
//! here.

use std::fs;

use anyhow::Context as _;

use super::{
    super::tool::{self, Tool},
    Recipe, assemble,
    c::{SOURCES, with_end},
};

const ZIG: Tool = Tool {
    name: "zig 0.15",
    candidates: &["zig", "python3 -m ziglang"],
    probe: &["version"],
    install: &["brew install zig@0.15", "pip install ziglang==0.15.2"],
};
/// The stack is part of every sandbox, and Zig's own default is 16 MiB. Names stay, for backtraces.
const OPTIONS: [&str; 10] = [
    "build-exe",
    "-target",
    "wasm32-wasi",
    "-mexec-model=reactor",
    "-OReleaseSmall",
    "-fno-sanitize-c",
    "--stack",
    "262144",
    "-rdynamic",
    "-lc",
];

/// Builds the component.
pub(super) fn build(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let module = recipe.beside("module.wasm");
    let zig = ZIG.find(recipe.folder())?;
    let mut command = zig.command(recipe.folder());
    command
        .args(OPTIONS)
        .arg("-I")
        .arg(recipe.sdk.join("include"))
        .arg(format!("-femit-bin={}", module.display()))
        .arg(&recipe.project.manifest.source)
        .args(recipe.flags());
    for sources in SOURCES {
        command.args(with_end(&recipe.sdk.join(sources), "c")?);
    }
    tool::run(&mut command)?;
    let bytes = fs::read(&module).with_context(|| format!("reading {}", module.display()))?;
    fs::write(&recipe.target, assemble::component(&bytes)?).context("writing the component")
}
