//! The documents of a YAML file.
//!
//! Each is read by itself, with the lines before it left blank: what is wrong is then found at its line of the file.

/// One document of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// The line of the file that its first key stands on, from 1.
    pub(super) line: usize,
    /// Its text, after as many empty lines as are before it in the file.
    pub(super) text: String,
}

/// The documents of `text` that say anything. A line that begins with `---` ends one: within a text block it would be
/// indented.
pub(super) fn split(text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut open = String::new();
    for (before, line) in text.lines().enumerate() {
        if is_marker(line) {
            documents.extend(document(&open));
            open = "\n".repeat(before);
        }
        open.push_str(line);
        open.push('\n');
    }
    documents.extend(document(&open));
    documents
}

fn document(text: &str) -> Option<Document> {
    let says_nothing = |line: &str| {
        let line = line.trim();
        line.is_empty() || line.starts_with(['#', '%']) || line == "---" || line == "..."
    };
    let before = text.lines().position(|line| !says_nothing(line))?;
    Some(Document {
        line: before + 1,
        text: text.to_owned(),
    })
}

fn is_marker(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_keeps_its_lines() {
        for (text, expected) in [
            ("name: a\n", vec![(1, "name: a\n")]),
            (
                "# one\nname: a\n---\nname: b\n",
                vec![(2, "# one\nname: a\n"), (4, "\n\n---\nname: b\n")],
            ),
            (
                "---\nname: a\n---\n# nothing\n",
                vec![(2, "---\nname: a\n")],
            ),
            (
                "%YAML 1.2\n--- # a\nname: a\n",
                vec![(2, "\n--- # a\nname: a\n")],
            ),
            (
                "text: |\n  ---\n  b\n----: c\n",
                vec![(1, "text: |\n  ---\n  b\n----: c\n")],
            ),
            ("", vec![]),
            ("---\n---\n\n", vec![]),
        ] {
            let found = split(text);
            let found: Vec<_> = found.iter().map(|it| (it.line, it.text.as_str())).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
