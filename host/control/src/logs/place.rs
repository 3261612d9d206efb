//! Where the files of a log are, and that they stay within bounds.
//!
//! `ENDPOINT/DEPLOYMENT.CREATED.jsonl`, former ones with `.1` and so on behind it. The generation in which a deployment was made
//! is in the name, so that one that is deleted and made again has files of its own, whatever is removed late.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use mlwasm_sandbox::Rotation;
use mlwasm_types::Generation;

/// Former files of a deployment: with the present one four, so a rotation costs a quarter of what is kept.
const FORMER_FILES: u32 = 3;

/// The files of one deployment's log.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) rotation: Rotation,
    /// Lines that were to be written there and are not.
    pub(super) lost: AtomicU64,
}

impl Place {
    /// Files of at most `most` bytes together.
    pub(super) fn new(
        folder: &Path,
        (endpoint, deployment): (&str, &str),
        created: Generation,
        most: u64,
    ) -> Self {
        let name = format!("{deployment}.{created}.jsonl");
        Self {
            rotation: Rotation {
                path: folder.join(endpoint).join(name),
                max_bytes: most / u64::from(FORMER_FILES + 1),
                kept_files: FORMER_FILES,
            },
            lost: AtomicU64::new(0),
        }
    }

    pub(super) fn lose(&self, lines: u64) {
        self.lost.fetch_add(lines, Ordering::Relaxed);
    }

    /// Removes all files, and the endpoint's folder with the last of its deployments.
    pub(super) fn remove(&self) -> io::Result<()> {
        for file in self.rotation.files() {
            remove_if_there(&file)?;
        }
        if let Some(folder) = self.rotation.path.parent() {
            // Another deployment's files keep it.
            fs::remove_dir(folder).ok();
        }
        Ok(())
    }
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// A file of some log.
struct Found {
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
}

/// The files of all logs.
fn all(folder: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for endpoint in listed(folder)? {
        if !endpoint.is_dir() {
            continue;
        }
        for path in listed(&endpoint)? {
            // A file that goes meanwhile takes no room.
            if let Ok(about) = fs::metadata(&path)
                && about.is_file()
            {
                files.push(Found {
                    path,
                    bytes: about.len(),
                    written: about.modified()?,
                });
            }
        }
    }
    Ok(files)
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// Removes the files of deployments that do not exist, and says how many. What has another name than ours stays.
pub(super) fn retain(
    folder: &Path,
    exists: impl Fn(&str, &str, Generation) -> bool,
) -> io::Result<usize> {
    let mut removed = 0;
    for file in all(folder)? {
        let Some((endpoint, deployment, created)) = owner(&file.path) else {
            continue;
        };
        if !exists(endpoint, deployment, created) {
            remove_if_there(&file.path)?;
            removed += 1;
            if let Some(endpoint) = file.path.parent() {
                fs::remove_dir(endpoint).ok();
            }
        }
    }
    Ok(removed)
}

/// Whose log a file belongs to: endpoint, deployment, and when that was made.
fn owner(path: &Path) -> Option<(&str, &str, Generation)> {
    let endpoint = path.parent()?.file_name()?.to_str()?;
    let mut parts = path.file_name()?.to_str()?.split('.');
    let (deployment, created) = (parts.next()?, parts.next()?.parse().ok()?);
    (parts.next() == Some("jsonl")).then_some((endpoint, deployment, Generation(created)))
}

/// What all files may take together.
#[derive(Debug)]
pub(super) struct Room {
    folder: PathBuf,
    max_bytes: u64,
    /// At most so much is taken; what is there is looked at when this is too much.
    taken: Option<u64>,
}

impl Room {
    pub(super) fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self {
            folder,
            max_bytes,
            taken: None,
        }
    }

    /// Notes that so many bytes were written, and makes room if that was too much: what was written to the longest ago goes.
    pub(super) fn wrote(&mut self, bytes: u64) -> io::Result<()> {
        let taken = self.taken.map(|taken| taken + bytes);
        if taken.is_none_or(|taken| taken > self.max_bytes) {
            self.taken = None;
            self.taken = Some(self.make()?);
        } else {
            self.taken = taken;
        }
        Ok(())
    }

    fn make(&self) -> io::Result<u64> {
        let mut files = all(&self.folder)?;
        files.sort_by(|one, other| (one.written, &one.path).cmp(&(other.written, &other.path)));
        let mut taken: u64 = files.iter().map(|file| file.bytes).sum();
        if taken <= self.max_bytes {
            return Ok(taken);
        }
        // A tenth less than there may be, so that it is not looked for again at once.
        let wanted = self.max_bytes - self.max_bytes / 10;
        for file in files {
            if taken <= wanted {
                break;
            }
            remove_if_there(&file.path)?;
            taken -= file.bytes;
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_whose_log_it_is() {
        for (path, expected) in [
            ("logs/iris/blue.7.jsonl", Some(("iris", "blue", 7))),
            ("logs/iris/blue.7.jsonl.3", Some(("iris", "blue", 7))),
            ("logs/iris/blue-2.70.jsonl", Some(("iris", "blue-2", 70))),
            ("logs/iris/blue.jsonl", None),
            ("logs/iris/blue.x.jsonl", None),
            ("logs/iris/notes.txt", None),
        ] {
            let found = owner(Path::new(path));
            let found = found.map(|(endpoint, deployment, made)| (endpoint, deployment, made.0));
            assert_eq!(found, expected, "{path}");
        }
    }

    fn write(path: &Path, bytes: usize, written: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, vec![b'\n'; bytes]).unwrap();
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(written);
        fs::File::open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn what_was_written_to_the_longest_ago_makes_room() {
        for (max, left) in [
            (30, &["a/x.1.jsonl", "b/y.1.jsonl", "b/y.1.jsonl.1"][..]),
            (29, &["a/x.1.jsonl", "b/y.1.jsonl"]),
            (19, &["b/y.1.jsonl"]),
            (1, &[]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            write(&folder.path().join("b/y.1.jsonl.1"), 10, 1);
            write(&folder.path().join("a/x.1.jsonl"), 10, 2);
            write(&folder.path().join("b/y.1.jsonl"), 10, 3);
            Room::new(folder.path().to_owned(), max).wrote(0).unwrap();
            let mut found: Vec<_> = all(folder.path()).unwrap();
            found.sort_by(|one, other| one.path.cmp(&other.path));
            let expected: Vec<_> = left.iter().map(|path| folder.path().join(path)).collect();
            let found: Vec<_> = found.into_iter().map(|file| file.path).collect();
            assert_eq!(found, expected, "{max}");
        }
    }

    #[test]
    fn files_of_deployments_that_are_gone_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a/x.1.jsonl", "a/x.2.jsonl", "a/notes.txt", "b/y.1.jsonl"] {
            write(&path(name), 1, 1);
        }
        let exists = |endpoint: &str, deployment: &str, made: Generation| {
            (endpoint, deployment, made.0) == ("a", "x", 2)
        };
        assert_eq!(retain(folder.path(), exists).unwrap(), 2);
        assert!(path("a/x.2.jsonl").exists() && path("a/notes.txt").exists());
        assert!(!path("a/x.1.jsonl").exists() && !path("b").exists());
    }
}
