//! Outputs as predictions, one for each row.

use mlwasm_types::{ElementType, Tensor};

use crate::v2::{Element, Malformed, elements};

/// Lists of a tensor that has no elements.
const MOST_EMPTY_LISTS: u64 = 1 << 16;

/// The body of an answer: rows of the only output, or objects with a row of each.
pub(crate) fn write(outputs: &[Tensor]) -> Result<Vec<u8>, Malformed> {
    let mut columns = Vec::with_capacity(outputs.len());
    for output in outputs {
        columns.push(column(output)?);
    }
    let rows = rows(outputs)?;
    let mut json = b"{\"predictions\":[".to_vec();
    for row in 0..rows {
        if row > 0 {
            json.push(b',');
        }
        match (outputs, columns.as_mut_slice()) {
            ([output], [column]) => put_row(output, column, &mut json)?,
            (outputs, columns) => {
                json.push(b'{');
                for (index, (output, column)) in outputs.iter().zip(columns).enumerate() {
                    if index > 0 {
                        json.push(b',');
                    }
                    // A `Vec` takes all, and a name always has a JSON form.
                    serde_json::to_writer(&mut json, &output.name).ok();
                    json.push(b':');
                    put_row(output, column, &mut json)?;
                }
                json.push(b'}');
            }
        }
    }
    json.extend_from_slice(b"]}");
    Ok(json)
}

fn column(output: &Tensor) -> Result<Box<dyn Iterator<Item = Element<'_>> + '_>, Malformed> {
    if matches!(output.element, ElementType::Float16 | ElementType::Bfloat16) {
        return Err(no_json(output));
    }
    // Lists that hold nothing are written all the same, and nothing but the shape bounds them.
    let lists = output.shape.iter().take_while(|size| **size > 0);
    let lists = lists.fold(1_u64, |count, size| count.saturating_mul(u64::from(*size)));
    if output.data.is_empty() && lists > MOST_EMPTY_LISTS {
        return Err(no_json(output));
    }
    Ok(Box::new(elements(output.element, &output.data)))
}

/// As many rows as each of the outputs has.
fn rows(outputs: &[Tensor]) -> Result<u32, Malformed> {
    let mut rows = None;
    for output in outputs {
        let found = output.shape.first().copied();
        let is_equal = found.is_some() && rows.is_none_or(|rows| Some(rows) == found);
        if !is_equal {
            return Err(Malformed(format!(
                "output {:?} has no row for each instance: ask over /v2",
                output.name
            )));
        }
        rows = found;
    }
    Ok(rows.unwrap_or_default())
}

fn put_row<'a>(
    output: &Tensor,
    elements: &mut dyn Iterator<Item = Element<'a>>,
    json: &mut Vec<u8>,
) -> Result<(), Malformed> {
    put(
        output,
        output.shape.get(1..).unwrap_or_default(),
        elements,
        json,
    )
}

fn put<'a>(
    output: &Tensor,
    shape: &[u32],
    elements: &mut dyn Iterator<Item = Element<'a>>,
    json: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let Some((size, inner)) = shape.split_first() else {
        // A tensor has as many elements as its shape says: the sandbox lets no other pass.
        let element = elements.next();
        return match element.map(|element| element.write_json(json)) {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(no_json(output)),
        };
    };
    json.push(b'[');
    for index in 0..*size {
        if index > 0 {
            json.push(b',');
        }
        put(output, inner, elements, json)?;
    }
    json.push(b']');
    Ok(())
}

fn no_json(output: &Tensor) -> Malformed {
    Malformed(format!(
        "output {:?} has no form in JSON: ask over /v2 for binary data",
        output.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(name: &str, shape: &[u32], data: &[u8]) -> Tensor {
        Tensor {
            name: name.to_owned(),
            element: ElementType::Uint8,
            shape: shape.to_vec(),
            data: data.to_vec(),
        }
    }

    fn check(outputs: &[Tensor], expected: &str) {
        let found = write(outputs).map_or_else(
            |error| error.to_string(),
            |json| String::from_utf8(json).unwrap(),
        );
        assert_eq!(found, expected);
    }

    #[test]
    fn a_row_is_a_prediction() {
        check(
            &[bytes("a", &[2, 2], &[1, 2, 3, 4])],
            r#"{"predictions":[[1,2],[3,4]]}"#,
        );
        check(&[bytes("a", &[2], &[1, 2])], r#"{"predictions":[1,2]}"#);
        check(&[bytes("a", &[0, 2], &[])], r#"{"predictions":[]}"#);
        check(
            &[bytes("a", &[2], &[1, 2]), bytes("b", &[2, 1], &[3, 4])],
            r#"{"predictions":[{"a":1,"b":[3]},{"a":2,"b":[4]}]}"#,
        );
    }

    #[test]
    fn a_tensor_of_nothing_is_no_bomb() {
        for (rows, is_fine) in [(65_535, true), (65_536, true), (65_537, false)] {
            let empty = bytes("a", &[rows, 0], &[]);
            assert_eq!(write(&[empty]).is_ok(), is_fine, "{rows}");
        }
    }

    #[test]
    fn outputs_without_rows_are_refused() {
        let refused =
            |name: &str| format!("output {name:?} has no row for each instance: ask over /v2");
        check(&[bytes("a", &[], &[1])], &refused("a"));
        check(
            &[bytes("a", &[2], &[1, 2]), bytes("b", &[1], &[3])],
            &refused("b"),
        );
    }
}
