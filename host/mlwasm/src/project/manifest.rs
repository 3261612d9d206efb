//! `scorer.toml`: the language of a project, its entry file, and the component that is made of it.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, bail};
use figment::providers::{Format as _, Toml};
use serde::Deserialize;

use super::Language;

/// What a project says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The language of the scorer.
    pub(crate) language: Language,
    /// The entry file, or the crate's folder, from the project's folder.
    pub(crate) source: PathBuf,
    /// The component to make, from the project's folder.
    pub(crate) output: PathBuf,
    /// The world of the contract that the scorer is for, where its tools ask; what the source says elsewhere.
    #[serde(default)]
    pub(crate) world: Option<World>,
    /// How it is made.
    #[serde(default)]
    pub(crate) build: BuildSettings,
}

/// A world of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum World {
    /// Bytes in, bytes out.
    Scoring,
    /// Tensors in, tensors out, as the scorer describes them.
    TensorScoring,
}

impl World {
    /// Its name in the contract.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scoring => "scoring",
            Self::TensorScoring => "tensor-scoring",
        }
    }
}

/// How a component is made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BuildSettings {
    /// Further flags for the language's own compiler.
    pub(crate) flags: Vec<String>,
    /// Whether the component knows the lines of its source, for backtraces. Of compiled languages; the others always know them.
    pub(crate) debug: bool,
}

impl Default for BuildSettings {
    fn default() -> Self {
        Self {
            flags: Vec::new(),
            debug: true,
        }
    }
}

impl Manifest {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// Names the file, and the line and column of what is wrong.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let manifest = match Toml::from_str::<Self>(text) {
            Ok(manifest) => manifest,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                bail!("{}: {}", place(text, at), one_line(error.message()));
            }
        };
        for (key, path) in [("source", &manifest.source), ("output", &manifest.output)] {
            check_within(key, path)?;
        }
        if manifest.output.file_name().is_none() {
            bail!("output names no file");
        }
        Ok(manifest)
    }
}

/// A build writes the output: it must not reach out of the project.
fn check_within(key: &str, path: &Path) -> anyhow::Result<()> {
    let is_within = path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !is_within {
        bail!(
            "{key} is {:?}: expected a path within the project's folder",
            path.display()
        );
    }
    Ok(())
}

/// The line and column of a byte.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default();
    format!("{line}:{}", column.chars().count() + 1)
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(" ").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read() {
        let text = "language = \"ts\"\nsource = \"score.ts\"\noutput = \"build/a.wasm\"\n[build]\nflags = [\"-O2\"]\n";
        let manifest = Manifest::parse(text).unwrap();
        assert_eq!(manifest.language, Language::Ts);
        assert_eq!(manifest.output, Path::new("build/a.wasm"));
        assert_eq!(manifest.build.flags, ["-O2"]);
        assert!(manifest.build.debug);
        let short = text.split("[build]").next().unwrap();
        let plain = Manifest::parse(short).unwrap();
        assert_eq!(plain.build, BuildSettings::default());
        assert!(plain.world.is_none());
        let stripped = Manifest::parse(&format!("{text}debug = false\n")).unwrap();
        assert!(!stripped.build.debug);
        let typed = Manifest::parse(&format!("world = \"tensor-scoring\"\n{short}")).unwrap();
        assert_eq!(typed.world, Some(World::TensorScoring));
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_column() {
        let refusal = |text: &str| Manifest::parse(text).unwrap_err().to_string();
        let with = |line: &str| format!("source = \".\"\noutput = \"a.wasm\"\n{line}\n");
        for (text, expected) in [
            (
                with("lang = \"rust\""),
                "3:1: unknown field lang, expected one of language, source, output, world, build",
            ),
            (
                with("language = \"cobol\""),
                "3:12: unknown variant cobol, expected one of rust, python, js, ts, c, cpp, go, zig",
            ),
            (with("language = 3"), "3:12: "),
            (
                with("language = \"go\"\nworld = \"tensors\""),
                "4:9: unknown variant tensors, expected scoring or tensor-scoring",
            ),
            (with(""), "1:1: missing field language"),
            (
                with("language = \"go\"\n[build]\nflag = []"),
                "5:1: unknown field flag, expected flags or debug",
            ),
            (with("language ="), "3:11: "),
            (
                with("language = \"go\"").replace("a.wasm", "../a.wasm"),
                "output is \"../a.wasm\": expected a path within the project's folder",
            ),
            (
                with("language = \"go\"").replace("a.wasm", "/a.wasm"),
                "output is \"/a.wasm\": expected a path within the project's folder",
            ),
            (
                with("language = \"go\"").replace("a.wasm", "."),
                "output names no file",
            ),
        ] {
            let found = refusal(&text);
            assert!(found.starts_with(expected), "{text}: {found}");
        }
    }
}
