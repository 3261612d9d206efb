//! The languages of scorers: their names, and where their files are among those that the program carries.

use clap::ValueEnum;
use serde::Deserialize;

/// A language that scorers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    /// Rust
    Rust,
    /// Python
    Python,
    /// JavaScript
    Js,
    /// TypeScript
    Ts,
    /// C
    C,
    /// C++
    Cpp,
    /// Go
    Go,
}

impl Language {
    /// Its name, as in `--lang`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Js => "js",
            Self::Ts => "ts",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Go => "go",
        }
    }

    /// The folder of its SDK: some languages share one.
    pub(crate) fn sdk(self) -> &'static str {
        match self {
            Self::Rust => "sdk/rust/",
            Self::Python => "sdk/python/",
            Self::Js | Self::Ts => "sdk/js/",
            Self::C | Self::Cpp => "sdk/c/",
            Self::Go => "sdk/go/",
        }
    }

    /// The folder of its template within that of its SDK.
    pub(crate) fn template(self) -> &'static str {
        match self {
            Self::Rust | Self::Python | Self::Go => "template/",
            Self::Js => "template-js/",
            Self::Ts => "template-ts/",
            Self::C => "template-c/",
            Self::Cpp => "template-cpp/",
        }
    }
}
