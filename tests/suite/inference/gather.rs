//! A model of any size, written by hand: `y = weights[x]`, with `x` one int64.
//!
//! ONNX is a protobuf message; the numbers are those of its fields in `onnx.proto`.

/// The bytes of a model with `count` weights, all the same. Every engine keeps weights that are picked by the input;
/// others it would fold away.
pub(super) fn model(weight: f32, count: usize) -> Vec<u8> {
    let opset = [text(1, ""), number(2, 18)].concat();
    [
        number(1, 8),
        message(8, &opset),
        message(7, &graph(weight, count)),
    ]
    .concat()
}

fn graph(weight: f32, count: usize) -> Vec<u8> {
    let node = [
        text(1, "weights"),
        text(1, "x"),
        text(2, "y"),
        text(4, "Gather"),
    ]
    .concat();
    let weights = [
        number(1, count as u64),
        number(2, FLOAT),
        text(8, "weights"),
        message(9, &weight.to_le_bytes().repeat(count)),
    ]
    .concat();
    [
        message(1, &node),
        text(2, "gather"),
        message(5, &weights),
        message(11, &value("x", INT64)),
        message(12, &value("y", FLOAT)),
    ]
    .concat()
}

const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// One input or output: a tensor of one element.
fn value(name: &str, element: u64) -> Vec<u8> {
    let one = message(1, &number(1, 1));
    let tensor = [number(1, element), message(2, &one)].concat();
    [text(1, name), message(2, &message(1, &tensor))].concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn text(field: u64, value: &str) -> Vec<u8> {
    message(field, value.as_bytes())
}

fn message(field: u64, bytes: &[u8]) -> Vec<u8> {
    let mut message = [varint(field << 3 | 2), varint(bytes.len() as u64)].concat();
    message.extend(bytes);
    message
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}
