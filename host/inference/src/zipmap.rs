//! The probabilities of a scikit-learn classifier, as the tensor that they are.
//!
//! Converters (skl2onnx, onnxmltools) end a classifier's graph by a `ZipMap`, unless they are told `zipmap: False`: it
//! makes of each row of probabilities a map from class to probability, which no scorer and no client of tensors could take.
//! Here such a node becomes an `Identity` before the model is loaded, and its output the tensor of type float and shape
//! [rows, classes], in the order of the model's classes: what `zipmap: False` would have given, under the same name. A
//! `ZipMap` elsewhere than at an output stays what it is. Field numbers are those of `onnx.proto`.

use std::borrow::Cow;

use crate::{
    error::LoadError,
    protobuf::{Field, Fields, Value, put_bytes, put_integer},
};

const MODEL_GRAPH: u64 = 7;
const MODEL_OPSET: u64 = 8;
const GRAPH_NODE: u64 = 1;
const GRAPH_OUTPUT: u64 = 12;
const NODE_INPUT: u64 = 1;
const NODE_OUTPUT: u64 = 2;
const NODE_NAME: u64 = 3;
const NODE_OPERATOR: u64 = 4;
const NODE_ATTRIBUTE: u64 = 5;
const NODE_DOMAIN: u64 = 7;
/// `ints` and `strings` of an attribute.
const ATTRIBUTE_LISTS: [u64; 2] = [8, 9];
const FLOAT: u64 = 1;
/// For a model that has only operators of `ai.onnx.ml`: any version has `Identity`.
const OPSET_OF_IDENTITY: u64 = 13;

/// A `ZipMap` whose output is one of the model's.
struct ZipMap<'a> {
    input: &'a [u8],
    output: &'a [u8],
    name: Option<&'a [u8]>,
    classes: u64,
}

/// The model with tensors instead of maps at its outputs; itself if it has none such.
///
/// # Errors
///
/// [`LoadError::NotOnnx`] if it is cut off.
pub(crate) fn flattened(model: &[u8]) -> Result<Cow<'_, [u8]>, LoadError> {
    let mut graphs = Vec::new();
    for field in Fields(model) {
        if let Field {
            number: MODEL_GRAPH,
            value: Value::Bytes(graph),
            ..
        } = field?
        {
            graphs.push(graph);
        }
    }
    // A parser would merge several; none that people have is like that.
    let [graph] = graphs[..] else {
        return Ok(model.into());
    };
    let zipmaps = zipmaps_at_outputs(graph)?;
    if zipmaps.is_empty() {
        return Ok(model.into());
    }
    let mut flat = Vec::with_capacity(model.len());
    let mut has_default_operators = false;
    for field in Fields(model) {
        let field = field?;
        match (field.number, field.value) {
            (MODEL_GRAPH, _) => put_bytes(&mut flat, MODEL_GRAPH, &rewritten(graph, &zipmaps)?),
            (MODEL_OPSET, Value::Bytes(opset)) => {
                has_default_operators |= bytes_field(opset, 1)?.unwrap_or_default().is_empty();
                flat.extend_from_slice(field.whole);
            }
            _ => flat.extend_from_slice(field.whole),
        }
    }
    if !has_default_operators {
        let mut opset = Vec::new();
        put_bytes(&mut opset, 1, b"");
        put_integer(&mut opset, 2, OPSET_OF_IDENTITY);
        put_bytes(&mut flat, MODEL_OPSET, &opset);
    }
    Ok(flat.into())
}

fn zipmaps_at_outputs(graph: &[u8]) -> Result<Vec<ZipMap<'_>>, LoadError> {
    let (mut zipmaps, mut outputs) = (Vec::new(), Vec::new());
    for field in Fields(graph) {
        match field? {
            Field {
                number: GRAPH_NODE,
                value: Value::Bytes(node),
                ..
            } => zipmaps.extend(zipmap(node)?),
            Field {
                number: GRAPH_OUTPUT,
                value: Value::Bytes(output),
                ..
            } => outputs.extend(bytes_field(output, 1)?),
            _ => {}
        }
    }
    zipmaps.retain(|zipmap| outputs.contains(&zipmap.output));
    Ok(zipmaps)
}

/// The node, if it is a `ZipMap` of one input and one output that names its classes.
fn zipmap(node: &[u8]) -> Result<Option<ZipMap<'_>>, LoadError> {
    if bytes_field(node, NODE_OPERATOR)? != Some(b"ZipMap")
        || bytes_field(node, NODE_DOMAIN)? != Some(b"ai.onnx.ml")
    {
        return Ok(None);
    }
    let mut classes = 0;
    for field in Fields(node) {
        if let Field {
            number: NODE_ATTRIBUTE,
            value: Value::Bytes(attribute),
            ..
        } = field?
        {
            for field in Fields(attribute) {
                classes += items(&field?)?;
            }
        }
    }
    let input = bytes_field(node, NODE_INPUT)?;
    let output = bytes_field(node, NODE_OUTPUT)?;
    let (Some(input), Some(output), true) = (input, output, classes > 0) else {
        return Ok(None);
    };
    Ok(Some(ZipMap {
        input,
        output,
        name: bytes_field(node, NODE_NAME)?,
        classes,
    }))
}

/// How many items of a list an attribute's field holds: numbers may stand in one field together.
fn items(field: &Field<'_>) -> Result<u64, LoadError> {
    match (field.number, field.value) {
        (8, Value::Bytes(packed)) => Ok(packed.iter().filter(|byte| **byte < 0x80).count() as u64),
        (number, _) if ATTRIBUTE_LISTS.contains(&number) => Ok(1),
        _ => Ok(0),
    }
}

fn rewritten(graph: &[u8], zipmaps: &[ZipMap<'_>]) -> Result<Vec<u8>, LoadError> {
    let mut flat = Vec::with_capacity(graph.len());
    for field in Fields(graph) {
        let field = field?;
        let (number, Value::Bytes(message)) = (field.number, field.value) else {
            flat.extend_from_slice(field.whole);
            continue;
        };
        let name = match number {
            GRAPH_NODE => zipmap(message)?.map(|zipmap| zipmap.output),
            GRAPH_OUTPUT => bytes_field(message, 1)?,
            _ => None,
        };
        let found = zipmaps.iter().find(|zipmap| Some(zipmap.output) == name);
        match (number, found) {
            (GRAPH_NODE, Some(zipmap)) => put_bytes(&mut flat, number, &identity(zipmap)),
            (_, Some(zipmap)) => put_bytes(&mut flat, number, &tensor(zipmap)),
            (_, None) => flat.extend_from_slice(field.whole),
        }
    }
    Ok(flat)
}

/// The node that passes the probabilities on as they are.
fn identity(zipmap: &ZipMap<'_>) -> Vec<u8> {
    let mut node = Vec::new();
    put_bytes(&mut node, NODE_INPUT, zipmap.input);
    put_bytes(&mut node, NODE_OUTPUT, zipmap.output);
    put_bytes(&mut node, NODE_NAME, zipmap.name.unwrap_or_default());
    put_bytes(&mut node, NODE_OPERATOR, b"Identity");
    node
}

/// The output: float, of any number of rows, one column for each class.
fn tensor(zipmap: &ZipMap<'_>) -> Vec<u8> {
    let message = |parts: &[(u64, &[u8])]| {
        let mut message = Vec::new();
        for (number, bytes) in parts {
            put_bytes(&mut message, *number, bytes);
        }
        message
    };
    let mut columns = Vec::new();
    put_integer(&mut columns, 1, zipmap.classes);
    let shape = message(&[(1, b""), (1, &columns)]);
    let mut tensor = Vec::new();
    put_integer(&mut tensor, 1, FLOAT);
    put_bytes(&mut tensor, 2, &shape);
    let kind = message(&[(1, &tensor)]);
    message(&[(1, zipmap.output), (2, &kind)])
}

/// The last field of this number that holds bytes, as a parser takes it.
fn bytes_field(message: &[u8], number: u64) -> Result<Option<&[u8]>, LoadError> {
    let mut found = None;
    for field in Fields(message) {
        let field = field?;
        if let (true, Value::Bytes(bytes)) = (field.number == number, field.value) {
            found = Some(bytes);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(parts: &[(u64, &[u8])]) -> Vec<u8> {
        let mut message = Vec::new();
        for (number, bytes) in parts {
            put_bytes(&mut message, *number, bytes);
        }
        message
    }

    /// A model of one `ZipMap` over three classes, whose output is `given`.
    fn model(domain: &[u8], given: &[u8], opset: &[u8]) -> Vec<u8> {
        let classes = message(&[(1, b"classlabels_strings"), (9, b"a"), (9, b"b"), (9, b"c")]);
        let node = message(&[
            (NODE_INPUT, b"p"),
            (NODE_OUTPUT, b"maps"),
            (NODE_OPERATOR, b"ZipMap"),
            (NODE_ATTRIBUTE, &classes),
            (NODE_DOMAIN, domain),
        ]);
        let output = message(&[(1, given), (2, b"")]);
        let graph = message(&[(GRAPH_NODE, &node), (GRAPH_OUTPUT, &output)]);
        message(&[
            (MODEL_OPSET, &message(&[(1, opset)])),
            (MODEL_GRAPH, &graph),
        ])
    }

    #[test]
    fn only_a_zipmap_at_an_output_is_replaced() {
        for (model, is_replaced) in [
            (model(b"ai.onnx.ml", b"maps", b""), true),
            (model(b"ai.onnx.ml", b"other", b""), false),
            (model(b"", b"maps", b""), false),
        ] {
            let flat = flattened(&model).unwrap();
            assert_eq!(matches!(flat, Cow::Owned(_)), is_replaced);
            let has = |word: &[u8]| flat.windows(word.len()).any(|window| window == word);
            assert_eq!(
                (has(b"Identity"), has(b"ZipMap")),
                (is_replaced, !is_replaced)
            );
        }
    }

    #[test]
    fn identity_is_an_operator_that_the_model_then_imports() {
        for (opset, imports) in [(&b""[..], 1), (b"ai.onnx.ml", 2)] {
            let model = model(b"ai.onnx.ml", b"maps", opset);
            let flat = flattened(&model).unwrap();
            let numbers: Vec<u64> = Fields(&flat).map(|field| field.unwrap().number).collect();
            let count = numbers
                .iter()
                .filter(|number| **number == MODEL_OPSET)
                .count();
            assert_eq!(count, imports);
        }
    }

    #[test]
    fn classes_are_counted_in_each_way_of_writing_them() {
        let mut apart = Vec::new();
        for class in [0, 1, 300] {
            put_integer(&mut apart, 8, class);
        }
        let packed = message(&[(8, &[0, 1, 0xac, 0x02])]);
        let texts = message(&[(9, b"a"), (9, b"b"), (9, b"c")]);
        for attribute in [apart, packed, texts] {
            let node = message(&[
                (NODE_INPUT, b"p"),
                (NODE_OUTPUT, b"maps"),
                (NODE_OPERATOR, b"ZipMap"),
                (NODE_ATTRIBUTE, &attribute),
                (NODE_DOMAIN, b"ai.onnx.ml"),
            ]);
            assert_eq!(zipmap(&node).unwrap().unwrap().classes, 3);
        }
    }
}
