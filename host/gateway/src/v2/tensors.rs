//! The tensors of a message: what its JSON says of them, and their bytes, which stand in the JSON or behind it.
//!
//! Behind the JSON (the binary tensor extension) bytes lie tensor after tensor, without a gap, in the order of the JSON.

use bytes::Bytes;
use mlwasm_sandbox::NamedTensor;
use mlwasm_types::{ElementType, tensor::element_count};

use super::{
    malformed::Malformed,
    message::{Parameters, Part},
};

/// The tensors of `parts`, whose bytes fill their shapes, which the message calls `side`. `binary` is what follows the JSON: none if no header says that
/// anything does.
pub(crate) fn complete(
    parts: Vec<Part>,
    side: &str,
    binary: Option<&Bytes>,
) -> Result<Vec<NamedTensor>, Malformed> {
    let mut rest = binary.cloned();
    let mut tensors = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        tensors.push(complete_one(part, &format!("{side}[{index}]"), &mut rest)?);
    }
    match rest.map_or(0, |rest| rest.len()) {
        0 => Ok(tensors),
        length => Err(Malformed(format!(
            "the body: {length} bytes follow the last tensor: check binary_data_size of {side}"
        ))),
    }
}

fn complete_one(
    part: Part,
    place: &str,
    rest: &mut Option<Bytes>,
) -> Result<NamedTensor, Malformed> {
    let missing = |what| Malformed::at(place, format_args!("`{what}` is missing"));
    let name = part.name.ok_or_else(|| missing("name"))?;
    let element = part.datatype.ok_or_else(|| missing("datatype"))?;
    let shape = part.shape.ok_or_else(|| missing("shape"))?;
    let count = element_count(&shape).ok_or_else(|| overflow(place))?;
    let data = match (part.data, binary_size(&part.parameters, place)?) {
        (Some(_), Some(_)) => {
            let both = "has both `data` and parameters.binary_data_size";
            return Err(Malformed::at(place, both));
        }
        // As many as the shape asks for: seen to while they were read.
        (Some(data), None) => data.into(),
        (None, Some(size)) => {
            let data = take(rest, size, place)?;
            check_bytes(&data, element, count, place)?;
            data
        }
        (None, None) if part.parameters.are_of_shared_memory() => {
            return Err(Malformed::at(
                place,
                "this server shares no memory with clients: send the data in the body",
            ));
        }
        (None, None) => return Err(missing("data")),
    };
    Ok(NamedTensor {
        name,
        element,
        shape,
        data,
    })
}

fn overflow(place: &str) -> Malformed {
    Malformed(format!(
        "{place}.shape: more elements than any memory holds"
    ))
}

fn binary_size(parameters: &Parameters, place: &str) -> Result<Option<usize>, Malformed> {
    parameters.count(place, "binary_data_size")
}

fn take(rest: &mut Option<Bytes>, size: usize, place: &str) -> Result<Bytes, Malformed> {
    let place = format!("{place}.parameters.binary_data_size");
    let Some(rest) = rest else {
        return Err(Malformed::at(
            place,
            "binary data needs the header inference-header-content-length",
        ));
    };
    if size > rest.len() {
        let left = rest.len();
        return Err(Malformed::at(
            place,
            format_args!("{size} bytes, and {left} are left of the body"),
        ));
    }
    Ok(rest.split_to(size))
}

/// Checks that `data` is `count` elements.
fn check_bytes(
    data: &[u8],
    element: ElementType,
    count: usize,
    place: &str,
) -> Result<(), Malformed> {
    let wrong = |what| Err(Malformed::at(place, what));
    let datatype = element.datatype();
    let length = data.len();
    let Some(size) = element.size_in_bytes() else {
        return check_strings(data, count, place);
    };
    match count.checked_mul(size) {
        None => Err(overflow(place)),
        Some(expected) if expected != length => wrong(format!(
            "expected {expected} bytes for {count} elements of {datatype}, found {length}"
        )),
        Some(_) if element == ElementType::Boolean && data.iter().any(|byte| *byte > 1) => {
            wrong("expected BOOL as bytes of 0 or 1, found others".to_owned())
        }
        Some(_) => Ok(()),
    }
}

/// Each string is a 4-byte little-endian length, then that many bytes.
fn check_strings(mut data: &[u8], count: usize, place: &str) -> Result<(), Malformed> {
    let mut found = 0;
    while let Some((length, rest)) = data.split_first_chunk() {
        let Some(rest) = rest.get(u32::from_le_bytes(*length) as usize..) else {
            return Err(Malformed::at(
                place,
                format_args!("string {found} is longer than what is left of the data"),
            ));
        };
        data = rest;
        found += 1;
    }
    if !data.is_empty() {
        return Err(Malformed::at(
            place,
            format_args!("{} bytes follow the last string", data.len()),
        ));
    }
    if found != count {
        return Err(Malformed::at(
            place,
            format_args!("expected {count} strings, found {found}"),
        ));
    }
    Ok(())
}

/// The JSON of `body`, and what follows it, where the header said that its first `json_length` bytes are JSON.
pub(crate) fn split(
    body: &Bytes,
    json_length: Option<usize>,
) -> Result<(Bytes, Option<Bytes>), Malformed> {
    let Some(length) = json_length else {
        return Ok((body.clone(), None));
    };
    if length > body.len() {
        return Err(Malformed(format!(
            "inference-header-content-length: {length} bytes of JSON, and the body has {} bytes",
            body.len()
        )));
    }
    Ok((body.slice(..length), Some(body.slice(length..))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v2::message;

    /// What is wrong with a request of this JSON and these bytes.
    fn check(json: &str, binary: Option<&[u8]>, expected: &str) {
        let parts = message::read(json.as_bytes()).unwrap().inputs.unwrap();
        let binary = binary.map(Bytes::copy_from_slice);
        match complete(parts, "inputs", binary.as_ref()) {
            Ok(tensors) => {
                let lengths: Vec<_> = tensors.iter().map(|tensor| tensor.data.len()).collect();
                assert_eq!(format!("{lengths:?}"), expected, "{json}");
            }
            Err(error) => assert_eq!(error.to_string(), expected, "{json}"),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table, a line a case")]
    fn bytes_behind_the_json_fill_their_tensors_and_nothing_is_left() {
        let one = |datatype: &str, shape: &str, size: &str| {
            format!(
                r#"{{"inputs":[{{"name":"x","datatype":"{datatype}","shape":{shape},"parameters":{{"binary_data_size":{size}}}}}]}}"#
            )
        };
        for (datatype, shape, size, bytes, expected) in [
            ("FP32", "[2]", "8", &[0_u8; 8][..], "[8]"),
            (
                "FP32",
                "[2]",
                "7",
                &[0; 8],
                "inputs[0]: expected 8 bytes for 2 elements of FP32, found 7",
            ),
            (
                "FP32",
                "[2]",
                "9",
                &[0; 8],
                "inputs[0].parameters.binary_data_size: 9 bytes, and 8 are left of the body",
            ),
            (
                "FP32",
                "[1]",
                "4",
                &[0; 8],
                "the body: 4 bytes follow the last tensor: check binary_data_size of inputs",
            ),
            ("FP32", "[0, 4]", "0", &[], "[0]"),
            ("FP32", "[]", "4", &[0; 4], "[4]"),
            (
                "FP32",
                "[2]",
                "-8",
                &[0; 8],
                "inputs[0].parameters.binary_data_size: expected a whole number from 0 on",
            ),
            (
                "FP32",
                "[2]",
                "\"8\"",
                &[0; 8],
                "inputs[0].parameters.binary_data_size: expected a whole number from 0 on",
            ),
            (
                "FP32",
                "[4294967295, 4294967295, 4294967295]",
                "0",
                &[],
                "inputs[0].shape: more elements than any memory holds",
            ),
            (
                "FP64",
                "[4294967295, 1073741824]",
                "0",
                &[],
                "inputs[0].shape: more elements than any memory holds",
            ),
            ("FP16", "[1]", "2", &[0, 0x3c], "[2]"),
            ("BOOL", "[2]", "2", &[1, 0], "[2]"),
            (
                "BOOL",
                "[2]",
                "2",
                &[1, 2],
                "inputs[0]: expected BOOL as bytes of 0 or 1, found others",
            ),
            ("BYTES", "[2]", "9", b"\x01\0\0\0a\0\0\0\0", "[9]"),
            (
                "BYTES",
                "[1]",
                "9",
                b"\x01\0\0\0a\0\0\0\0",
                "inputs[0]: expected 1 strings, found 2",
            ),
            (
                "BYTES",
                "[1]",
                "5",
                b"\x02\0\0\0a",
                "inputs[0]: string 0 is longer than what is left of the data",
            ),
            (
                "BYTES",
                "[1]",
                "7",
                b"\x01\0\0\0a\0\0",
                "inputs[0]: 2 bytes follow the last string",
            ),
        ] {
            check(&one(datatype, shape, size), Some(bytes), expected);
        }
        check(
            &one("FP32", "[2]", "8"),
            None,
            "inputs[0].parameters.binary_data_size: binary data needs the header inference-header-content-length",
        );
    }

    #[test]
    fn a_tensor_says_all_that_a_tensor_is() {
        for (input, expected) in [
            (
                r#"{"datatype":"FP32","shape":[1],"data":[1]}"#,
                "inputs[0]: `name` is missing",
            ),
            (
                r#"{"name":"x","shape":[1]}"#,
                "inputs[0]: `datatype` is missing",
            ),
            (
                r#"{"name":"x","datatype":"FP32"}"#,
                "inputs[0]: `shape` is missing",
            ),
            (
                r#"{"name":"x","datatype":"FP32","shape":[1]}"#,
                "inputs[0]: `data` is missing",
            ),
            (
                r#"{"name":"x","datatype":"FP32","shape":[1],"data":[1],"parameters":{"binary_data_size":4}}"#,
                "inputs[0]: has both `data` and parameters.binary_data_size",
            ),
            (
                r#"{"name":"x","datatype":"FP32","shape":[1],"parameters":{"shared_memory_region":"a"}}"#,
                "inputs[0]: this server shares no memory with clients: send the data in the body",
            ),
        ] {
            check(&format!(r#"{{"inputs":[{input}]}}"#), None, expected);
        }
    }

    #[test]
    fn the_header_says_where_the_json_ends() {
        let body = Bytes::from_static(b"{}abc");
        assert_eq!(split(&body, None).unwrap(), (body.clone(), None));
        for (length, json, rest) in [(0, "", "{}abc"), (2, "{}", "abc"), (5, "{}abc", "")] {
            let (found, after) = split(&body, Some(length)).unwrap();
            assert_eq!((found, after.unwrap()), (json.into(), rest.into()));
        }
        assert!(split(&body, Some(6)).is_err());
    }
}
