//! JavaScript and TypeScript: a script of the SDK bundles the author's file and puts it into QuickJS, by the packages that the
//! project's own package.json pins.

use anyhow::bail;

use super::{super::tool::Tool, Recipe};

const NODE: Tool = Tool {
    name: "Node.js 20 or later",
    candidates: &["node"],
    probe: &[],
    install: &["apt install nodejs npm", "brew install node"],
};
const SCRIPT: &str = "build/build.mjs";

/// Builds the component.
pub(super) fn build(recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let node = NODE.find(recipe.folder())?;
    if !recipe.folder().join("node_modules").is_dir() {
        bail!(
            "node_modules is missing: run `npm install` in {}, which gets the packages that package.json pins",
            recipe.folder().display()
        );
    }
    recipe.by_script(node.command(recipe.folder()), SCRIPT)
}
