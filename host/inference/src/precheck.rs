//! Looks through a model's bytes before ONNX Runtime does: no data in other files, no operators of unknown origin.
//!
//! ONNX Runtime reads weights from whatever file a tensor names, so a model could read files of this host. It is asked
//! not to (see `onnx.rs`); this walk is what makes sure. It visits each message that can hold a tensor or an operator,
//! wherever it is nested, and where a protobuf field occurs twice it looks at both, so it sees at least what a parser
//! that keeps the first or the last sees. Field numbers are those of `onnx.proto`.

use crate::{
    error::LoadError,
    protobuf::{Field, Fields, Value},
};

/// The domains of the operators that ONNX Runtime brings with it.
const BUILT_IN_DOMAINS: [&str; 4] = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];

/// Messages within messages: protobuf's own parsers stop at 100 too.
const MAX_DEPTH: u32 = 100;

/// Checks that the model keeps to one file and to built-in operators, and that it is a model.
pub(crate) fn check(bytes: &[u8]) -> Result<(), LoadError> {
    // ONNX Runtime's own format would be read by other code, which this walk knows nothing of.
    if bytes.get(4..8) == Some(b"ORTM") {
        return Err(LoadError::NotOnnx {
            reason: "it is in ONNX Runtime's own format",
        });
    }
    let walk = Walk {
        function_domains: function_domains(bytes)?,
    };
    let mut has_graph = false;
    for field in Fields(bytes) {
        has_graph |= field?.number == 7;
    }
    if !has_graph {
        return Err(LoadError::NotOnnx {
            reason: "it has no graph",
        });
    }
    walk.visit(Message::Model, bytes, 0)
}

/// The messages on the way to tensors and operators.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
}

impl Message {
    fn child(self, field: u64) -> Option<Self> {
        match (self, field) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Some(Self::Graph),
            (Self::Model, 25) => Some(Self::Function),
            (Self::Graph, 1) | (Self::Function, 7) => Some(Self::Node),
            (Self::Node, 5) | (Self::Function, 11) => Some(Self::Attribute),
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::SparseTensor, 1 | 2) => {
                Some(Self::Tensor)
            }
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Some(Self::SparseTensor),
            _ => None,
        }
    }
}

struct Walk<'a> {
    /// Models may define operators of their own out of built-in ones; those are in these domains.
    function_domains: Vec<&'a [u8]>,
}

impl Walk<'_> {
    fn visit(&self, message: Message, bytes: &[u8], depth: u32) -> Result<(), LoadError> {
        if depth > MAX_DEPTH {
            return Err(LoadError::NotOnnx {
                reason: "it is nested too deeply",
            });
        }
        match message {
            Message::Tensor => return check_tensor(bytes),
            Message::Node => self.check_node(bytes)?,
            Message::Model
            | Message::Graph
            | Message::Function
            | Message::Attribute
            | Message::SparseTensor => {}
        }
        for field in Fields(bytes) {
            let field = field?;
            if let (Some(child), Value::Bytes(bytes)) = (message.child(field.number), field.value) {
                self.visit(child, bytes, depth + 1)?;
            }
        }
        Ok(())
    }

    fn check_node(&self, node: &[u8]) -> Result<(), LoadError> {
        for field in Fields(node) {
            let Field {
                number: 7,
                value: Value::Bytes(domain),
                ..
            } = field?
            else {
                continue;
            };
            let is_known = BUILT_IN_DOMAINS
                .iter()
                .any(|known| known.as_bytes() == domain)
                || self.function_domains.contains(&domain);
            if !is_known {
                return Err(LoadError::CustomOperator {
                    domain: text(domain),
                    operator: text_field(node, 4)?,
                });
            }
        }
        Ok(())
    }
}

/// A tensor may not have a `data_location` but 0, "in this message".
fn check_tensor(tensor: &[u8]) -> Result<(), LoadError> {
    for field in Fields(tensor) {
        let Field {
            number: 14,
            value: Value::Integer(location),
            ..
        } = field?
        else {
            continue;
        };
        if location != 0 {
            return Err(LoadError::ExternalData {
                tensor: text_field(tensor, 8)?,
            });
        }
    }
    Ok(())
}

fn function_domains(model: &[u8]) -> Result<Vec<&[u8]>, LoadError> {
    let mut domains = Vec::new();
    for field in Fields(model) {
        let Field {
            number: 25,
            value: Value::Bytes(function),
            ..
        } = field?
        else {
            continue;
        };
        for field in Fields(function) {
            if let Field {
                number: 10,
                value: Value::Bytes(domain),
                ..
            } = field?
            {
                domains.push(domain);
            }
        }
    }
    Ok(domains)
}

fn text_field(message: &[u8], number: u64) -> Result<String, LoadError> {
    for field in Fields(message) {
        let field = field?;
        if let (true, Value::Bytes(bytes)) = (field.number == number, field.value) {
            return Ok(text(bytes));
        }
    }
    Ok(String::new())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A length-delimited field with a number below 16 and a body below 128 bytes.
    fn nest(number: u8, body: &[u8]) -> Vec<u8> {
        let length = u8::try_from(body.len()).unwrap();
        [&[number << 3 | 2, length], body].concat()
    }

    #[test]
    fn bytes_that_are_no_model_are_refused() {
        let cases: [(&[u8], &str); 5] = [
            (b"", "it has no graph"),
            (b"\x08\x09", "it has no graph"),
            (
                b"hello world, this is not it",
                "the protobuf message is broken or cut off",
            ),
            (b"\x3a\x7f\x00", "the protobuf message is broken or cut off"),
            (
                b"\x00\x00\x00\x00ORTM\x00",
                "it is in ONNX Runtime's own format",
            ),
        ];
        for (bytes, reason) in cases {
            assert_eq!(
                check(bytes),
                Err(LoadError::NotOnnx { reason }),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn a_tensor_elsewhere_is_found_even_where_its_field_occurs_twice() {
        // Tensor "w": data_location 1, then 0, of which a parser keeps the last.
        let tensor = [nest(8, b"w"), vec![14 << 3, 1, 14 << 3, 0]].concat();
        let model = nest(7, &nest(5, &tensor));
        assert_eq!(
            check(&model),
            Err(LoadError::ExternalData {
                tensor: "w".to_owned()
            })
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        // A graph in an attribute of a node in a graph: three levels at a time.
        let nested =
            |times| (0..times).fold(Vec::new(), |graph, _| long(1, &long(5, &long(6, &graph))));
        assert_eq!(check(&long(7, &nested(33))), Ok(()));
        assert_eq!(
            check(&long(7, &nested(34))),
            Err(LoadError::NotOnnx {
                reason: "it is nested too deeply"
            })
        );
    }

    /// A length-delimited field whose length takes three bytes.
    fn long(number: u8, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let septet = |shift: u32| u8::try_from(length >> shift & 0x7f).unwrap();
        [
            &[
                number << 3 | 2,
                septet(0) | 0x80,
                septet(7) | 0x80,
                septet(14),
            ],
            body,
        ]
        .concat()
    }
}
