//! The metrics as a scraper reads them.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::fail;

/// One line of the exposition.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The metric's name, with the suffix that histograms add.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

/// One scrape.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    samples: Vec<Sample>,
    types: BTreeMap<String, String>,
}

impl Metrics {
    /// Reads the Prometheus text format. Fails the test at a line that is not in it.
    pub fn parse(text: &str) -> Self {
        let mut metrics = Self {
            samples: Vec::new(),
            types: BTreeMap::new(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if let Some(comment) = line.strip_prefix('#') {
                if let Some((name, kind)) = comment
                    .strip_prefix(" TYPE ")
                    .and_then(|of| of.split_once(' '))
                {
                    metrics.types.insert(name.to_owned(), kind.to_owned());
                }
                continue;
            }
            match sample(line) {
                Some(sample) => metrics.samples.push(sample),
                None => fail(format!("not a line of Prometheus text: {line:?}")),
            }
        }
        metrics
    }

    /// All lines.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The type that the scrape declares for a metric: `counter`, `gauge`, `histogram`.
    pub fn kind(&self, name: &str) -> Option<&str> {
        self.types.get(name).map(String::as_str)
    }

    /// The sum of the samples of `name` that have all of `labels`; 0 if there are none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.select(name, labels).map(|sample| sample.value).sum()
    }

    /// As [`Metrics::sum`], for what counts whole things. Fails the test if the sum is no whole number.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a small whole number"
    )]
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let sum = self.sum(name, labels);
        if sum < 0.0 || sum.fract() != 0.0 || sum > 1e15 {
            fail(format!("{name} {labels:?} is {sum}"));
        }
        sum as u64
    }

    /// The names of the labels that samples of `name` carry.
    pub fn label_names(&self, name: &str) -> BTreeSet<&str> {
        self.select(name, &[])
            .flat_map(|sample| sample.labels.keys().map(String::as_str))
            .collect()
    }

    /// The samples of `name` that have all of `labels`.
    pub fn select<'a>(
        &'a self,
        name: &str,
        labels: &[(&str, &str)],
    ) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| {
            let has = |(label, value): &(&str, &str)| {
                sample
                    .labels
                    .get(*label)
                    .is_some_and(|found| found == value)
            };
            sample.name == name && labels.iter().all(has)
        })
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (series, value) = match line.find('}') {
        Some(end) => line.split_at(end + 1),
        None => line.split_at(line.find(' ')?),
    };
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, parse_labels(labels.strip_suffix('}')?)?),
        None => (series, BTreeMap::new()),
    };
    Some(Sample {
        name: name.to_owned(),
        labels,
        value: value.split_whitespace().next()?.parse().ok()?,
    })
}

/// Values of this platform hold neither quotes nor commas: names and fixed words only.
fn parse_labels(text: &str) -> Option<BTreeMap<String, String>> {
    text.split(',')
        .filter(|label| !label.is_empty())
        .map(|label| {
            let (name, value) = label.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrape_is_read() {
        let metrics = Metrics::parse(
            "# HELP a_total Things.\n# TYPE a_total counter\na_total{x=\"1\",y=\"b\"} 2\na_total{x=\"2\"} 3\nb 0.5\n# EOF\n",
        );
        assert_eq!(metrics.count("a_total", &[]), 5);
        assert_eq!(metrics.count("a_total", &[("x", "1"), ("y", "b")]), 2);
        assert_eq!(metrics.count("a_total", &[("x", "3")]), 0);
        assert_eq!(metrics.kind("a_total"), Some("counter"));
        assert_eq!(metrics.label_names("a_total"), BTreeSet::from(["x", "y"]));
        assert!(metrics.sum("b", &[]) > 0.4);
    }

    #[test]
    #[should_panic(expected = "not a line")]
    fn a_broken_line_is_noticed() {
        Metrics::parse("a_total{x=\"1\" 2\n");
    }
}
