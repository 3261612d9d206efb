//! The folders of files that scorers see, put together out of artifacts.
//!
//! A folder is named by what is in it, so revisions with the same files share one, and one that is there is whole: it is
//! made beside its place and renamed. Nothing in it is the only copy of anything. All of them go at the next start, which is
//! when artifacts that nothing refers to go, too.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use mlwasm_types::{Digest, FileName};

use crate::{
    artifacts::Artifacts,
    data_dir::make_private_folder,
    secret::{hex, random},
};

/// Where the folders are.
///
/// # Concurrency
///
/// Any number of threads; two that make the same folder make it twice, and one stays. All methods block.
#[derive(Clone, Debug)]
pub(crate) struct FileFolders {
    folder: PathBuf,
}

/// Why a file can not be had.
#[derive(Debug)]
pub(crate) struct FileFault {
    pub(crate) name: FileName,
    pub(crate) source: io::Error,
}

impl FileFolders {
    /// The folders below `folder`, which is made empty. Only for the start, before a scorer runs.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_private_folder(&folder)?;
        Ok(Self { folder })
    }

    /// A folder with these files. Their bytes have been hashed again when it was made.
    pub(crate) fn with(
        &self,
        files: &BTreeMap<FileName, Digest>,
        artifacts: &Artifacts,
    ) -> Result<PathBuf, FileFault> {
        let place = self.folder.join(name_of(files).hex());
        if place.exists() {
            return Ok(place);
        }
        // Whichever file is first stands for a fault of the folder itself.
        let of_folder = |source| FileFault {
            name: files.keys().next().expect("a folder has files").clone(),
            source,
        };
        let unique: [u8; 16] = random().map_err(of_folder)?;
        let unfinished = self.folder.join(format!("unfinished-{}", hex(&unique)));
        let made = fill(&unfinished, files, artifacts).and_then(|()| {
            match fs::rename(&unfinished, &place) {
                // Another thread was faster.
                Err(_) if place.exists() => Ok(()),
                renamed => renamed.map_err(of_folder),
            }
        });
        // Gone if it was renamed; else of no worth.
        fs::remove_dir_all(&unfinished).ok();
        made.map(|()| place)
    }
}

fn name_of(files: &BTreeMap<FileName, Digest>) -> Digest {
    // Names hold no control characters, so no two sets of files have the same text.
    let text: String = files
        .iter()
        .map(|(name, digest)| format!("{digest} {name}\n"))
        .collect();
    Digest::of(text.as_bytes())
}

fn fill(
    folder: &Path,
    files: &BTreeMap<FileName, Digest>,
    artifacts: &Artifacts,
) -> Result<(), FileFault> {
    for (name, digest) in files {
        let path = folder.join(name.as_str());
        place(*digest, &path, artifacts).map_err(|source| FileFault {
            name: name.clone(),
            source,
        })?;
    }
    Ok(())
}

fn place(digest: Digest, path: &Path, artifacts: &Artifacts) -> io::Result<()> {
    let bytes = artifacts.read(digest)?;
    make_private_folder(path.parent().expect("a file is in a folder"))?;
    // A link takes no room; where the disk knows none, or one file has too many, the bytes do.
    fs::hard_link(artifacts.path(digest), path).or_else(|_| fs::write(path, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Disk {
        _home: tempfile::TempDir,
        artifacts: Artifacts,
        folders: FileFolders,
    }

    impl Disk {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let artifacts = Artifacts::open(&home.path().join("artifacts"), 1 << 20).unwrap();
            let folders = FileFolders::open(home.path().join("files")).unwrap();
            Self {
                artifacts,
                folders,
                _home: home,
            }
        }

        fn files(&self, files: &[(&str, &str)]) -> BTreeMap<FileName, Digest> {
            let stored = files.iter().map(|(name, text)| {
                let digest = Digest::of(text.as_bytes());
                fs::write(self.artifacts.path(digest), text).unwrap();
                (FileName::new(name).unwrap(), digest)
            });
            stored.collect()
        }

        fn count(&self) -> usize {
            fs::read_dir(&self.folders.folder).unwrap().count()
        }
    }

    #[test]
    fn a_folder_has_its_files_and_is_made_once() {
        let disk = Disk::new();
        let files = disk.files(&[("labels.txt", "a b"), ("vocab/words.json", "{}")]);

        let folder = disk.folders.with(&files, &disk.artifacts).unwrap();

        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(
            (text("labels.txt"), text("vocab/words.json")),
            ("a b".into(), "{}".into())
        );
        assert_eq!(disk.folders.with(&files, &disk.artifacts).unwrap(), folder);
        let others = disk.files(&[("labels.txt", "a c"), ("vocab/words.json", "{}")]);
        assert_ne!(disk.folders.with(&others, &disk.artifacts).unwrap(), folder);
        assert_eq!(disk.count(), 2);
    }

    #[test]
    fn a_file_that_is_absent_or_damaged_leaves_no_folder() {
        let disk = Disk::new();
        let files = disk.files(&[("a", "x"), ("b", "y")]);
        fs::write(disk.artifacts.path(Digest::of(b"y")), "z").unwrap();

        for kind in [io::ErrorKind::InvalidData, io::ErrorKind::NotFound] {
            let fault = disk.folders.with(&files, &disk.artifacts).unwrap_err();
            assert_eq!((fault.name.as_str(), fault.source.kind()), ("b", kind));
            assert_eq!(disk.count(), 0);
        }
    }

    #[test]
    fn a_start_finds_no_folder() {
        let disk = Disk::new();
        let files = disk.files(&[("a", "x")]);
        disk.folders.with(&files, &disk.artifacts).unwrap();
        FileFolders::open(disk.folders.folder.clone()).unwrap();
        assert_eq!(disk.count(), 0);
    }
}
