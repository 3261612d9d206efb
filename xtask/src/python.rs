//! `cargo xtask python` and `cargo xtask languages`: install into `target/` what the tests use of PyPI, once.
//!
//! Packages lie in a folder of their own rather than in a virtual environment, which not every Python can make. The folder is
//! named after what is in it, so a change of the list makes another one.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::tools;

/// Clients that others wrote.
pub(crate) const CLIENTS: Packages = Packages {
    variable: "SUITE_PYTHON",
    list: "tests/clients/requirements.txt",
};
/// The tools of the languages that scorers are written in.
pub(crate) const LANGUAGES: Packages = Packages {
    variable: "SUITE_LANGUAGES",
    list: "tests/languages/requirements.txt",
};

/// Packages that lie in one folder.
pub(crate) struct Packages {
    /// The variable by which the suite finds the folder.
    pub(crate) variable: &'static str,
    list: &'static str,
}

impl Packages {
    /// Returns the folder of the packages that are listed, which pip fills if it is not there yet.
    ///
    /// Where the variable is set, its folder is taken as it is.
    ///
    /// # Errors
    ///
    /// When pip can not install them.
    pub(crate) fn install(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = env::var_os(self.variable).filter(|path| !path.is_empty()) {
            return Ok(path.into());
        }
        install(&tools::root().join(self.list))
    }
}

fn install(list: &Path) -> anyhow::Result<PathBuf> {
    let text = fs::read(list).with_context(|| format!("reading {}", list.display()))?;
    let digest = format!("{:x}", Sha256::digest(&text));
    let folder = tools::target().join("python").join(&digest[..16]);
    if folder.is_dir() {
        return Ok(folder);
    }
    let staging = folder.with_extension(std::process::id().to_string());
    let filled = fill(&staging, list);
    if filled.is_err() {
        // Half of the packages are of no use to anyone; failing to remove them is not what the reader should hear of.
        fs::remove_dir_all(&staging).ok();
    }
    filled?;
    // By rename, so that nobody sees half of them; who came first wins.
    if fs::rename(&staging, &folder).is_err() && folder.is_dir() {
        fs::remove_dir_all(&staging).ok();
    }
    Ok(folder)
}

fn fill(folder: &Path, list: &Path) -> anyhow::Result<()> {
    tools::run_quietly(
        Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--only-binary=:all:", "--disable-pip-version-check"])
            .args(["--root-user-action=ignore", "--target"])
            .arg(folder)
            .arg("--requirement")
            .arg(list),
    )
}
