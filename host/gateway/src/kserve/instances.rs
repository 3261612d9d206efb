//! Rows of JSON, each an instance, into one tensor for each input.

use std::fmt;

use mlwasm_sandbox::NamedTensor;
use mlwasm_types::{Signature, TensorSpec};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::v2::{Elements, Malformed, check_has_json, check_position, shown};

/// The inputs that `json` holds, for a scorer of this signature. They are of its types; their shapes are for the caller to
/// check.
pub(crate) fn read(json: &[u8], signature: &Signature) -> Result<Vec<NamedTensor>, Malformed> {
    let mut columns = Vec::with_capacity(signature.inputs.len());
    // An element takes two bytes of JSON at least, and comes to eight at most.
    let room = json.len().saturating_mul(4) / signature.inputs.len().max(1);
    for spec in &signature.inputs {
        columns.push(Column::new(spec, room)?);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let rows = Body {
        columns: &mut columns,
        specs: &signature.inputs,
    }
    .deserialize(&mut deserializer)
    .and_then(|rows| deserializer.end().map(|()| rows))
    .map_err(|error| Malformed(error.to_string()))?;
    columns
        .into_iter()
        .map(|column| column.into_tensor(rows))
        .collect()
}

/// One input while its rows are read.
struct Column<'a> {
    spec: &'a TensorSpec,
    elements: Elements,
    /// The dimensions of a row, as the first one has them; the rest must agree.
    dimensions: Vec<Option<u32>>,
}

impl<'a> Column<'a> {
    fn new(spec: &'a TensorSpec, room: usize) -> Result<Self, Malformed> {
        let told = |what: &str| {
            let name = &spec.name;
            Malformed(format!("input {name:?} {what}: ask over /v2"))
        };
        check_has_json(spec.element).map_err(|_| told("has no form in JSON"))?;
        if spec.is_of_any_shape() {
            return Err(told("is of any shape, so that its rows can not be told"));
        }
        let (_, row) = spec
            .shape
            .split_first()
            .ok_or_else(|| told("has no rows"))?;
        Ok(Self {
            spec,
            elements: Elements::new(spec.element, room),
            dimensions: row.to_vec(),
        })
    }

    fn into_tensor(self, rows: u32) -> Result<NamedTensor, Malformed> {
        let sizes = self.dimensions.into_iter();
        let mut shape = vec![rows];
        // Of no rows, a free dimension has any size.
        shape.extend(sizes.map(Option::unwrap_or_default));
        Ok(NamedTensor {
            name: self.spec.name.clone(),
            element: self.spec.element,
            shape,
            data: self.elements.bytes.into(),
        })
    }
}

struct Body<'s, 'a> {
    columns: &'s mut Vec<Column<'a>>,
    specs: &'s [TensorSpec],
}

impl<'de> DeserializeSeed<'de> for Body<'_, '_> {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_, '_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body to be an object with `instances`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u32, A::Error> {
        let Self { columns, specs } = self;
        let mut rows = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != "instances" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let instances = Instances {
                columns: &mut *columns,
                specs,
            };
            if rows.replace(map.next_value_seed(instances)?).is_some() {
                return Err(A::Error::custom("instances: given twice"));
            }
        }
        rows.ok_or_else(|| A::Error::custom("`instances` is missing"))
    }
}

struct Instances<'s, 'a> {
    columns: &'s mut Vec<Column<'a>>,
    specs: &'s [TensorSpec],
}

impl<'de> DeserializeSeed<'de> for Instances<'_, '_> {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Instances<'_, '_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("instances to be a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u32, A::Error> {
        let Self { columns, specs } = self;
        let mut rows = 0_u32;
        loop {
            let place = format!("instances[{rows}]");
            let next = match columns.as_mut_slice() {
                [column] => items.next_element_seed(Instance::Row(Row {
                    column,
                    place: &place,
                    depth: 0,
                }))?,
                columns => items.next_element_seed(Instance::Object {
                    columns,
                    specs,
                    place: &place,
                })?,
            };
            if next.is_none() {
                return Ok(rows);
            }
            rows = rows
                .checked_add(1)
                .ok_or_else(|| A::Error::custom("instances: too many"))?;
        }
    }
}

/// One instance: a row of the only input, or an object. The only input may be given by name, too.
enum Instance<'s, 'a> {
    Row(Row<'s, 'a>),
    Object {
        columns: &'s mut [Column<'a>],
        specs: &'s [TensorSpec],
        place: &'s str,
    },
}

impl<'de> DeserializeSeed<'de> for Instance<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Self::Row(row) => deserializer.deserialize_any(row),
            Self::Object { .. } => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Instance<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => row.expecting(f),
            Self::Object { place, .. } => {
                write!(f, "{place} to be an object with a row of each input")
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        match self {
            Self::Row(row) => row.visit_map(map),
            Self::Object {
                columns,
                specs,
                place,
            } => object(columns, specs, place, map),
        }
    }
}

/// Reads an instance that names its inputs.
fn object<'de, A: MapAccess<'de>>(
    columns: &mut [Column<'_>],
    specs: &[TensorSpec],
    place: &str,
    mut map: A,
) -> Result<(), A::Error> {
    let mut is_given = vec![false; columns.len()];
    while let Some(name) = map.next_key::<String>()? {
        let index = check_position(specs, &name, place, "input").map_err(A::Error::custom)?;
        let place = format!("{place}[{name:?}]");
        if std::mem::replace(&mut is_given[index], true) {
            return Err(A::Error::custom(format_args!("{place}: given twice")));
        }
        map.next_value_seed(Row {
            column: &mut columns[index],
            place: &place,
            depth: 0,
        })?;
    }
    match is_given.iter().position(|is_given| !is_given) {
        None => Ok(()),
        Some(missing) => Err(A::Error::custom(format_args!(
            "{place}: input {:?} is missing",
            specs[missing].name
        ))),
    }
}

/// One row, or a part of it.
struct Row<'s, 'a> {
    column: &'s mut Column<'a>,
    place: &'s str,
    depth: usize,
}

impl Row<'_, '_> {
    fn element<E: Error>(
        self,
        found: impl fmt::Display,
        put: impl FnOnce(&mut Elements) -> Option<()>,
    ) -> Result<(), E> {
        let (place, spec) = (self.place, self.column.spec);
        if self.depth < self.column.dimensions.len() {
            return Err(E::custom(format_args!(
                "{place}: expected lists as deep as a row of {:?} has dimensions, {spec}; found {found}",
                spec.name
            )));
        }
        put(&mut self.column.elements).ok_or_else(|| {
            let expected = spec.element.datatype();
            E::custom(format_args!("{place}: expected {expected}, found {found}"))
        })
    }
}

impl<'de> DeserializeSeed<'de> for Row<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spec = self.column.spec;
        write!(f, "{} to be a row of {:?}, {spec}", self.place, spec.name)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.element(value, |elements| elements.put_truth(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.element(value, |elements| elements.put_integer(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.element(value, |elements| elements.put_integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.element(value, |elements| elements.put_float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.element(shown(value), |elements| elements.put_text(value))
    }

    /// The only input by its name.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        if self.depth > 0 {
            return Err(A::Error::custom(format_args!(
                "{}: expected an element, found an object",
                self.place
            )));
        }
        let spec = self.column.spec;
        let columns = std::slice::from_mut(self.column);
        object(columns, std::slice::from_ref(spec), self.place, map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self {
            column,
            place,
            depth,
        } = self;
        let expected = column.dimensions.get(depth).copied();
        let Some(expected) = expected else {
            return Err(A::Error::custom(format_args!(
                "{place}: expected an element, found a list; a row of {:?} is one of {}",
                column.spec.name, column.spec
            )));
        };
        let mut count = 0_u32;
        while items
            .next_element_seed(Row {
                column: &mut *column,
                place,
                depth: depth + 1,
            })?
            .is_some()
        {
            count = count.saturating_add(1);
        }
        if expected.is_some_and(|expected| expected != count) {
            let expected = expected.unwrap_or_default();
            return Err(A::Error::custom(format_args!(
                "{place}: expected {expected} items, found {count}"
            )));
        }
        column.dimensions[depth] = Some(count);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_types::ElementType;

    use super::*;

    fn signature(inputs: &[(&str, ElementType, &[Option<u32>])]) -> Signature {
        let spec = |(name, element, shape): &(&str, ElementType, &[Option<u32>])| TensorSpec {
            name: (*name).to_owned(),
            element: *element,
            shape: shape.to_vec(),
        };
        Signature {
            inputs: inputs.iter().map(spec).collect(),
            outputs: vec![],
        }
    }

    fn summary(signature: &Signature, json: &str) -> String {
        match read(json.as_bytes(), signature) {
            Ok(tensors) => tensors
                .iter()
                .map(|tensor| format!("{}{:?}{:?}", tensor.name, tensor.shape, &tensor.data[..]))
                .collect(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn rows_become_tensors() {
        let one = signature(&[("x", ElementType::Uint8, &[None, Some(2)])]);
        let free = signature(&[("x", ElementType::Uint8, &[None, None])]);
        let flat = signature(&[("x", ElementType::Uint8, &[None])]);
        let two = signature(&[
            ("x", ElementType::Uint8, &[None, Some(1)]),
            ("y", ElementType::Boolean, &[None]),
        ]);
        for (signature, json, expected) in [
            (
                &one,
                r#"{"instances":[[1,2],[3,4]]}"#,
                "x[2, 2][1, 2, 3, 4]",
            ),
            (
                &one,
                r#"{"signature_name":"a","instances":[{"x":[1,2]}]}"#,
                "x[1, 2][1, 2]",
            ),
            (&one, r#"{"instances":[]}"#, "x[0, 2][]"),
            (&free, r#"{"instances":[[1],[2]]}"#, "x[2, 1][1, 2]"),
            (&flat, r#"{"instances":[1,2]}"#, "x[2][1, 2]"),
            (
                &two,
                r#"{"instances":[{"y":true,"x":[1]},{"x":[2],"y":false}]}"#,
                "x[2, 1][1, 2]y[2][1, 0]",
            ),
        ] {
            assert_eq!(summary(signature, json), expected, "{json}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table, a line a case")]
    fn rows_that_do_not_fit_are_told_which() {
        let one = signature(&[("x", ElementType::Uint8, &[None, Some(2)])]);
        let free = signature(&[("x", ElementType::Uint8, &[None, None])]);
        let two = signature(&[
            ("x", ElementType::Uint8, &[None, Some(1)]),
            ("y", ElementType::Boolean, &[None]),
        ]);
        let half = signature(&[("h", ElementType::Float16, &[None])]);
        for (signature, json, expected) in [
            (&one, "{}", "`instances` is missing"),
            (
                &one,
                r#"{"instances":7}"#,
                "invalid type: integer `7`, expected instances to be a list",
            ),
            (
                &one,
                r#"{"instances":[[1,2],[3]]}"#,
                "instances[1]: expected 2 items, found 1",
            ),
            (
                &free,
                r#"{"instances":[[1,2],[3]]}"#,
                "instances[1]: expected 2 items, found 1",
            ),
            (
                &one,
                r#"{"instances":[1]}"#,
                "instances[0]: expected lists as deep as a row of \"x\" has dimensions",
            ),
            (
                &one,
                r#"{"instances":[[[1],2]]}"#,
                "instances[0]: expected an element, found a list",
            ),
            (
                &one,
                r#"{"instances":[[1,256]]}"#,
                "instances[0]: expected UINT8, found 256",
            ),
            (
                &one,
                r#"{"instances":[[1,"a"]]}"#,
                "instances[0]: expected UINT8, found \"a\"",
            ),
            (
                &one,
                r#"{"instances":[{"z":[1,2]}]}"#,
                "instances[0].name: there is no input \"z\"; there is x",
            ),
            (
                &one,
                r#"{"instances":[[null,2]]}"#,
                "invalid type: null, expected instances[0] to be a row",
            ),
            (
                &two,
                r#"{"instances":[[1]]}"#,
                "invalid type: sequence, expected instances[0] to be an object",
            ),
            (
                &two,
                r#"{"instances":[{"x":[1]}]}"#,
                "instances[0]: input \"y\" is missing",
            ),
            (
                &two,
                r#"{"instances":[{"x":[1],"x":[1]}]}"#,
                "instances[0][\"x\"]: given twice",
            ),
            (
                &half,
                r#"{"instances":[1]}"#,
                "input \"h\" has no form in JSON: ask over /v2",
            ),
        ] {
            let found = summary(signature, json);
            assert!(found.starts_with(expected), "{json}: {found}");
        }
    }
}
