//! The records of the contract (`wit/`), as they cross the border of a sandbox.
//!
//! Written by hand rather than generated, so that each direction has the cheapest shape: a request is lowered from
//! borrowed data straight into the guest's memory, tensors are lifted as views and read in place. wasmtime compares them
//! with the component's own types when it is linked and started, so a slip here is an error there, not a misread byte.

use mlwasm_types::{ElementType as Element, Tensor, TensorSpec as Spec};
use wasmtime::component::{ComponentType, Lift, Lower, WasmList, WasmStr};

/// The package's interfaces, as components name them.
pub(crate) const SCORER: &str = "mlwasm:scoring/scorer@0.1.0";
/// See [`SCORER`].
pub(crate) const INFERENCE: &str = "mlwasm:scoring/inference@0.1.0";
/// See [`SCORER`].
pub(crate) const COLLECTION: &str = "mlwasm:scoring/collection@0.1.0";

/// `scorer.header`, to the guest.
#[derive(ComponentType, Lower, Clone, Copy, Debug)]
#[component(record)]
pub(crate) struct HeaderView<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a [u8],
}

/// `scorer.request`, to the guest.
#[derive(ComponentType, Lower, Clone, Copy, Debug)]
#[component(record)]
pub(crate) struct RequestView<'a> {
    pub(crate) id: &'a str,
    pub(crate) deployment: &'a str,
    #[component(name = "is-mirror")]
    pub(crate) is_mirror: bool,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [HeaderView<'a>],
    #[component(name = "content-type")]
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// `scorer.header`, from the guest.
#[derive(ComponentType, Lift, Clone, Debug)]
#[component(record)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: Vec<u8>,
}

/// `scorer.response`, from the guest.
#[derive(ComponentType, Lift, Debug)]
#[component(record)]
pub(crate) struct Response {
    pub(crate) status: u16,
    #[component(name = "content-type")]
    pub(crate) content_type: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Vec<u8>,
}

/// `scorer.score-error`, from the guest.
#[derive(ComponentType, Lift, Debug)]
#[component(variant)]
pub(crate) enum ScoreError {
    #[component(name = "bad-request")]
    BadRequest(String),
    #[component(name = "internal")]
    Internal(String),
}

/// `inference.element-type`, both ways.
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug, PartialEq, Eq)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum ElementType {
    #[component(name = "boolean")]
    Boolean,
    #[component(name = "uint8")]
    Uint8,
    #[component(name = "int8")]
    Int8,
    #[component(name = "uint16")]
    Uint16,
    #[component(name = "int16")]
    Int16,
    #[component(name = "uint32")]
    Uint32,
    #[component(name = "int32")]
    Int32,
    #[component(name = "uint64")]
    Uint64,
    #[component(name = "int64")]
    Int64,
    #[component(name = "float16")]
    Float16,
    #[component(name = "bfloat16")]
    Bfloat16,
    #[component(name = "float32")]
    Float32,
    #[component(name = "float64")]
    Float64,
    #[component(name = "bytes")]
    Bytes,
}

/// `inference.tensor`, from the guest: name and data stay in its memory.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct TensorView {
    pub(crate) name: WasmStr,
    pub(crate) element: ElementType,
    pub(crate) shape: Vec<u32>,
    pub(crate) data: WasmList<u8>,
}

/// `inference.tensor`, to the guest.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub(crate) struct OutputTensor {
    name: String,
    element: ElementType,
    shape: Vec<u32>,
    data: Vec<u8>,
}

/// `inference.tensor-spec`, to the guest.
#[derive(ComponentType, Lower, Debug)]
#[component(record)]
pub(crate) struct TensorSpec {
    name: String,
    element: ElementType,
    shape: Vec<Option<u32>>,
}

/// `inference.inference-error`, to the guest.
#[derive(ComponentType, Lower, Debug)]
#[component(variant)]
pub(crate) enum InferenceError {
    #[component(name = "unknown-model")]
    UnknownModel(String),
    #[component(name = "invalid-input")]
    InvalidInput(String),
    #[component(name = "failed")]
    Failed(String),
}

/// `collection.collection-error`, to the guest.
#[derive(ComponentType, Lower, Debug)]
#[component(variant)]
pub(crate) enum CollectionError {
    #[component(name = "invalid")]
    Invalid(String),
    #[component(name = "too-many")]
    TooMany(String),
}

impl From<Tensor> for OutputTensor {
    fn from(tensor: Tensor) -> Self {
        Self {
            name: tensor.name,
            element: tensor.element.into(),
            shape: tensor.shape,
            data: tensor.data,
        }
    }
}

impl From<&Spec> for TensorSpec {
    fn from(spec: &Spec) -> Self {
        Self {
            name: spec.name.clone(),
            element: spec.element.into(),
            shape: spec.shape.clone(),
        }
    }
}

// Two matches over the same pairs: the compiler then tells of a type that one side lacks.
impl From<Element> for ElementType {
    fn from(element: Element) -> Self {
        match element {
            Element::Boolean => Self::Boolean,
            Element::Uint8 => Self::Uint8,
            Element::Int8 => Self::Int8,
            Element::Uint16 => Self::Uint16,
            Element::Int16 => Self::Int16,
            Element::Uint32 => Self::Uint32,
            Element::Int32 => Self::Int32,
            Element::Uint64 => Self::Uint64,
            Element::Int64 => Self::Int64,
            Element::Float16 => Self::Float16,
            Element::Bfloat16 => Self::Bfloat16,
            Element::Float32 => Self::Float32,
            Element::Float64 => Self::Float64,
            Element::Bytes => Self::Bytes,
        }
    }
}

impl From<ElementType> for Element {
    fn from(element: ElementType) -> Self {
        match element {
            ElementType::Boolean => Self::Boolean,
            ElementType::Uint8 => Self::Uint8,
            ElementType::Int8 => Self::Int8,
            ElementType::Uint16 => Self::Uint16,
            ElementType::Int16 => Self::Int16,
            ElementType::Uint32 => Self::Uint32,
            ElementType::Int32 => Self::Int32,
            ElementType::Uint64 => Self::Uint64,
            ElementType::Int64 => Self::Int64,
            ElementType::Float16 => Self::Float16,
            ElementType::Bfloat16 => Self::Bfloat16,
            ElementType::Float32 => Self::Float32,
            ElementType::Float64 => Self::Float64,
            ElementType::Bytes => Self::Bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn element_types_cross_the_border_and_come_back() {
        for element in Element::ALL {
            assert_eq!(Element::from(ElementType::from(element)), element);
        }
    }
}
