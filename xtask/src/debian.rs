//! `cargo xtask promtool`: fetches Prometheus' checker of metrics and rules into `target/`, once, without installing anything.
//!
//! It comes out of Debian's package, by apt, so the archive, its mirrors and its signatures are those that the machine is
//! configured for.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
};

use anyhow::{Context as _, bail};

use crate::tools;

/// The package that has it, and where.
const PACKAGE: &str = "prometheus";
const PROGRAM: &str = "usr/bin/promtool";

/// Returns the path of `promtool`: `PROMTOOL` where it is set, else the one that was fetched, else one that is installed, else it
/// is fetched.
///
/// # Errors
///
/// When apt or dpkg can not do it; the message says what else would do.
pub(crate) fn promtool() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os("PROMTOOL").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return path
            .canonicalize()
            .with_context(|| format!("looking for PROMTOOL {}", path.display()));
    }
    let folder = tools::target().join("debian").join(PACKAGE);
    let fetched = folder.join(PROGRAM);
    if fetched.is_file() {
        return Ok(fetched);
    }
    if let Some(installed) = installed("promtool") {
        return Ok(installed);
    }
    let staging = folder.with_file_name(format!("fetch-{}", process::id()));
    fs::create_dir_all(&staging).with_context(|| format!("creating {}", staging.display()))?;
    let unpacked = fetch(&staging, &folder);
    // Half a download is of no use to anyone; failing to remove it is not what the reader should hear of.
    fs::remove_dir_all(&staging).ok();
    unpacked.context(
        "fetching promtool from Debian's package prometheus: run `apt-get update` and try again, or install Prometheus and set \
         PROMTOOL to its promtool",
    )?;
    Ok(fetched)
}

fn installed(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut files = env::split_paths(&folders).map(|folder| folder.join(program));
    files.find(|file| file.is_file())
}

fn fetch(staging: &Path, folder: &Path) -> anyhow::Result<()> {
    run(Command::new("apt-get")
        .args(["download", "--quiet", PACKAGE])
        .current_dir(staging))?;
    let package = package_in(staging)?;
    let unpacked = staging.join("unpacked");
    run(Command::new("dpkg").arg("-x").arg(&package).arg(&unpacked))?;
    // The rest of the package is larger than what is wanted of it.
    let program = folder.join(PROGRAM);
    if let Some(parent) = program.parent() {
        fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
    }
    // By rename, so that nobody sees half a program and two fetches at once agree.
    fs::rename(unpacked.join(PROGRAM), &program)
        .with_context(|| format!("moving to {}", program.display()))
}

fn package_in(folder: &Path) -> anyhow::Result<PathBuf> {
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            return Ok(path);
        }
    }
    bail!("apt-get left no package in {}", folder.display())
}

/// Runs a command with its standard output turned away: callers of this program read paths from ours.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    tools::complain(&format!("· {name}, for {PACKAGE}"));
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("starting {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}
