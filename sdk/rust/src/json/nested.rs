//! Arrays within arrays, as numpy's `tolist()` writes them.

use serde_json::Value;

/// Arrays of the same depth have different lengths, or stand beside what is no array.
#[derive(Debug, PartialEq)]
pub(super) struct Ragged;

/// The shape, outermost first, and the innermost values, row-major. A value that is no array is a scalar.
pub(super) fn flatten(value: &Value) -> Result<(Vec<usize>, Vec<&Value>), Ragged> {
    let shape = shape_by_first(value);
    let mut leaves = Vec::new();
    collect(value, &shape, &mut leaves)?;
    Ok((shape, leaves))
}

/// The shape, if all is as the first element of each array says.
fn shape_by_first(mut value: &Value) -> Vec<usize> {
    let mut shape = Vec::new();
    while let Value::Array(items) = value {
        shape.push(items.len());
        let Some(first) = items.first() else { break };
        value = first;
    }
    shape
}

// Recursion is safe: the JSON parser refuses bodies deeper than 128.
fn collect<'a>(
    value: &'a Value,
    shape: &[usize],
    leaves: &mut Vec<&'a Value>,
) -> Result<(), Ragged> {
    match (value, shape) {
        (Value::Array(items), [size, inner @ ..]) if items.len() == *size => items
            .iter()
            .try_for_each(|item| collect(item, inner, leaves)),
        (Value::Array(_), _) | (_, [_, ..]) => Err(Ragged),
        (leaf, []) => {
            leaves.push(leaf);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(value: &Value, expected: Result<(&[usize], usize), Ragged>) {
        let found = flatten(value);
        let found = found
            .as_ref()
            .map(|(shape, leaves)| (shape.as_slice(), leaves.len()));
        assert_eq!(found, expected.as_ref().copied(), "{value}");
    }

    #[test]
    fn the_shape_is_that_of_the_arrays() {
        check(&json!(1), Ok((&[], 1)));
        check(&json!([]), Ok((&[0], 0)));
        check(&json!([[], []]), Ok((&[2, 0], 0)));
        check(&json!([1, 2, 3]), Ok((&[3], 3)));
        check(&json!([[[1], [2]], [[3], [4]]]), Ok((&[2, 2, 1], 4)));
    }

    #[test]
    fn ragged_arrays_are_refused() {
        for value in [
            json!([[1], [2, 3]]),
            json!([[1], 2]),
            json!([1, [2]]),
            json!([[], [1]]),
        ] {
            check(&value, Err(Ragged));
        }
    }
}
