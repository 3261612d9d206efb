//! The text format's lines.

use std::fmt::{self, Write as _};

use mlwasm_routing::{Histogram, meters::BUCKETS};

/// A page of metrics, written family by family.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// Begins a family. All its samples must follow before the next one begins.
    pub(super) fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// One value; `labels` as they stand between the braces.
    pub(super) fn sample(&mut self, name: &str, labels: &str, value: impl fmt::Display) {
        if labels.is_empty() {
            self.line(format_args!("{name} {value}\n"));
        } else {
            self.line(format_args!("{name}{{{labels}}} {value}\n"));
        }
    }

    /// The lines of one histogram.
    pub(super) fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram) {
        // One reading for all lines: buckets, `+Inf` and count must agree.
        let buckets = histogram.buckets();
        let mut sum = 0;
        for (bound, count) in BUCKETS.iter().zip(buckets) {
            sum += count;
            self.line(format_args!(
                "{name}_bucket{{{labels},le=\"{bound}\"}} {sum}\n"
            ));
        }
        let count: u64 = buckets.iter().sum();
        self.line(format_args!(
            "{name}_bucket{{{labels},le=\"+Inf\"}} {count}\n"
        ));
        self.line(format_args!(
            "{name}_sum{{{labels}}} {}\n",
            histogram.sum().as_secs_f64()
        ));
        self.line(format_args!("{name}_count{{{labels}}} {count}\n"));
    }

    /// The page.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        self.text.write_fmt(line).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_histogram_adds_its_buckets_up() {
        let histogram = Histogram::default();
        for ms in [1, 1, 30_000] {
            histogram.observe(Duration::from_millis(ms));
        }
        let mut page = Page::default();
        page.histogram("x_seconds", "a=\"b\"", &histogram);
        for line in [
            "x_seconds_bucket{a=\"b\",le=\"0.00005\"} 0",
            "x_seconds_bucket{a=\"b\",le=\"0.001\"} 2",
            "x_seconds_bucket{a=\"b\",le=\"10\"} 2",
            "x_seconds_bucket{a=\"b\",le=\"+Inf\"} 3",
            "x_seconds_sum{a=\"b\"} 30.002",
            "x_seconds_count{a=\"b\"} 3",
        ] {
            assert!(
                page.text.lines().any(|found| found == line),
                "{line}\n{}",
                page.text
            );
        }
    }
}
