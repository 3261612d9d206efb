//! The line of a document that a setting stands on, for errors that are found when the document has long been read.
//!
//! Made for the block form of YAML. What it does not find, such as a key between braces, is pointed at by the line of what holds it.

/// The line of `setting`, a path as in `sandbox.memory_limit_mb`, or of the innermost part of it that is found; none if not even the
/// first is.
pub(super) fn line_of(document: &str, setting: &str) -> Option<usize> {
    let mut found = None;
    let mut above: Option<Line<'_>> = None;
    for key in setting.split('.') {
        let Some(line) = below(document, above).find(|line| line.has_key(key)) else {
            break;
        };
        found = Some(line.number);
        above = Some(line);
    }
    found
}

#[derive(Clone, Copy)]
struct Line<'a> {
    /// From 1.
    number: usize,
    indent: usize,
    text: &'a str,
}

impl Line<'_> {
    fn has_key(&self, key: &str) -> bool {
        let quotes = ['"', '\''];
        let text = self.text.trim_start_matches(quotes);
        let rest = text.strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start_matches(quotes).starts_with(':'))
    }
}

/// The lines that hold the keys of the map that begins after `above`; those of the document if there is none.
fn below<'a>(document: &'a str, above: Option<Line<'a>>) -> impl Iterator<Item = Line<'a>> {
    let after = above.map_or(0, |line| line.number);
    let lines = document.lines().enumerate().skip(after);
    let lines = lines.map(|(index, line)| Line {
        number: index + 1,
        indent: line.len() - line.trim_start().len(),
        text: line.trim_start(),
    });
    let says_something =
        |line: &Line<'_>| !(line.text.is_empty() || line.text.starts_with(['#', '-', '%']));
    let is_inside = move |line: &Line<'_>| above.is_none_or(|above| line.indent > above.indent);
    let mut depth = None;
    lines
        .filter(says_something)
        .take_while(is_inside)
        .filter(move |line| *depth.get_or_insert(line.indent) == line.indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_by_its_path_and_else_what_holds_it() {
        let document = "\n---\n# a deployment\nname: b\nsandbox:\n  # limits\n  memory_limit_mb: 1\n\n  max_handles: 2\n\
            request_settings: {max_queue_wait_ms: 1}\ndata_collector:\n    collections:\n        request: {enabled: true}\n    \"max_bytes\": 0\n";
        for (setting, line) in [
            ("name", Some(4)),
            ("sandbox", Some(5)),
            ("sandbox.memory_limit_mb", Some(7)),
            ("sandbox.max_handles", Some(9)),
            ("sandbox.max_infer_calls", Some(5)),
            ("request_settings.max_queue_wait_ms", Some(10)),
            ("data_collector.max_bytes", Some(14)),
            ("data_collector.collections.request", Some(13)),
            // A key of another map.
            ("max_handles", None),
            ("sandbox.collections", Some(5)),
            ("nothing", None),
            ("", None),
        ] {
            assert_eq!(line_of(document, setting), line, "{setting}");
        }
    }
}
