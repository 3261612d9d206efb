//! Reading lines back. A line that is no line of a log, as a power cut may leave one, is passed over.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use mlwasm_sandbox::Rotation;
use mlwasm_types::api::LogLine;

/// What is read of the end of a log, in bytes: more than a log in memory holds.
const MOST_READ: u64 = 4 << 20;
/// What is sure to hold a last line: 64 KiB of text, at worst twice as long with its escapes.
const LAST_LINE: u64 = 256 << 10;

/// The number of the last line; 0 if there is none.
pub(super) fn last_sequence(rotation: &Rotation) -> u64 {
    let last = |path: std::path::PathBuf| {
        let lines = tail(&path, LAST_LINE).ok()?;
        lines.last().map(|line| line.sequence)
    };
    rotation.files().find_map(last).unwrap_or(0)
}

/// The last lines up to the number `last`, oldest first.
pub(super) fn last_lines(rotation: &Rotation, last: u64) -> Vec<LogLine> {
    let mut left = MOST_READ;
    let mut newest_first = Vec::new();
    for file in rotation.files() {
        // One that is gone or can not be read has no lines; the others still do.
        let lines = tail(&file, left).unwrap_or_default();
        left = left.saturating_sub(lines.iter().map(|line| line.text.len() as u64).sum());
        let wanted = lines.into_iter().rev().filter(|line| line.sequence <= last);
        newest_first.extend(wanted);
        if left == 0 {
            break;
        }
    }
    newest_first.reverse();
    newest_first
}

/// The lines in the last `most` bytes of a file, oldest first.
fn tail(path: &Path, most: u64) -> io::Result<Vec<LogLine>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    let lines = bytes.split(|byte| *byte == b'\n');
    // What begins in the middle of a line is none either.
    Ok(lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}
