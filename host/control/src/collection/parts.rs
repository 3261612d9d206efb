//! The files that collected lines are in: each a row of zstd frames, all together within a bound.
//!
//! A frame is appended by one write. What a crash left of the last one is cut off before anything follows it, so that a file is
//! whole frames for every program that reads zstd.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde::Serialize;
use zstd::{bulk::Compressor, zstd_safe};

use super::names;
use crate::data_dir::make_private_folder;

/// The size in bytes at which the next file of an hour begins: what a reader decompresses in a tenth of a second.
const FULL_PART: u64 = 16 << 20;
/// What zstd itself takes for the best of speed and size.
const LEVEL: i32 = 3;

/// Whether an endpoint has a deployment, by their names.
pub(crate) type IsThere = Box<dyn Fn(&str, &str) -> bool + Send>;

/// Files that were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Removed {
    /// How many.
    pub(crate) files: u64,
    /// Their lengths together.
    pub(crate) bytes: u64,
}

/// A file: its hour, its number in it, and its path below the folder of all collections.
type Key = (String, u32, PathBuf);

/// All files, and the bound on them.
pub(super) struct Parts {
    folder: PathBuf,
    max_bytes: u64,
    is_there: IsThere,
    /// The length of each file, the oldest first.
    index: BTreeMap<Key, u64>,
    total: u64,
    /// The file of each hour that is being written.
    open: HashMap<PathBuf, u32>,
}

impl Parts {
    /// The files that are in `folder`. What else is there is left alone.
    pub(super) fn open(folder: PathBuf, max_bytes: u64, is_there: IsThere) -> io::Result<Self> {
        let mut parts = Self {
            folder,
            max_bytes,
            is_there,
            index: BTreeMap::new(),
            total: 0,
            open: HashMap::new(),
        };
        for (path, length) in files(&parts.folder)? {
            parts.note(&path, length);
        }
        parts.make_room()?;
        Ok(parts)
    }

    /// Appends whole lines to the files of `hour`, a folder below that of all collections; then makes room for them.
    ///
    /// # Errors
    ///
    /// If the disk refuses; then nothing was appended.
    pub(super) fn append(&mut self, hour: PathBuf, lines: &[u8]) -> io::Result<()> {
        let frame = compressed(lines)?;
        let path = self.part(&hour)?;
        let length = append(&self.folder.join(&path), &frame).inspect_err(|_| {
            // It may be gone, or not as long as was believed: looked at anew next time.
            self.open.remove(&hour);
        })?;
        self.note(&path, length);
        self.make_room()
    }

    /// The file of an hour to append to.
    fn part(&mut self, hour: &Path) -> io::Result<PathBuf> {
        let number = match self.open.get(hour) {
            Some(number) => *number,
            None => {
                make_private_folder(&self.folder.join(hour))?;
                let number = last_part(&self.folder.join(hour))?.unwrap_or(1);
                let path = hour.join(names::part(number));
                let length = cut_torn_tail(&self.folder.join(&path))?;
                self.note(&path, length);
                // Hours do not come back: what was open before is done with.
                self.open.retain(|open, _| same_time(open, hour));
                number
            }
        };
        let path = hour.join(names::part(number));
        let is_full = self.length(&path).is_some_and(|length| length >= FULL_PART);
        let number = number + u32::from(is_full);
        self.open.insert(hour.to_owned(), number);
        Ok(hour.join(names::part(number)))
    }

    fn length(&self, path: &Path) -> Option<u64> {
        let (time, number) = names::age(path)?;
        self.index.get(&(time, number, path.to_owned())).copied()
    }

    fn note(&mut self, path: &Path, length: u64) {
        if let Some((time, number)) = names::age(path) {
            let former = self.index.insert((time, number, path.to_owned()), length);
            self.total = self.total - former.unwrap_or(0) + length;
        }
    }

    /// Removes files until the rest keep the bound: the oldest of deployments that are gone, then the oldest of all.
    fn make_room(&mut self) -> io::Result<()> {
        while self.total > self.max_bytes
            && let Some(next) = self.next_to_go()
        {
            self.remove_part(&next)?;
        }
        Ok(())
    }

    fn next_to_go(&self) -> Option<Key> {
        let is_gone = |(_, _, path): &&Key| {
            let owner = names::owner(path);
            owner.is_some_and(|(endpoint, deployment)| !(self.is_there)(endpoint, deployment))
        };
        let gone = self.index.keys().find(is_gone);
        gone.or_else(|| self.index.keys().next()).cloned()
    }

    /// Removes every file below `folder`, itself below that of all collections.
    ///
    /// # Errors
    ///
    /// If the disk refuses; what was removed before that is gone.
    pub(super) fn remove(&mut self, folder: &Path) -> io::Result<Removed> {
        let below = |(_, _, path): &&Key| path.starts_with(folder);
        let keys: Vec<Key> = self.index.keys().filter(below).cloned().collect();
        let mut removed = Removed::default();
        for key in keys {
            removed.bytes += self.remove_part(&key)?;
            removed.files += 1;
        }
        Ok(removed)
    }

    /// Removes a file, and returns how long it was.
    fn remove_part(&mut self, key: &Key) -> io::Result<u64> {
        let (_, _, path) = key;
        match fs::remove_file(self.folder.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
        let length = self.index.remove(key).unwrap_or(0);
        self.total -= length;
        if let Some(hour) = path.parent() {
            self.open.remove(hour);
        }
        remove_empty_folders(&self.folder, path);
        Ok(length)
    }
}

/// Whether two folders are of the same hour, whatever they belong to.
fn same_time(one: &Path, other: &Path) -> bool {
    let time = |path: &Path| {
        path.iter()
            .skip(3)
            .map(ToOwned::to_owned)
            .collect::<PathBuf>()
    };
    time(one) == time(other)
}

/// Every part below `folder` with its length in bytes, by its path below it.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in entries(&folder.join(&below))? {
            let path = below.join(entry.file_name());
            // Links are not followed: what they lead to is not ours to remove.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && names::age(&path).is_some() {
                found.push((path, entry.metadata()?.len()));
            }
        }
    }
    Ok(found)
}

/// What is in `folder`; nothing if it is not there.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The number of the last part in the folder of an hour.
fn last_part(hour: &Path) -> io::Result<Option<u32>> {
    let entries = entries(hour)?;
    let numbers = entries
        .iter()
        .filter_map(|entry| names::part_number(entry.file_name().to_str()?));
    Ok(numbers.max())
}

fn compressed(lines: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = Compressor::new(LEVEL)?;
    // A frame whose bytes a crash left as they were on the disk before is known by it.
    compressor.include_checksum(true)?;
    compressor.compress(lines)
}

/// Appends a frame and returns the file's new length.
fn append(path: &Path, frame: &[u8]) -> io::Result<u64> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    let before = file.metadata()?.len();
    let written = file.write_all(frame);
    if written.is_err() {
        // A disk that does not take this back either leaves a torn tail; it is cut off before the next frame.
        drop(file.set_len(before));
    }
    written.map(|()| before + frame.len() as u64)
}

/// Cuts off what a crash left of a last frame, and returns the length of the rest; 0 if there is no file.
fn cut_torn_tail(path: &Path) -> io::Result<u64> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let whole: usize = frames(&bytes).map(<[u8]>::len).sum();
    if whole < bytes.len() {
        File::options()
            .write(true)
            .open(path)?
            .set_len(whole as u64)?;
    }
    Ok(whole as u64)
}

/// The whole frames at the beginning of `bytes`.
pub(super) fn frames(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = zstd_safe::find_frame_compressed_size(rest).ok()?;
        let (frame, after) = rest.split_at_checked(length).filter(|_| length > 0)?;
        rest = after;
        Some(frame)
    })
}

/// Removes the folders above a file that are empty now.
fn remove_empty_folders(folder: &Path, file: &Path) {
    let above = file.ancestors().skip(1);
    for path in above.take_while(|path| !path.as_os_str().is_empty()) {
        // One that is not empty refuses, and so do all above it.
        if fs::remove_dir(folder.join(path)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
