//! ONNX models of dense layers, written here: weights of megabytes are not kept in the repository.
//!
//! The file is protobuf, of which four kinds of fields are enough. Field numbers are those of `onnx.proto`.

/// Layers of `width` outputs each, with ReLU between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dense {
    pub(crate) layers: u32,
    /// Inputs and outputs of each layer.
    pub(crate) width: u32,
    /// Rows that the model takes at once; none for any number.
    pub(crate) rows: Option<u32>,
}

impl Dense {
    /// The model as a file: input `x` and output `y`, both `[rows, width]` of float32. Equal values have equal files.
    pub(crate) fn to_onnx(self) -> Vec<u8> {
        let mut graph = Message::default();
        let mut weights = Weights::default();
        let mut input = "x".to_owned();
        for layer in 1..=self.layers {
            let is_last = layer == self.layers;
            let output = if is_last {
                "y".to_owned()
            } else {
                format!("h{layer}")
            };
            let weight = format!("w{layer}");
            graph.message(1, node("MatMul", &[&input, &weight], &output));
            if !is_last {
                input = format!("r{layer}");
                graph.message(1, node("Relu", &[&output], &input));
            }
            let data = weights.take(self.width * self.width);
            graph.message(5, tensor(&weight, [self.width, self.width], &data));
        }
        graph.text(2, "dense");
        graph.message(11, self.value("x"));
        graph.message(12, self.value("y"));
        let mut operators = Message::default();
        operators.text(1, "");
        operators.number(2, 17);
        let mut model = Message::default();
        model.number(1, 8);
        model.message(7, graph);
        model.message(8, operators);
        model.0
    }

    /// `ValueInfoProto`.
    fn value(self, name: &str) -> Message {
        let mut shape = Message::default();
        for size in [self.rows, Some(self.width)] {
            let mut dimension = Message::default();
            match size {
                Some(size) => dimension.number(1, size.into()),
                None => dimension.text(2, "rows"),
            }
            shape.message(1, dimension);
        }
        let mut of_tensor = Message::default();
        of_tensor.number(1, FLOAT);
        of_tensor.message(2, shape);
        let mut kind = Message::default();
        kind.message(1, of_tensor);
        let mut value = Message::default();
        value.text(1, name);
        value.message(2, kind);
        value
    }
}

/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// `NodeProto`.
fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node.text(1, input);
    }
    node.text(2, output);
    node.text(4, operator);
    node
}

/// `TensorProto`.
fn tensor(name: &str, shape: [u32; 2], data: &[u8]) -> Message {
    let mut tensor = Message::default();
    for size in shape {
        tensor.number(1, size.into());
    }
    tensor.number(2, FLOAT);
    tensor.text(8, name);
    tensor.bytes(9, data);
    tensor
}

/// A protobuf message that is being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn message(&mut self, field: u64, message: Self) {
        self.bytes(field, &message.0);
    }

    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push((number & 0x7f | 0x80).to_le_bytes()[0]);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }
}

/// Small numbers around 0, always the same ones: xorshift.
struct Weights(u32);

impl Default for Weights {
    fn default() -> Self {
        Self(0x9e37_79b9)
    }
}

impl Weights {
    fn take(&mut self, count: u32) -> Vec<u8> {
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 17;
            self.0 ^= self.0 << 5;
            // 1 in 64 either way keeps the sums of a thousand of them near 1.
            let [_, _, high, sign] = self.0.to_le_bytes();
            (f32::from(high) - f32::from(sign)) / (256.0 * 64.0)
        };
        (0..count).flat_map(|_| next().to_le_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use mlwasm_bench::onnx_runtime;
    use mlwasm_inference::InferenceBackend as _;

    use super::*;

    #[test]
    fn onnx_runtime_takes_the_file_and_the_shape_is_as_asked() {
        let onnx = onnx_runtime().unwrap();
        for rows in [None, Some(3)] {
            let dense = Dense {
                layers: 2,
                width: 8,
                rows,
            };
            let model = onnx.load(&dense.to_onnx()).unwrap();
            let [input] = model.inputs() else {
                panic!("one input")
            };
            assert_eq!(input.shape, [rows, Some(8)]);
        }
    }
}
