use super::*;

fn input(rest: &str) -> String {
    format!(r#"{{"inputs":[{{"name":"x",{rest}}}]}}"#)
}

fn data(rest: &str) -> Result<Vec<u8>, String> {
    let message = read(input(rest).as_bytes()).map_err(|error| error.to_string())?;
    Ok(message.inputs.unwrap().remove(0).data.unwrap())
}

fn check(rest: &str, expected: &str) {
    let error = data(rest).unwrap_err();
    assert!(error.starts_with(expected), "{rest}: {error}");
}

#[test]
fn data_becomes_the_bytes_of_its_type() {
    for (datatype, json, expected) in [
        ("BOOL", "true", &[1][..]),
        ("UINT8", "255", &[255]),
        ("INT8", "-1", &[255]),
        ("UINT16", "258", &[2, 1]),
        ("INT16", "-2", &[254, 255]),
        ("UINT32", "1", &[1, 0, 0, 0]),
        ("INT32", "-1", &[255; 4]),
        ("UINT64", "18446744073709551615", &[255; 8]),
        ("INT64", "-1", &[255; 8]),
        ("FP32", "1", &[0, 0, 0x80, 0x3f]),
        ("FP32", "1.0", &[0, 0, 0x80, 0x3f]),
        ("FP64", "1e0", &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]),
        ("BYTES", r#""\u00e4""#, &[2, 0, 0, 0, 0xc3, 0xa4]),
    ] {
        let found = data(&format!(
            r#""datatype":"{datatype}","shape":[1],"data":[{json}]"#
        ));
        assert_eq!(found.unwrap(), expected, "{datatype} {json}");
    }
}

#[test]
fn data_is_flat_or_nested_as_the_shape_is_and_may_come_first() {
    for rest in [
        r#""datatype":"UINT8","shape":[2,3],"data":[1,2,3,4,5,6]"#,
        r#""datatype":"UINT8","shape":[2,3],"data":[[1,2,3],[4,5,6]]"#,
        r#""data":[[1,2,3],[4,5,6]],"datatype":"UINT8","shape":[2,3]"#,
        r#""datatype":"UINT8","data":[1,2,3,4,5,6],"shape":[2,3]"#,
        r#""datatype":"UINT8","shape":[2,3],"data":[1,2,3,4,5,6],"unknown":{"a":[{}]}"#,
    ] {
        assert_eq!(data(rest).unwrap(), [1, 2, 3, 4, 5, 6], "{rest}");
    }
    for rest in [
        r#""datatype":"UINT8","shape":[0,3],"data":[]"#,
        r#""datatype":"UINT8","shape":[2,0],"data":[[],[]]"#,
    ] {
        assert!(data(rest).unwrap().is_empty(), "{rest}");
    }
    assert_eq!(
        data(r#""datatype":"UINT8","shape":[],"data":[7]"#).unwrap(),
        [7]
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, a line a case")]
fn data_that_does_not_fit_is_told_where() {
    let of = |datatype: &str, shape: &str, data: &str| {
        format!(r#""datatype":"{datatype}","shape":{shape},"data":{data}"#)
    };
    for (datatype, shape, data, expected) in [
        (
            "FP32",
            "[2]",
            "[1]",
            "inputs[0].data: expected 2 elements, found 1",
        ),
        (
            "FP32",
            "[2]",
            "[1,2,3]",
            "inputs[0].data[2]: expected 2 elements, found more",
        ),
        ("FP32", "[2]", "5", "inputs[0].data: expected a list"),
        (
            "FP32",
            "[2]",
            "{}",
            "invalid type: map, expected FP32 in inputs[0].data",
        ),
        (
            "FP32",
            "[2,2]",
            "[[1,2],[3]]",
            "inputs[0].data[1]: expected 2 items as the shape has, found 1",
        ),
        (
            "FP32",
            "[1,2]",
            "[[1],[2]]",
            "inputs[0].data[0]: expected 2 items as the shape has, found 1",
        ),
        (
            "FP32",
            "[1,2]",
            "[1,[2]]",
            "inputs[0].data[1][0]: expected elements in one flat list, or all in 2 nested ones",
        ),
        (
            "FP32",
            "[2]",
            "[[1],[2]]",
            "inputs[0].data[0]: expected an element, found a list: the shape has 1 dimensions",
        ),
        (
            "FP32",
            "[2,1,1]",
            "[[1],[2]]",
            "inputs[0].data[0][0]: expected elements in one flat list",
        ),
        (
            "FP32",
            "[1]",
            "[\"1\"]",
            "inputs[0].data[0]: expected FP32, found \"1\"",
        ),
        (
            "FP32",
            "[1]",
            "[null]",
            "invalid type: null, expected FP32 in inputs[0].data[0]",
        ),
        (
            "FP32",
            "[1]",
            "[1e39]",
            "inputs[0].data[0]: expected FP32, found 1000",
        ),
        ("FP32", "[1]", "[NaN]", "expected value at line 1"),
        ("FP64", "[1]", "[1e999]", "number out of range"),
        (
            "INT8",
            "[2]",
            "[0,128]",
            "inputs[0].data[1]: expected INT8, found 128",
        ),
        (
            "UINT8",
            "[1]",
            "[-1]",
            "inputs[0].data[0]: expected UINT8, found -1",
        ),
        (
            "INT64",
            "[1]",
            "[1.5]",
            "inputs[0].data[0]: expected INT64, found 1.5",
        ),
        (
            "INT64",
            "[1]",
            "[9223372036854775808]",
            "inputs[0].data[0]: expected INT64, found",
        ),
        (
            "BOOL",
            "[1]",
            "[1]",
            "inputs[0].data[0]: expected BOOL, found 1",
        ),
        (
            "BYTES",
            "[1]",
            "[1]",
            "inputs[0].data[0]: expected BYTES, found 1",
        ),
        (
            "FP16",
            "[1]",
            "[1]",
            "inputs[0].data: FP16 has no form in JSON",
        ),
        (
            "BF16",
            "[1]",
            "[1]",
            "inputs[0].data: BF16 has no form in JSON",
        ),
        (
            "FLOAT",
            "[1]",
            "[1]",
            "inputs[0].datatype: expected one of BOOL",
        ),
        (
            "FP32",
            "[-1]",
            "[1]",
            "inputs[0].shape[0]: expected a size from 0 to 4294967295, found -1",
        ),
        (
            "FP32",
            "[4294967296]",
            "[1]",
            "inputs[0].shape[0]: expected a size from 0 to 4294967295",
        ),
        (
            "FP32",
            "[1.0]",
            "[1]",
            "invalid type: floating point `1.0`, expected inputs[0].shape[0] to be a whole number",
        ),
        (
            "FP32",
            "\"1\"",
            "[1]",
            "invalid type: string \"1\", expected inputs[0].shape to be a list of sizes",
        ),
        (
            "FP32",
            "[4294967295,4294967295,4294967295]",
            "[1]",
            "inputs[0].data: the shape has more elements than memory",
        ),
        (
            "FP32",
            "[4294967295,1000000]",
            "[1]",
            "inputs[0].data: expected 4294967295000000 elements, found 1",
        ),
    ] {
        check(&of(datatype, shape, data), expected);
    }
}

#[test]
fn a_message_is_one_object_of_known_fields_given_once() {
    for (json, expected) in [
        ("", "EOF while parsing a value"),
        (
            "[]",
            "invalid type: sequence, expected the body to be an object",
        ),
        ("{} {}", "trailing characters"),
        (
            r#"{"id":7}"#,
            "invalid type: integer `7`, expected id to be a string",
        ),
        (r#"{"id":"a","id":"b"}"#, "id: given twice"),
        (
            r#"{"inputs":{}}"#,
            "invalid type: map, expected inputs to be a list of tensors",
        ),
        (
            r#"{"inputs":[7]}"#,
            "invalid type: integer `7`, expected inputs[0] to be an object",
        ),
        (
            r#"{"inputs":[{"name":"a","name":"b"}]}"#,
            "inputs[0].name: given twice",
        ),
        (
            r#"{"parameters":7}"#,
            "invalid type: integer `7`, expected parameters to be an object",
        ),
    ] {
        let error = read(json.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{json}: {error}");
    }
    let message =
        read(br#"{"id":"a","parameters":{"q":[{}],"binary_data":true,"r":"s","binary_data":7},"inputs":[],"x":null}"#);
    let message = message.unwrap();
    assert_eq!(message.id.as_deref(), Some("a"));
    assert_eq!(message.parameters.truth("", "binary_data"), Ok(Some(true)));
    // Nobody asks for the others, so they are not kept.
    assert_eq!(message.parameters.0.len(), 1);
    assert_eq!(message.inputs, Some(vec![]));
    assert_eq!(message.outputs, None);
}

#[test]
fn tensors_dimensions_and_parameters_are_counted() {
    let list = |count: usize, item: &str| vec![item; count].join(",");
    let tensors = |count| format!(r#"{{"inputs":[{}]}}"#, list(count, "{}"));
    let shape = |count| input(&format!(r#""shape":[{}]"#, list(count, "1")));
    let parameters = |count| input(&format!(r#""parameters":{{{}}}"#, list(count, r#""p":1"#)));
    for (made, most) in [
        (&tensors as &dyn Fn(usize) -> String, MOST_TENSORS),
        (&shape, MOST_DIMENSIONS),
        (&parameters, MOST_PARAMETERS),
    ] {
        for (count, fits) in [(most - 1, true), (most, true), (most + 1, false)] {
            assert_eq!(read(made(count).as_bytes()).is_ok(), fits, "{count}");
        }
    }
}

#[test]
fn nesting_is_bounded_wherever_it_is() {
    let deep = "[".repeat(100_000);
    for json in [
        deep.clone(),
        format!(r#"{{"inputs":{deep}"#),
        input(&format!(r#""datatype":"FP32","shape":[1],"data":{deep}"#)),
        format!(r#"{{"parameters":{{"a":{deep}"#),
        format!(r#"{{"unknown":{deep}"#),
    ] {
        assert!(read(json.as_bytes()).is_err());
    }
}
