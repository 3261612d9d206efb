//! Tables for people.

use comfy_table::{Table as Grid, presets};
use serde_json::{Map, Value};

/// Rows under headings, or one object's fields below each other.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// One row for each thing.
    pub(crate) fn list(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        Self {
            header: header.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.into_iter().collect(),
        }
    }

    /// One object, a name and a value in each row: first the fields named in `first`, then the others. What is empty is
    /// left out.
    pub(crate) fn object(value: &Value, first: &[&str]) -> Self {
        let none = Map::new();
        let object = value.as_object().unwrap_or(&none);
        let others = object
            .keys()
            .map(String::as_str)
            .filter(|name| !first.contains(name));
        let names = first.iter().copied().chain(others);
        let rows = names.filter_map(|name| {
            let value = cell(object.get(name)?);
            (!value.is_empty()).then(|| vec![name.to_owned(), value])
        });
        Self {
            header: Vec::new(),
            rows: rows.collect(),
        }
    }

    /// The table that suits a value of any shape.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Array(items) if items.iter().any(Value::is_object) => Self::of_objects(items),
            Value::Array(items) => Self {
                header: Vec::new(),
                rows: items.iter().map(|item| vec![cell(item)]).collect(),
            },
            Value::Object(_) => Self::object(value, &[]),
            value => Self {
                header: Vec::new(),
                rows: vec![vec![cell(value)]],
            },
        }
    }

    fn of_objects(items: &[Value]) -> Self {
        let mut names: Vec<&String> = items
            .iter()
            .filter_map(Value::as_object)
            .flat_map(Map::keys)
            .collect();
        names.sort_unstable();
        names.dedup();
        let row = |item: &Value| {
            names
                .iter()
                .map(|name| cell(&item[name.as_str()]))
                .collect()
        };
        Self {
            header: names.iter().map(|name| name.to_uppercase()).collect(),
            rows: items.iter().map(row).collect(),
        }
    }

    /// The table as text, each line ended; nothing at all for a list without entries.
    pub(crate) fn render(&self) -> String {
        if self.rows.is_empty() && self.header.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING);
        if !self.header.is_empty() {
            grid.set_header(&self.header);
        }
        grid.add_rows(&self.rows);
        for column in grid.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let mut text = String::new();
        for line in grid.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A value in one line: maps as `key=value`, nothing for null.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(map)
            if map
                .values()
                .all(|value| !value.is_object() && !value.is_array()) =>
        {
            map.iter()
                .map(|(key, value)| format!("{key}={}", cell(value)))
                .collect::<Vec<_>>()
                .join(" ")
        }
        value => value.to_string(),
    }
}
