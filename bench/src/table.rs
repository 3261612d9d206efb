//! The one table that is printed at the end.

use comfy_table::presets::ASCII_MARKDOWN;

use crate::pair::{Turn, median};

/// Rows of measured pairs.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(crate) fn new() -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(ASCII_MARKDOWN).set_header([
            "measure",
            "mlwasm",
            "floor",
            "ratio (median of turns)",
            "least to most",
        ]);
        Self(table)
    }

    /// Adds a pair whose ratio is what counts.
    pub(crate) fn pair(&mut self, measure: &str, unit: &str, turns: &[Turn]) {
        let ratio = |turn: &Turn| turn.ours / turn.floor;
        let ratios = || turns.iter().map(ratio);
        let least = ratios().fold(f64::INFINITY, f64::min);
        let most = ratios().fold(0.0, f64::max);
        self.0.add_row([
            measure.to_owned(),
            format!("{:.1} {unit}", median(turns, |turn| turn.ours)),
            format!("{:.1} {unit}", median(turns, |turn| turn.floor)),
            format!("{:.2}", median(turns, ratio)),
            format!("{least:.2} to {most:.2}"),
        ]);
    }

    /// Adds a figure that has no counterpart.
    pub(crate) fn figure(&mut self, measure: &str, unit: &str, samples: &[f64]) {
        let turns: Vec<_> = samples
            .iter()
            .map(|ours| Turn {
                ours: *ours,
                floor: 1.0,
            })
            .collect();
        let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
        let most = samples.iter().copied().fold(0.0, f64::max);
        self.0.add_row([
            measure.to_owned(),
            format!("{:.1} {unit}", median(&turns, |turn| turn.ours)),
            String::new(),
            String::new(),
            format!("{least:.1} to {most:.1} {unit}"),
        ]);
    }

    #[expect(clippy::print_stdout, reason = "this is the benchmark's output")]
    pub(crate) fn print(&self) {
        println!("{}", self.0);
    }
}
