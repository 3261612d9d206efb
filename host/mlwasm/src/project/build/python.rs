//! Python: a script of the SDK looks the author's file over and has componentize-py put it and the interpreter into one
//! component.

use super::{super::tool::Tool, Recipe};

const PYTHON: Tool = Tool {
    name: "Python 3.10 or later",
    candidates: &[".venv/bin/python", "venv/bin/python", "python3"],
    probe: &[],
    install: &["apt install python3 python3-venv", "brew install python"],
};
const SCRIPT: &str = "build.py";

/// Builds the component.
pub(super) fn build(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let mut command = PYTHON.find(recipe.folder())?.command(recipe.folder());
    // The SDK's copy is compared by its files: nothing is to be left there.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    recipe.by_script(command, SCRIPT)
}
