//! Whether a scorer's functions have the contract's types.
//!
//! Types are written out as WIT text and compared as that: their names do not matter, their structure does, and whoever
//! reads the refusal sees both sides.

use wasmparser::{
    component_types::{ComponentDefinedType, ComponentFuncTypeId, ComponentValType},
    names::KebabString,
    types::Types,
};

use crate::error::ComponentError;

/// What a scorer exports, as in `wit/scorer.wit`.
pub(super) const SCORER_FUNCTIONS: [(&str, &str); 2] = [
    ("init", "func() -> result<_, string>"),
    (
        "run",
        "func(record { id: string, deployment: string, is-mirror: bool, query: string, \
         headers: list<record { name: string, value: list<u8> }>, content-type: option<string>, body: list<u8> }) -> \
         result<record { status: u16, content-type: string, headers: list<record { name: string, value: list<u8> }>, \
         body: list<u8> }, variant { bad-request(string), internal(string) }>",
    ),
];

/// What a typed scorer exports besides, as in `wit/tensor-scorer.wit`.
pub(super) fn tensor_scorer_functions() -> [(&'static str, String); 2] {
    let element = "enum { boolean, uint8, int8, uint16, int16, uint32, int32, uint64, int64, float16, bfloat16, \
         float32, float64, bytes }";
    let tensors = format!(
        "list<record {{ name: string, element: {element}, shape: list<u32>, data: list<u8> }}>"
    );
    let specs =
        format!("list<record {{ name: string, element: {element}, shape: list<option<u32>> }}>");
    [
        (
            "describe",
            format!("func() -> record {{ inputs: {specs}, outputs: {specs} }}"),
        ),
        (
            "infer",
            format!(
                "func({tensors}) -> result<{tensors}, variant {{ bad-request(string), internal(string) }}>"
            ),
        ),
    ]
}

/// Longer than any type of ours. A few bytes of a component can name a type that would fill a book.
const LONGEST: usize = 600;

/// Checks that the function `name` is what the contract says.
pub(super) fn check(
    types: &Types,
    (name, expected): (&str, &str),
    function: ComponentFuncTypeId,
) -> Result<(), ComponentError> {
    let mut writer = Writer {
        types,
        text: String::new(),
    };
    writer.function(function);
    let mut found = writer.text;
    if found == expected {
        return Ok(());
    }
    if found.len() > LONGEST {
        let end = found.floor_char_boundary(LONGEST);
        found.truncate(end);
        found.push('…');
    }
    Err(ComponentError::Mismatch {
        message: format!("{name} is {found}, expected {expected}"),
    })
}

/// Writes types, up to a length: what is cut off makes the text differ from any that is expected.
struct Writer<'a> {
    types: &'a Types,
    text: String,
}

impl Writer<'_> {
    fn function(&mut self, id: ComponentFuncTypeId) {
        let types = self.types;
        let function = &types[id];
        self.push(if function.async_ {
            "async func("
        } else {
            "func("
        });
        // The names of parameters are for people.
        self.list(function.params.iter(), |writer, (_, value)| {
            writer.value(*value)
        });
        self.push(")");
        if let Some(result) = function.result {
            self.push(" -> ");
            self.value(result);
        }
    }

    fn value(&mut self, value: ComponentValType) {
        // Nothing more is needed, and there may be very much more.
        if self.text.len() > LONGEST {
            return;
        }
        match value {
            ComponentValType::Primitive(primitive) => self.push(&primitive.to_string()),
            ComponentValType::Type(id) => {
                let types = self.types;
                self.defined(&types[id]);
            }
        }
    }

    fn defined(&mut self, defined: &ComponentDefinedType) {
        match defined {
            ComponentDefinedType::Primitive(primitive) => self.push(&primitive.to_string()),
            ComponentDefinedType::Record(record) => {
                self.push("record { ");
                self.list(record.fields.iter(), |writer, (name, value)| {
                    writer.push(name);
                    writer.push(": ");
                    writer.value(*value);
                });
                self.push(" }");
            }
            ComponentDefinedType::Variant(variant) => {
                self.push("variant { ");
                self.list(variant.cases.iter(), |writer, (name, case)| {
                    writer.push(name);
                    if let Some(payload) = case.ty {
                        writer.generic("(", [Some(payload)], ")");
                    }
                });
                self.push(" }");
            }
            ComponentDefinedType::Enum(names) => self.names("enum { ", names.iter()),
            ComponentDefinedType::Flags(names) => self.names("flags { ", names.iter()),
            ComponentDefinedType::List { element, .. } => {
                self.generic("list<", [Some(*element)], ">")
            }
            ComponentDefinedType::Option { ty, .. } => self.generic("option<", [Some(*ty)], ">"),
            ComponentDefinedType::Result { ok, err, .. } => {
                self.generic("result<", [*ok, *err], ">")
            }
            ComponentDefinedType::Tuple(tuple) => {
                self.generic("tuple<", tuple.types.iter().copied().map(Some), ">");
            }
            // Resources, streams and what else may come: no function of a scorer has them.
            _ => self.push("a type that no scorer uses"),
        }
    }

    fn generic(
        &mut self,
        open: &str,
        values: impl IntoIterator<Item = Option<ComponentValType>>,
        close: &str,
    ) {
        self.push(open);
        self.list(values.into_iter(), |writer, value| match value {
            Some(value) => writer.value(value),
            None => writer.push("_"),
        });
        self.push(close);
    }

    fn names<'n>(&mut self, open: &str, names: impl Iterator<Item = &'n KebabString>) {
        self.push(open);
        self.list(names, |writer, name| writer.push(name));
        self.push(" }");
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        for (position, item) in items.enumerate() {
            if self.text.len() > LONGEST {
                return;
            }
            if position > 0 {
                self.push(", ");
            }
            write(self, item);
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }
}
