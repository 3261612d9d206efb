//! Where this user's files belong (the XDG base directories), and how the small ones are written.

use std::{
    env, fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The folder for this user's settings: `$XDG_CONFIG_HOME` or `~/.config`; none without a home.
pub(crate) fn config_home() -> Option<PathBuf> {
    absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))
}

/// The folder for this user's data: `$XDG_DATA_HOME` or `~/.local/share`; none without a home.
pub(crate) fn data_home() -> Option<PathBuf> {
    absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))
}

/// The base directory specification says to ignore relative paths.
fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// Makes a folder, and those above it that are missing, for their owner alone.
///
/// # Errors
///
/// What the system says.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Writes a file for its owner alone; a reader sees the former content or all of the new.
///
/// # Errors
///
/// What the system says.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    // Two servers that start at once must not write into one half-made file.
    name.push(format!(".{}.new", std::process::id()));
    let unfinished = path.with_file_name(name);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(bytes)
        .and_then(|()| fs::rename(&unfinished, path))
        .inspect_err(|_| {
            fs::remove_file(&unfinished).ok();
        })
}
