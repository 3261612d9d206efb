//! The records of `wit/tensor-scorer.wit`.

use mlwasm_types::{Signature as OurSignature, Tensor as OurTensor, TensorSpec as OurSpec};
use wasmtime::component::{ComponentType, Lift, Lower};

use super::ElementType;
use crate::tensors::TensorInput;

/// `inference.tensor`, to the guest: lowered from where the tensor lies.
#[derive(ComponentType, Lower, Clone, Copy, Debug)]
#[component(record)]
pub(crate) struct LentTensor<'a> {
    name: &'a str,
    element: ElementType,
    shape: &'a [u32],
    data: &'a [u8],
}

/// `inference.tensor`, from the guest: an answer, which outlives the guest's memory of it.
#[derive(ComponentType, Lift, Debug)]
#[component(record)]
pub(crate) struct Tensor {
    name: String,
    element: ElementType,
    shape: Vec<u32>,
    data: Vec<u8>,
}

/// `inference.tensor-spec`, from the guest.
#[derive(ComponentType, Lift, Debug)]
#[component(record)]
pub(crate) struct TensorSpec {
    name: String,
    element: ElementType,
    shape: Vec<Option<u32>>,
}

/// `tensor-scorer.signature`, from the guest.
#[derive(ComponentType, Lift, Debug)]
#[component(record)]
pub(crate) struct Signature {
    inputs: Vec<TensorSpec>,
    outputs: Vec<TensorSpec>,
}

impl<'a> From<&TensorInput<'a>> for LentTensor<'a> {
    fn from(input: &TensorInput<'a>) -> Self {
        Self {
            name: input.name,
            element: input.element.into(),
            shape: input.shape,
            data: input.data,
        }
    }
}

impl From<Tensor> for OurTensor {
    fn from(tensor: Tensor) -> Self {
        Self {
            name: tensor.name,
            element: tensor.element.into(),
            shape: tensor.shape,
            data: tensor.data,
        }
    }
}

impl From<Signature> for OurSignature {
    fn from(signature: Signature) -> Self {
        let ours = |specs: Vec<TensorSpec>| specs.into_iter().map(OurSpec::from).collect();
        Self {
            inputs: ours(signature.inputs),
            outputs: ours(signature.outputs),
        }
    }
}

impl From<TensorSpec> for OurSpec {
    fn from(spec: TensorSpec) -> Self {
        Self {
            name: spec.name,
            element: spec.element.into(),
            shape: spec.shape,
        }
    }
}
