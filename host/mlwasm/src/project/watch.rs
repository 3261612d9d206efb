//! Saves: tells when the files of a project have changed, once for all that an editor does at a time.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, sync_channel},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

/// A save is over when nothing has changed for so long: editors write a file, rename it, and format others.
const QUIET: Duration = Duration::from_millis(150);
/// Folders that tools write to.
const LEFT_OUT: [&str; 7] = [
    "build",
    "target",
    "node_modules",
    "__pycache__",
    ".mlwasm",
    ".git",
    ".venv",
];
/// Files that tools write by the way.
const BY_THE_WAY: [&str; 3] = ["Cargo.lock", "package-lock.json", "go.sum"];

/// Watches a folder, from when it is made.
pub(crate) struct Watch {
    folder: PathBuf,
    seen: Snapshot,
    events: Receiver<()>,
    watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches the files below `folder` that people write.
    ///
    /// # Errors
    ///
    /// If the system does not watch so many files.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        // One is enough: whoever reads it looks at the files themselves.
        let (sender, events) = sync_channel(1);
        let tell = move |event: notify::Result<notify::Event>| {
            // We read folders ourselves. What the system could not tell may be a change.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                sender.try_send(()).ok();
            }
        };
        let watcher = notify::recommended_watcher(tell).context("watching files")?;
        let mut watch = Self {
            folder: folder.to_owned(),
            seen: Snapshot::default(),
            events,
            watcher,
        };
        watch.watch_folders()?;
        watch.seen = Snapshot::of(folder);
        Ok(watch)
    }

    /// Waits until files differ from what they were at the last return, or the start; returns those that do. None when
    /// watching has ended.
    pub(crate) fn next(&mut self) -> Option<Vec<PathBuf>> {
        loop {
            self.events.recv().ok()?;
            while let Ok(()) = self.events.recv_timeout(QUIET) {}
            // First, so that nothing is missed in a folder that is new. One that is gone again does not matter.
            self.watch_folders().ok();
            let now = Snapshot::of(&self.folder);
            let changed = now.differences(&self.seen);
            self.seen = now;
            if !changed.is_empty() {
                return Some(changed);
            }
        }
    }

    /// Each folder by itself and not the whole tree: node_modules alone may have more folders than the system watches.
    fn watch_folders(&mut self) -> anyhow::Result<()> {
        folders(&self.folder).into_iter().try_for_each(|folder| {
            self.watcher
                .watch(&folder, RecursiveMode::NonRecursive)
                .with_context(|| format!("watching {}", folder.display()))
        })
    }
}

/// What files were at a moment: their sizes and when they were written. Reading them would take long for a model.
#[derive(Debug, Default, PartialEq, Eq)]
struct Snapshot(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl Snapshot {
    fn of(folder: &Path) -> Self {
        let mut files = Vec::new();
        for folder in folders(folder) {
            for path in entries(&folder) {
                let Ok(metadata) = fs::metadata(&path) else {
                    continue;
                };
                if metadata.is_file() && is_source(&path) {
                    files.push((path, metadata.len(), metadata.modified().ok()));
                }
            }
        }
        files.sort();
        Self(files)
    }

    /// The files that are in one and not in the other, or not the same.
    fn differences(&self, other: &Self) -> Vec<PathBuf> {
        let only = |here: &Self, there: &Self| -> Vec<PathBuf> {
            let missing = here
                .0
                .iter()
                .filter(|file| there.0.binary_search(file).is_err());
            missing.map(|(path, ..)| path.clone()).collect()
        };
        let mut paths = only(self, other);
        paths.extend(only(other, self));
        paths.sort();
        paths.dedup();
        paths
    }
}

/// `folder` and all folders below it that people write to.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(folder) = found.get(next).cloned() {
        next += 1;
        found.extend(entries(&folder).into_iter().filter(|path| {
            let is_left_out = path
                .file_name()
                .is_some_and(|name| LEFT_OUT.iter().any(|left_out| name == *left_out));
            !is_left_out && !path.is_symlink() && path.is_dir()
        }));
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Whether people write it: not what editors keep beside it while they do, nor what tools write by the way.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_temporary = name.ends_with('~')
        || name.ends_with(".swp")
        || name.ends_with(".swx")
        || name.ends_with(".tmp")
        || name.starts_with(".#")
        // Vim tries by this name whether it may write.
        || name == "4913";
    !is_temporary && !BY_THE_WAY.contains(&&*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_people_write_is_looked_at() {
        let home = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = home.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("src/lib.rs", "1");
        let before = Snapshot::of(home.path());
        for path in [
            "build/a.wasm",
            "target/x/y",
            "node_modules/a/b.js",
            "src/__pycache__/a.pyc",
            ".mlwasm/sdk/a",
            ".git/index",
            "src/lib.rs~",
            "src/.lib.rs.swp",
            "src/.#lib.rs",
            "src/4913",
            "Cargo.lock",
        ] {
            write(path, "x");
        }
        assert_eq!(Snapshot::of(home.path()), before);
        write("src/lib.rs", "22");
        write("golden/a.json", "[]");
        let after = Snapshot::of(home.path());
        let expected = ["golden/a.json", "src/lib.rs"].map(|path| home.path().join(path));
        assert_eq!(after.differences(&before), expected);
        assert_eq!(before.differences(&after), expected);
        fs::remove_file(home.path().join("golden/a.json")).unwrap();
        assert_eq!(
            Snapshot::of(home.path()).differences(&after),
            [home.path().join("golden/a.json")]
        );
    }

    #[test]
    fn a_save_is_noticed_also_in_a_folder_that_is_new() {
        let home = tempfile::tempdir().unwrap();
        let mut watch = Watch::start(home.path()).unwrap();
        for path in ["a.py", "package/b.py"] {
            let path = home.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            assert_eq!(watch.next().unwrap(), [path]);
        }
        fs::write(home.path().join("package/b.py"), "xy").unwrap();
        assert_eq!(watch.next().unwrap(), [home.path().join("package/b.py")]);
    }
}
