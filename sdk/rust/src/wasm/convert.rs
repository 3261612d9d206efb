//! From generated types to the SDK's and back. Bodies and data are moved, never copied.

use mlwasm_tensor_world::exports::mlwasm::scoring::tensor_scorer;
use mlwasm_tensor_world::mlwasm::scoring::inference as imported;

use crate::{ElementType, InferenceError, Signature, Tensor, TensorSpec};

// A macro, since both worlds have records of their own, of the same fields.
macro_rules! requests {
    ($world:ident, $exported:path) => {
        pub(super) mod $world {
            use $exported as exported;

            use crate::{Header, Request, Response, ScoreError};

            pub(in crate::wasm) fn request(from: exported::Request) -> Request {
                let headers = from.headers.into_iter().map(|header| Header {
                    name: header.name,
                    value: header.value,
                });
                Request {
                    id: from.id,
                    deployment: from.deployment,
                    is_mirror: from.is_mirror,
                    query: from.query,
                    headers: headers.collect(),
                    content_type: from.content_type,
                    body: from.body,
                }
            }

            pub(in crate::wasm) fn response(from: Response) -> exported::Response {
                let headers = from.headers.into_iter().map(|header| exported::Header {
                    name: header.name,
                    value: header.value,
                });
                exported::Response {
                    status: from.status,
                    content_type: from.content_type,
                    headers: headers.collect(),
                    body: from.body,
                }
            }

            pub(in crate::wasm) fn score_error(from: ScoreError) -> exported::ScoreError {
                match from {
                    ScoreError::BadRequest(reason) => exported::ScoreError::BadRequest(reason),
                    ScoreError::Internal(reason) => exported::ScoreError::Internal(reason),
                }
            }
        }
    };
}

requests!(raw, crate::wasm::bindings::exports::mlwasm::scoring::scorer);
requests!(typed, mlwasm_tensor_world::exports::mlwasm::scoring::scorer);

pub(super) fn inference_error(from: imported::InferenceError) -> InferenceError {
    match from {
        imported::InferenceError::UnknownModel(reason) => InferenceError::UnknownModel(reason),
        imported::InferenceError::InvalidInput(reason) => InferenceError::InvalidInput(reason),
        imported::InferenceError::Failed(reason) => InferenceError::Failed(reason),
    }
}

pub(super) fn lend_tensor(from: &Tensor) -> imported::TensorParam<'_> {
    imported::TensorParam {
        name: from.name(),
        element: to_wire(from.element()),
        shape: from.shape(),
        data: from.as_bytes(),
    }
}

pub(super) fn tensor(from: imported::TensorResult) -> Tensor {
    Tensor::from_bytes(from.name, from_wire(from.element), from.shape, from.data)
}

pub(super) fn give_tensor(from: Tensor) -> imported::TensorResult {
    let (name, element, shape, data) = from.into_parts();
    imported::TensorResult {
        name,
        element: to_wire(element),
        shape,
        data,
    }
}

pub(super) fn signature(from: Signature) -> tensor_scorer::Signature {
    let specs = |specs: Vec<TensorSpec>| specs.into_iter().map(give_spec).collect();
    tensor_scorer::Signature {
        inputs: specs(from.inputs),
        outputs: specs(from.outputs),
    }
}

fn give_spec(from: TensorSpec) -> imported::TensorSpec {
    imported::TensorSpec {
        name: from.name,
        element: to_wire(from.element),
        shape: from.shape,
    }
}

pub(super) fn spec(from: imported::TensorSpec) -> TensorSpec {
    TensorSpec::new(from.name, from_wire(from.element), from.shape)
}

// A macro, so that the two directions can not come apart.
macro_rules! element_types {
    ($($ours:ident = $theirs:ident),+ $(,)?) => {
        fn to_wire(element: ElementType) -> imported::ElementType {
            match element { $(ElementType::$ours => imported::ElementType::$theirs),+ }
        }

        fn from_wire(element: imported::ElementType) -> ElementType {
            match element { $(imported::ElementType::$theirs => ElementType::$ours),+ }
        }
    };
}

element_types! {
    Boolean = Boolean, Uint8 = Uint8, Int8 = Int8, Uint16 = Uint16, Int16 = Int16, Uint32 = Uint32, Int32 = Int32,
    Uint64 = Uint64, Int64 = Int64, Float16 = Float16, BFloat16 = Bfloat16, Float32 = Float32, Float64 = Float64,
    Bytes = Bytes,
}
