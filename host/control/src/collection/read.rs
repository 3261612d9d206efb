//! The last lines of a collection.
//!
//! Files are read from the youngest back, and no further than needed. What can not be read, a torn frame or a file that was just
//! removed for being old, is passed over.

use std::{fs, io, path::Path};

use mlwasm_types::CollectedLine;

use super::{
    names,
    parts::{entries, frames},
};

/// Bytes of lines that are shown at once; fewer lines are shown if these are more.
const MOST_BYTES: usize = 16 << 20;
/// Years, months, days and hours.
const LEVELS: usize = 4;

/// Lines as they are found: the last one first.
struct Found {
    lines: Vec<CollectedLine>,
    bytes: usize,
    most: usize,
}

/// The last `most` lines below the folder of a collection, oldest first.
pub(super) fn last(folder: &Path, most: usize) -> io::Result<Vec<CollectedLine>> {
    let mut found = Found {
        lines: Vec::new(),
        bytes: 0,
        most,
    };
    descend(folder, LEVELS, &mut found)?;
    found.lines.reverse();
    Ok(found.lines)
}

fn descend(folder: &Path, levels: usize, found: &mut Found) -> io::Result<()> {
    let mut names: Vec<_> = entries(folder)?
        .into_iter()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    if levels == 0 {
        let mut numbers: Vec<u32> = names
            .iter()
            .filter_map(|name| names::part_number(name))
            .collect();
        numbers.sort_unstable();
        for number in numbers.into_iter().rev() {
            if found.is_enough() {
                return Ok(());
            }
            found.take_file(&folder.join(names::part(number)))?;
        }
        return Ok(());
    }
    names.sort_unstable();
    for name in names.into_iter().rev() {
        if found.is_enough() {
            return Ok(());
        }
        let below = folder.join(name);
        if below.is_dir() {
            descend(&below, levels - 1, found)?;
        }
    }
    Ok(())
}

impl Found {
    fn is_enough(&self) -> bool {
        self.lines.len() >= self.most || self.bytes >= MOST_BYTES
    }

    fn take_file(&mut self, path: &Path) -> io::Result<()> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let frames: Vec<&[u8]> = frames(&bytes).collect();
        for frame in frames.into_iter().rev() {
            if self.is_enough() {
                break;
            }
            self.take_frame(&zstd::decode_all(frame).unwrap_or_default());
        }
        Ok(())
    }

    fn take_frame(&mut self, lines: &[u8]) {
        for line in lines.rsplit(|byte| *byte == b'\n') {
            if self.is_enough() {
                return;
            }
            if let Ok(read) = serde_json::from_slice(line) {
                self.bytes += line.len();
                self.lines.push(read);
            }
        }
    }
}
