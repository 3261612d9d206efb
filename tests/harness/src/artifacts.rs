//! Where the things under test are: the binary, the scorers, the models, ONNX Runtime.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::failure::fail;

/// Which build of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binary {
    /// `cargo build -p mlwasm`.
    #[default]
    Debug,
    /// `cargo build --release -p mlwasm`.
    Release,
}

impl Binary {
    /// Where the binary is.
    pub fn path(self) -> PathBuf {
        let (folder, command) = match self {
            Self::Debug => ("debug", "cargo build -p mlwasm"),
            Self::Release => ("release", "cargo build --release -p mlwasm"),
        };
        existing(target().join(folder).join("mlwasm"), command)
    }
}

/// The scorers of `tests/guests`.
pub mod guests {
    use std::path::PathBuf;

    /// The component of the guest `name`.
    pub fn path(name: &str) -> PathBuf {
        super::scorer(&format!("examples/{name}"))
    }
}

/// The scorers of `plugins`.
pub mod plugins {
    use std::path::PathBuf;

    /// The component of the shipped scorer `name`.
    pub fn path(name: &str) -> PathBuf {
        super::scorer(name)
    }
}

/// The models of `plugins/iris/models`, and those that tests need.
pub mod models {
    use std::path::PathBuf;

    /// A version of the iris model: 1 or 2.
    pub fn iris(version: u8) -> PathBuf {
        super::workspace().join(format!("plugins/iris/models/iris-{version}.onnx"))
    }

    /// A model of the tests of native inference: see `host/inference/tests/models/make.py`.
    pub fn of_tests(name: &str) -> PathBuf {
        super::workspace().join(format!("host/inference/tests/models/{name}.onnx"))
    }

    /// Flowers that both versions classify: `[{"class": …, "body": …}]`.
    pub fn flowers() -> PathBuf {
        super::workspace().join("plugins/iris/models/flowers.json")
    }
}

/// The workspace's root.
pub fn workspace() -> PathBuf {
    // Canonical, so that paths which tests show or compare have no `..` in them.
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    here.canonicalize().unwrap_or(here)
}

/// ONNX Runtime's library: `ORT_DYLIB_PATH`, or what `cargo xtask onnxruntime` fetched last.
pub fn onnxruntime() -> PathBuf {
    if let Some(path) = env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        return PathBuf::from(path);
    }
    let folder = target().join("onnxruntime");
    let versions = folder.read_dir().into_iter().flatten().flatten();
    let newest = versions
        .map(|version| version.path().join("libonnxruntime.so"))
        .filter(|library| library.is_file())
        .max();
    newest.unwrap_or_else(|| missing(&folder, "cargo xtask onnxruntime"))
}

/// Prometheus' own checker of metrics and rules: `PROMTOOL`, else the one that was fetched.
pub fn promtool() -> PathBuf {
    if let Some(path) = env::var_os("PROMTOOL").filter(|path| !path.is_empty()) {
        return PathBuf::from(path);
    }
    let fetched = target().join("debian/prometheus/usr/bin/promtool");
    existing(fetched, "cargo xtask promtool")
}

/// The variables by which the tools of scorers' languages are found: those of `SUITE_LANGUAGES`, and what they keep from one test to
/// the next, which is what they made of their own libraries.
pub fn languages() -> Vec<(&'static str, String)> {
    const FOLDER: &str = "SUITE_LANGUAGES";
    let Some(tools) = env::var(FOLDER).ok().filter(|path| !path.is_empty()) else {
        fail(format!(
            "{FOLDER} is not set: run `export {FOLDER}=$(cargo xtask languages)` first"
        ))
    };
    let kept = |name: &str| target().join("languages").join(name).display().to_string();
    let path = env::var("PATH").unwrap_or_default();
    vec![
        ("PATH", format!("{tools}/bin:{path}")),
        ("PYTHONPATH", tools),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("GOCACHE", kept("go")),
        ("ZIG_GLOBAL_CACHE_DIR", kept("zig")),
        ("npm_config_cache", kept("npm")),
    ]
}

fn scorer(name: &str) -> PathBuf {
    let file = format!("scorers/wasm32-wasip2/scorer/{name}.wasm");
    existing(target().join(file), "cargo xtask plugins")
}

pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

fn existing(path: PathBuf, command: &str) -> PathBuf {
    if path.is_file() {
        path
    } else {
        missing(&path, command)
    }
}

#[track_caller]
fn missing(path: &Path, command: &str) -> ! {
    fail(format!(
        "{} is missing: run `{command}` first",
        path.display()
    ))
}
