//! Prometheus' text format, as far as this server writes it.
//!
//! A line that is not understood is left out: an older `top` works with a newer server.

use std::collections::BTreeMap;

/// The samples of one page.
#[derive(Clone, Debug, Default)]
pub(super) struct Exposition {
    samples: Vec<Sample>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
}

impl Exposition {
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self {
            samples: lines.filter_map(sample).collect(),
        }
    }

    /// The samples of a family.
    pub(super) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sample> {
        self.samples
            .iter()
            .filter(move |sample| sample.name == name)
    }
}

impl Sample {
    /// The value of a label; nothing if it has none.
    pub(super) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    Some(Sample {
        name: name.to_owned(),
        // Names and words from fixed lists: no comma and no quote is in any of them.
        labels: labels.split(',').filter_map(label).collect(),
        value: value.parse().ok()?,
    })
}

fn label(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    Some((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_and_everything_else_is_left_out() {
        let text = "# HELP a Something.\n# TYPE a counter\na{x=\"1\",le=\"+Inf\"} 3\nb 0.5\n\nnonsense\nc{x=} z\n";
        let page = Exposition::parse(text);
        let a: Vec<_> = page.of("a").collect();
        assert_eq!(
            (a.len(), a[0].label("x"), a[0].label("le"), a[0].value),
            (1, "1", "+Inf", 3.0)
        );
        assert_eq!(a[0].label("none"), "");
        assert_eq!(page.of("b").map(|sample| sample.value).sum::<f64>(), 0.5);
        assert_eq!(page.of("c").count(), 0);
    }
}
