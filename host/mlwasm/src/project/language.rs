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
    /// Zig, by the example of examples/zig: there is no template
    #[value(skip)]
    Zig,
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
            Self::Zig => "zig",
        }
    }

    /// The folder of its SDK: some languages share one.
    pub(crate) fn sdk(self) -> &'static str {
        match self {
            Self::Rust => "sdk/rust/",
            Self::Python => "sdk/python/",
            Self::Js | Self::Ts => "sdk/js/",
            Self::C | Self::Cpp | Self::Zig => "sdk/c/",
            Self::Go => "sdk/go/",
        }
    }

    /// What makes a scorer a typed one, as a piece of advice.
    pub(crate) fn typed_by(self) -> &'static str {
        match self {
            Self::Rust => "implement TensorScorer and export it with tensor_scorer!",
            Self::Python | Self::Js | Self::Ts => "give it functions describe and infer",
            Self::C | Self::Zig => "export it with MLWASM_TENSOR_SCORER",
            Self::Cpp => "export it with MLWASM_TENSOR_SCORER_CLASS",
            Self::Go => "serve it with typed.Serve of mlwasm/typed",
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
            Self::Zig => "template-zig/",
        }
    }

    /// The folder of what a typed scorer has in place of its template's files.
    pub(crate) fn typed_template(self) -> &'static str {
        match self {
            Self::Rust | Self::Python | Self::Go => "template-typed/",
            Self::Js => "template-js-typed/",
            Self::Ts => "template-ts-typed/",
            Self::C => "template-c-typed/",
            Self::Cpp => "template-cpp-typed/",
            Self::Zig => "template-zig-typed/",
        }
    }
}
