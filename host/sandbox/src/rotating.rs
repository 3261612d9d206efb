//! A file of lines that does not grow for ever, and those that it was before.
//!
//! What is appended is appended whole or not at all: a write that the disk broke off is taken back, so that no reader finds
//! half a line in the middle. Another program may move the file away: the next lines go to a new one. The lowest crate that
//! writes lines owns this; logs of both planes are written by it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Where lines go, and how many of them stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The present file. Former ones are beside it, with `.1` and so on at the end; `.1` is the youngest.
    pub path: PathBuf,
    /// The size in bytes at which the next one begins.
    pub max_bytes: u64,
    /// How many former ones are kept.
    pub kept_files: u32,
}

/// A file with a bound on its size. Whoever calls it waits for the disk.
#[derive(Debug)]
pub struct RotatingFile {
    settings: Rotation,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    length: u64,
}

impl RotatingFile {
    /// Opens the file, or makes it for its owner alone.
    ///
    /// # Errors
    ///
    /// If it can not be opened or made.
    pub fn open(settings: Rotation) -> io::Result<Self> {
        Ok(Self {
            open: Some(Open::new(&settings.path)?),
            settings,
        })
    }

    /// Appends whole lines, to the next file if the present one would get too large.
    ///
    /// # Errors
    ///
    /// What the disk says; then nothing was appended, and the next call tries again.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.open = self
            .open
            .take()
            .filter(|open| open.is_at(&self.settings.path));
        let max = self.settings.max_bytes;
        let is_full = |open: &Open| open.length > 0 && open.length + lines.len() as u64 > max;
        if self.open.as_ref().is_some_and(is_full) {
            self.open = None;
            rotate(&self.settings)?;
        }
        let open = match &mut self.open {
            Some(open) => open,
            closed @ None => closed.insert(Open::new(&self.settings.path)?),
        };
        open.append(lines)
    }
}

impl Rotation {
    /// The present file and the former ones that may be there, youngest first.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> + '_ {
        (0..=self.kept_files).map(|number| numbered(&self.path, number))
    }
}

impl Open {
    fn new(path: &Path) -> io::Result<Self> {
        // For the server's owner alone: paths and user agents are about people.
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)?;
        let found = file.metadata()?;
        let mut open = Self {
            file,
            length: found.len(),
        };
        // Pipes and devices have nothing to look back at.
        if found.is_file() && open.is_torn(path)? {
            open.append(b"\n")?;
        }
        Ok(open)
    }

    /// Whether the last line has no end: a crash cut it, and the next one must not become a part of it.
    fn is_torn(&self, path: &Path) -> io::Result<bool> {
        if self.length == 0 {
            return Ok(false);
        }
        let mut last = [0];
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        Ok(last != *b"\n")
    }

    /// Whether the file is still where lines are expected.
    fn is_at(&self, path: &Path) -> bool {
        let there = fs::metadata(path).map(|found| (found.dev(), found.ino()));
        let ours = self.file.metadata().map(|found| (found.dev(), found.ino()));
        matches!((there, ours), (Ok(there), Ok(ours)) if there == ours)
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines);
        match written {
            Ok(()) => self.length += lines.len() as u64,
            // A device has no length to go back to; then this fails and matters to nobody.
            Err(_) => drop(self.file.set_len(self.length)),
        }
        written
    }
}

/// Moves each file to the next number; the last one goes.
fn rotate(settings: &Rotation) -> io::Result<()> {
    for (from, to) in moves(&settings.path, settings.kept_files) {
        let moved = match to {
            Some(to) => fs::rename(&from, to),
            None => fs::remove_file(&from),
        };
        match moved {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved?,
        }
    }
    Ok(())
}

/// The path of the file that was the present one so many rotations ago.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// What a rotation does, in order: from where to where, or away.
fn moves(path: &Path, kept: u32) -> Vec<(PathBuf, Option<PathBuf>)> {
    (0..=kept)
        .rev()
        .map(|number| {
            let to = (number < kept).then(|| numbered(path, number + 1));
            (numbered(path, number), to)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(folder: &Path, max_bytes: u64, kept_files: u32) -> RotatingFile {
        let settings = Rotation {
            path: folder.join("log"),
            max_bytes,
            kept_files,
        };
        RotatingFile::open(settings).unwrap()
    }

    fn found(folder: &Path) -> Vec<(String, String)> {
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read_to_string(path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    fn expect(folder: &Path, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(found(folder), expected);
    }

    #[test]
    fn a_full_file_moves_on_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log(folder.path(), 4, 2);
        log.append(b"a\n").unwrap();
        log.append(b"b\n").unwrap();
        expect(folder.path(), &[("log", "a\nb\n")]);
        for line in [b"c\n", b"d\n", b"e\n", b"f\n"] {
            log.append(line).unwrap();
        }
        expect(
            folder.path(),
            &[("log", "e\nf\n"), ("log.1", "c\nd\n"), ("log.2", "a\nb\n")],
        );
        log.append(b"long line\n").unwrap();
        expect(
            folder.path(),
            &[
                ("log", "long line\n"),
                ("log.1", "e\nf\n"),
                ("log.2", "c\nd\n"),
            ],
        );
    }

    #[test]
    fn none_but_the_present_file_may_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log(folder.path(), 2, 0);
        log.append(b"a\n").unwrap();
        log.append(b"b\n").unwrap();
        expect(folder.path(), &[("log", "b\n")]);
    }

    #[test]
    fn a_file_that_was_moved_away_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = log(folder.path(), 100, 1);
        log.append(b"a\n").unwrap();
        fs::rename(folder.path().join("log"), folder.path().join("old")).unwrap();
        log.append(b"b\n").unwrap();
        expect(folder.path(), &[("log", "b\n"), ("old", "a\n")]);
    }

    #[test]
    fn a_former_file_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        log(folder.path(), 4, 1).append(b"a\n").unwrap();
        let mut log = log(folder.path(), 4, 1);
        log.append(b"b\n").unwrap();
        log.append(b"c\n").unwrap();
        expect(folder.path(), &[("log", "c\n"), ("log.1", "a\nb\n")]);
    }

    #[test]
    fn a_line_that_a_crash_cut_is_ended_before_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("log"), "whole\nto").unwrap();
        let mut log = log(folder.path(), 100, 1);
        log.append(b"b\n").unwrap();
        expect(folder.path(), &[("log", "whole\nto\nb\n")]);
    }
}
