//! Progress of long work: a moving line where a person watches standard error, nothing elsewhere.

use std::{
    io::{self, Read},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// A step that is under way. Its moving line goes away when it is dropped.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A step of unknown length.
    pub(crate) fn step(text: String) -> Self {
        Self::start(
            text,
            ProgressBar::new_spinner(),
            "{spinner} {msg} ({elapsed})",
        )
    }

    /// A transfer of `length` bytes.
    pub(crate) fn transfer(text: String, length: u64) -> Self {
        Self::start(
            text,
            ProgressBar::new(length),
            "{spinner} {msg} [{bar:24}] {bytes}/{total_bytes}",
        )
    }

    fn start(text: String, bar: ProgressBar, template: &str) -> Self {
        if !output::is_watched() {
            return Self { bar: None };
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(text);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar: Some(bar) }
    }

    /// Says that the step is now this, and counts its time from here.
    pub(crate) fn next(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
            bar.reset_elapsed();
        }
    }

    /// A reader that moves the line as it is read.
    pub(crate) fn reader<R: Read>(&self, reader: R) -> impl Read + use<R> {
        Counted {
            reader,
            bar: self.bar.clone(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

struct Counted<R> {
    reader: R,
    bar: Option<ProgressBar>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        if let Some(bar) = &self.bar {
            bar.inc(read as u64);
        }
        Ok(read)
    }
}
