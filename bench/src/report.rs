//! What was measured, as one table (or as JSON): each row with its target and whether it was reached.

use std::fmt;

use comfy_table::presets::ASCII_MARKDOWN;
use serde::Serialize;

use crate::pair::{Turn, median};

/// What is measured, in which unit, and what should come out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measure {
    #[serde(rename = "measure")]
    name: String,
    unit: &'static str,
    target: Target,
}

impl Measure {
    /// A measure without a target: it explains another one.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            unit,
            target: Target::None,
        }
    }

    /// The same measure, whose result should be this or more.
    pub(crate) fn at_least(mut self, least: f64) -> Self {
        self.target = Target::AtLeast(least);
        self
    }

    /// The same measure, whose result should be this or less.
    pub(crate) fn at_most(mut self, most: f64) -> Self {
        self.target = Target::AtMost(most);
        self
    }
}

/// What a result should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Target {
    AtLeast(f64),
    AtMost(f64),
    None,
}

impl Target {
    fn is_met(self, result: f64) -> Option<bool> {
        match self {
            Self::AtLeast(least) => Some(result >= least),
            Self::AtMost(most) => Some(result <= most),
            Self::None => None,
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    measure: Measure,
    /// What mlwasm gave.
    ours: f64,
    /// What it is compared with gave.
    other: Option<f64>,
    /// What is compared with the target: a ratio, a difference, or what mlwasm gave.
    result: Quantity,
    least: f64,
    most: f64,
    is_met: Option<bool>,
}

/// A number and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
enum Quantity {
    Ratio(f64),
    Difference(f64),
    Figure(f64),
}

impl Quantity {
    fn number(self) -> f64 {
        match self {
            Self::Ratio(number) | Self::Difference(number) | Self::Figure(number) => number,
        }
    }

    /// As this one is written, another number.
    fn written(self, number: f64, unit: &str) -> String {
        match self {
            Self::Ratio(_) => format!("{number:.2} ×"),
            Self::Difference(_) => with_unit(Signed(number), unit),
            Self::Figure(_) => with_unit(Rounded(number), unit),
        }
    }
}

/// All rows, and what could not be measured.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    rows: Vec<Row>,
    failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
struct Failure {
    scenario: String,
    reason: String,
}

impl Report {
    /// Adds a pair whose ratio counts: the median over the turns.
    pub(crate) fn ratio(&mut self, measure: Measure, turns: &[Turn]) {
        let ratios: Vec<_> = turns.iter().map(|turn| turn.ours / turn.other).collect();
        self.compared(measure, turns, Quantity::Ratio, &ratios);
    }

    /// Adds a pair whose difference counts: the median over the turns.
    pub(crate) fn difference(&mut self, measure: Measure, turns: &[Turn]) {
        let differences: Vec<_> = turns.iter().map(|turn| turn.ours - turn.other).collect();
        self.compared(measure, turns, Quantity::Difference, &differences);
    }

    /// Adds a figure that has no counterpart: the median of the samples.
    pub(crate) fn figure(&mut self, measure: Measure, samples: &[f64]) {
        self.add(measure, None, Quantity::Figure(median(samples)), samples);
    }

    /// Adds a figure of which no sample may miss the target: the largest counts.
    pub(crate) fn worst(&mut self, measure: Measure, samples: &[f64]) {
        self.add(measure, None, Quantity::Figure(most(samples)), samples);
    }

    fn compared(
        &mut self,
        measure: Measure,
        turns: &[Turn],
        kind: fn(f64) -> Quantity,
        results: &[f64],
    ) {
        let column = |figure: fn(&Turn) -> f64| turns.iter().map(figure).collect::<Vec<_>>();
        let ours = median(&column(|turn| turn.ours));
        let other = median(&column(|turn| turn.other));
        self.add(measure, Some((ours, other)), kind(median(results)), results);
    }

    fn add(
        &mut self,
        measure: Measure,
        sides: Option<(f64, f64)>,
        result: Quantity,
        results: &[f64],
    ) {
        self.rows.push(Row {
            ours: sides.map_or(result.number(), |(ours, _)| ours),
            other: sides.map(|(_, other)| other),
            result,
            least: least(results),
            most: most(results),
            is_met: measure.target.is_met(result.number()),
            measure,
        });
    }

    /// Notes a scenario that could not be measured.
    pub(crate) fn failed(&mut self, scenario: &str, reason: String) {
        self.failures.push(Failure {
            scenario: scenario.to_owned(),
            reason,
        });
    }

    /// Whether every scenario was measured, whatever came out.
    pub(crate) fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        table.load_style(ASCII_MARKDOWN).set_header([
            "measure",
            "mlwasm",
            "compared with",
            "result",
            "least to most",
            "target",
            "",
        ]);
        for row in &self.rows {
            let unit = row.measure.unit;
            let range = |number| row.result.written(number, unit);
            table.add_row([
                row.measure.name.clone(),
                with_unit(Rounded(row.ours), unit),
                row.other
                    .map(|other| with_unit(Rounded(other), unit))
                    .unwrap_or_default(),
                format!("**{}**", range(row.result.number())),
                if row.least < row.most {
                    format!("{} to {}", range(row.least), range(row.most))
                } else {
                    String::new()
                },
                match row.measure.target {
                    Target::AtLeast(least) => format!("≥ {}", range(least)),
                    Target::AtMost(most) => format!("≤ {}", range(most)),
                    Target::None => String::new(),
                },
                match row.is_met {
                    Some(true) => "met".to_owned(),
                    Some(false) => "**not met**".to_owned(),
                    None => String::new(),
                },
            ]);
        }
        write!(f, "{table}")?;
        for failure in &self.failures {
            write!(
                f,
                "\n\n{} was not measured: {}",
                failure.scenario, failure.reason
            )?;
        }
        Ok(())
    }
}

/// A count has no unit.
fn with_unit(number: impl fmt::Display, unit: &str) -> String {
    format!("{number} {unit}").trim_end().to_owned()
}

fn least(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::INFINITY, f64::min)
}

fn most(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// About three digits, and thousands apart.
struct Rounded(f64);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.abs() {
            0.0 => write!(f, "0"),
            ..10.0 => write!(f, "{:.2}", self.0),
            10.0..1_000.0 => write!(f, "{:.1}", self.0),
            _ => {
                let digits = format!("{:.0}", self.0);
                let first = digits.len() % 3;
                let (head, tail) = digits.split_at(first);
                write!(f, "{head}")?;
                for (index, three) in tail.as_bytes().chunks(3).enumerate() {
                    let comma = if index > 0 || first > 0 { "," } else { "" };
                    write!(f, "{comma}{}", String::from_utf8_lossy(three))?;
                }
                Ok(())
            }
        }
    }
}

struct Signed(f64);

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0.0 { "-" } else { "+" };
        write!(f, "{sign}{}", Rounded(self.0.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns() -> [Turn; 3] {
        [(90.0, 100.0), (80.0, 100.0), (99.0, 100.0)].map(|(ours, other)| Turn { ours, other })
    }

    #[test]
    fn the_median_of_the_turns_is_held_against_the_target() {
        let mut report = Report::default();
        let measure = || Measure::new("measure", "/s");
        report.ratio(measure().at_least(0.90), &turns());
        report.ratio(measure().at_least(0.91), &turns());
        report.difference(measure().at_most(-10.0), &turns());
        report.figure(measure().at_most(3.0), &[1.0, 5.0, 3.0]);
        report.worst(measure().at_most(4.9), &[1.0, 5.0, 3.0]);
        report.figure(measure(), &[1.0]);
        let met: Vec<_> = report.rows.iter().map(|row| row.is_met).collect();
        let expected = [
            Some(true),
            Some(false),
            Some(true),
            Some(true),
            Some(false),
            None,
        ];
        assert_eq!(met, expected);
    }

    #[test]
    fn a_table_says_what_was_compared_and_what_was_not_measured() {
        let mut report = Report::default();
        report.ratio(Measure::new("echo", "/s").at_least(0.95), &turns());
        report.difference(Measure::new("more", "µs").at_most(1.5), &turns());
        report.figure(Measure::new("memory", "KiB"), &[90_123.4]);
        report.failed("idle", "no server".to_owned());
        insta::assert_snapshot!(report.to_string(), @"
        | measure | mlwasm     | compared with | result         | least to most        | target     |             |
        |---------|------------|---------------|----------------|----------------------|------------|-------------|
        | echo    | 90.0 /s    | 100.0 /s      | **0.90 ×**     | 0.80 × to 0.99 ×     | ≥ 0.95 ×   | **not met** |
        | more    | 90.0 µs    | 100.0 µs      | **-10.0 µs**   | -20.0 µs to -1.00 µs | ≤ +1.50 µs | met         |
        | memory  | 90,123 KiB |               | **90,123 KiB** |                      |            |             |

        idle was not measured: no server
        ");
    }

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.0, "0"),
            (0.123, "0.12"),
            (12.345, "12.3"),
            (999.0, "999.0"),
            (1_000.0, "1,000"),
            (123_456.7, "123,457"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(Rounded(number).to_string(), text);
        }
        assert_eq!(Signed(-0.5).to_string(), "-0.50");
        assert_eq!(Signed(1.5).to_string(), "+1.50");
    }
}
