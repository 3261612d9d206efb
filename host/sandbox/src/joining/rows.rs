//! Rows of several requests behind each other, and apart again. Pure: tensors in, tensors out.
//!
//! A row is what stands at one place of a tensor's first dimension. All inputs of a request have as many.

use std::fmt;

use bytes::Bytes;
use mlwasm_types::{Signature, Tensor, TensorSpec};

use crate::{error::NotJoinable, tensors::NamedTensor};

/// An output whose rows can not be told apart: it does not have one for each row of the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Indivisible {
    output: String,
    rows: u32,
    wanted: u32,
}

impl fmt::Display for Indivisible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            output,
            rows,
            wanted,
        } = self;
        write!(f, "output {output:?} has {rows} rows for {wanted}")
    }
}

/// Checks that each tensor of a signature has an open first dimension, in which there is room for the rows of others.
pub(super) fn check_joinable(signature: &Signature) -> Result<(), NotJoinable> {
    let has_no_rows = |spec: &&TensorSpec| spec.shape.first() != Some(&None);
    let refused = |side, spec: &TensorSpec| NotJoinable::Tensor {
        side,
        name: spec.name.clone(),
        found: spec.to_string(),
    };
    if signature.inputs.is_empty() {
        return Err(NotJoinable::NoInputs);
    }
    if let Some(input) = signature.inputs.iter().find(has_no_rows) {
        return Err(refused("input", input));
    }
    match signature.outputs.iter().find(has_no_rows) {
        Some(output) => Err(refused("output", output)),
        None => Ok(()),
    }
}

/// The rows of a request, if all its inputs have the same number, and there are any.
pub(super) fn rows(inputs: &[NamedTensor]) -> Option<u32> {
    let rows = *inputs.first()?.shape.first()?;
    let is_same = |input: &NamedTensor| input.shape.first() == Some(&rows);
    (rows > 0 && inputs.iter().all(is_same)).then_some(rows)
}

/// Whether rows of both can stand behind each other: the same names, types, and sizes of a row.
pub(super) fn agree(one: &[NamedTensor], other: &[NamedTensor]) -> bool {
    let fits = |input: &NamedTensor| {
        find(other, &input.name).is_some_and(|found| {
            found.element == input.element && found.shape.get(1..) == input.shape.get(1..)
        })
    };
    one.len() == other.len() && one.iter().all(fits)
}

fn find<'a>(inputs: &'a [NamedTensor], name: &str) -> Option<&'a NamedTensor> {
    inputs.iter().find(|input| input.name == name)
}

/// The rows of all `requests`, which agree, behind each other, in the first one's order of inputs.
pub(super) fn join(requests: &[&[NamedTensor]]) -> Vec<NamedTensor> {
    let first = requests.first().copied().unwrap_or_default();
    let joined = |input: &NamedTensor| {
        let parts: Vec<&NamedTensor> = requests
            .iter()
            .filter_map(|request| find(request, &input.name))
            .collect();
        let bytes = parts.iter().map(|part| part.data.len()).sum();
        let mut data = Vec::with_capacity(bytes);
        for part in &parts {
            data.extend_from_slice(&part.data);
        }
        let mut shape = input.shape.clone();
        if let Some(rows) = shape.first_mut() {
            *rows = parts.iter().filter_map(|part| part.shape.first()).sum();
        }
        NamedTensor {
            name: input.name.clone(),
            element: input.element,
            shape,
            data: Bytes::from(data),
        }
    };
    first.iter().map(joined).collect()
}

/// The outputs of a joined call, for each request of so many `rows` its own.
///
/// # Errors
///
/// [`Indivisible`] names the output that has more or fewer rows than went in.
pub(super) fn divide(outputs: Vec<Tensor>, rows: &[u32]) -> Result<Vec<Vec<Tensor>>, Indivisible> {
    let wanted: u32 = rows.iter().sum();
    let mut parts: Vec<Vec<Tensor>> = rows.iter().map(|_| Vec::new()).collect();
    for output in outputs {
        let found = output.shape.first().copied();
        if found != Some(wanted) {
            return Err(Indivisible {
                output: output.name,
                rows: found.unwrap_or_default(),
                wanted,
            });
        }
        let mut rest = output.data.as_slice();
        for (part, rows) in parts.iter_mut().zip(rows) {
            let mut shape = output.shape.clone();
            shape[0] = *rows;
            let (data, after) = rest.split_at(length(&output, &shape, rest));
            rest = after;
            part.push(Tensor {
                name: output.name.clone(),
                element: output.element,
                shape,
                data: data.to_vec(),
            });
        }
    }
    Ok(parts)
}

/// How many bytes of `data`, the rest of `output`, a tensor of this shape takes. The whole was held to its own shape before.
fn length(output: &Tensor, shape: &[u32], data: &[u8]) -> usize {
    let count = mlwasm_types::tensor::element_count(shape).unwrap_or_default();
    if let Some(size) = output.element.size_in_bytes() {
        return count * size;
    }
    let mut rest = data;
    for _ in 0..count {
        let Some((length, after)) = rest.split_first_chunk::<4>() else {
            break;
        };
        let length = u32::from_le_bytes(*length) as usize;
        rest = after.get(length..).unwrap_or_default();
    }
    data.len() - rest.len()
}

#[cfg(test)]
mod tests {
    use mlwasm_types::ElementType::{self, Bytes as Texts, Float32, Int64, Uint8};

    use super::*;

    fn input(name: &str, element: ElementType, shape: &[u32], data: &[u8]) -> NamedTensor {
        NamedTensor {
            name: name.to_owned(),
            element,
            shape: shape.to_vec(),
            data: Bytes::copy_from_slice(data),
        }
    }

    fn output(name: &str, element: ElementType, shape: &[u32], data: &[u8]) -> Tensor {
        Tensor {
            name: name.to_owned(),
            element,
            shape: shape.to_vec(),
            data: data.to_vec(),
        }
    }

    fn spec(name: &str, shape: &[Option<u32>]) -> TensorSpec {
        TensorSpec {
            name: name.to_owned(),
            element: Float32,
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn a_signature_has_room_for_rows_in_each_tensor() {
        let (open, shut, scalar) = (&[None, Some(2)][..], &[Some(1), Some(2)][..], &[][..]);
        let any = &TensorSpec::ANY_SHAPE[..];
        for (inputs, outputs, expected) in [
            (vec![open], vec![open], "fine"),
            (vec![open, open], vec![&open[..1], open], "fine"),
            (vec![], vec![open], "takes no inputs, so no rows"),
            (vec![open, shut], vec![open], "input \"1\" is float32 [1,2]"),
            (vec![scalar], vec![open], "input \"0\" is float32 []"),
            (vec![open], vec![open, scalar], "output \"1\" is float32 []"),
            (
                vec![open],
                vec![any],
                "output \"0\" is float32 of any shape",
            ),
        ] {
            let specs = |shapes: Vec<&[Option<u32>]>| -> Vec<TensorSpec> {
                let named = shapes.into_iter().enumerate();
                named
                    .map(|(index, shape)| spec(&index.to_string(), shape))
                    .collect()
            };
            let signature = Signature {
                inputs: specs(inputs),
                outputs: specs(outputs),
            };
            let found = check_joinable(&signature);
            let found = found.map_or_else(|error| error.to_string(), |()| "fine".to_owned());
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn requests_agree_in_all_but_their_number_of_rows() {
        let x = |shape: &[u32]| input("x", Float32, shape, &[]);
        let y = |element| input("y", element, &[1], &[]);
        for (one, other, expected) in [
            (vec![x(&[1, 2])], vec![x(&[9, 2])], true),
            (vec![x(&[1, 2])], vec![x(&[1, 3])], false),
            (vec![x(&[1, 2])], vec![x(&[1, 2, 1])], false),
            (vec![x(&[1, 2])], vec![x(&[1])], false),
            (vec![x(&[1]), y(Int64)], vec![y(Int64), x(&[1])], true),
            (vec![x(&[1]), y(Int64)], vec![x(&[1]), y(Uint8)], false),
            (vec![x(&[1]), y(Int64)], vec![x(&[1])], false),
            (vec![x(&[1])], vec![y(Float32)], false),
        ] {
            assert_eq!(agree(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(agree(&other, &one), expected, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_request_has_rows_if_all_its_inputs_have_as_many() {
        let of = |shape: &[u32]| input("x", Float32, shape, &[]);
        for (inputs, expected) in [
            (vec![of(&[3, 2]), of(&[3])], Some(3)),
            (vec![of(&[3, 2]), of(&[2, 2])], None),
            (vec![of(&[0, 2])], None),
            (vec![of(&[])], None),
            (vec![], None),
        ] {
            assert_eq!(rows(&inputs), expected, "{inputs:?}");
        }
    }

    #[test]
    fn rows_go_in_behind_each_other_whatever_the_order_of_their_inputs() {
        let one = [
            input("x", Uint8, &[2, 2], &[1, 2, 3, 4]),
            input("t", Texts, &[2], b"\x01\0\0\0a\0\0\0\0"),
        ];
        let other = [
            input("t", Texts, &[1], b"\x02\0\0\0bc"),
            input("x", Uint8, &[1, 2], &[5, 6]),
        ];
        assert_eq!(
            join(&[&one, &other]),
            [
                input("x", Uint8, &[3, 2], &[1, 2, 3, 4, 5, 6]),
                input("t", Texts, &[3], b"\x01\0\0\0a\0\0\0\0\x02\0\0\0bc"),
            ]
        );
        assert_eq!(join(&[&one]), one);
        assert_eq!(join(&[]), []);
    }

    #[test]
    fn each_request_gets_its_own_rows_back() {
        let outputs = vec![
            output("y", Uint8, &[3, 2], &[1, 2, 3, 4, 5, 6]),
            output("t", Texts, &[3, 1], b"\x01\0\0\0a\0\0\0\0\x02\0\0\0bc"),
            output("none", Float32, &[3, 0], &[]),
        ];
        let parts = divide(outputs, &[1, 2]).unwrap();
        assert_eq!(
            parts,
            [
                vec![
                    output("y", Uint8, &[1, 2], &[1, 2]),
                    output("t", Texts, &[1, 1], b"\x01\0\0\0a"),
                    output("none", Float32, &[1, 0], &[]),
                ],
                vec![
                    output("y", Uint8, &[2, 2], &[3, 4, 5, 6]),
                    output("t", Texts, &[2, 1], b"\0\0\0\0\x02\0\0\0bc"),
                    output("none", Float32, &[2, 0], &[]),
                ],
            ]
        );
    }

    #[test]
    fn an_output_of_other_rows_is_not_divided() {
        for (shape, data, expected) in [
            (&[2, 1][..], &[0_u8; 2][..], "output \"y\" has 2 rows for 3"),
            (&[4], &[0; 4], "output \"y\" has 4 rows for 3"),
            (&[], &[0], "output \"y\" has 0 rows for 3"),
        ] {
            let refused = divide(vec![output("y", Uint8, shape, data)], &[1, 2]);
            assert_eq!(refused.unwrap_err().to_string(), expected);
        }
    }
}
