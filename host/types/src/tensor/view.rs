//! A signature as people and programs read it: in the words of the Open Inference Protocol.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Signature, TensorSpec};

/// What a typed scorer takes and gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignatureView {
    /// What it takes.
    pub inputs: Vec<TensorView>,
    /// What it gives.
    pub outputs: Vec<TensorView>,
}

/// One tensor that a scorer takes or gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TensorView {
    /// Its name.
    pub name: String,
    /// The type of its elements, as `FP32`.
    pub datatype: String,
    /// The size of each dimension, outermost first; -1 is any size. The protocol has no word for any number of dimensions:
    /// such a tensor is shown with one, of any size.
    pub shape: Vec<i64>,
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        let views = |specs: &[TensorSpec]| specs.iter().map(TensorView::from).collect();
        Self {
            inputs: views(&signature.inputs),
            outputs: views(&signature.outputs),
        }
    }
}

impl From<&TensorSpec> for TensorView {
    fn from(spec: &TensorSpec) -> Self {
        let sizes = spec.shape.iter();
        Self {
            name: spec.name.clone(),
            datatype: spec.element.datatype().to_owned(),
            shape: if spec.is_of_any_shape() {
                vec![-1]
            } else {
                sizes.map(|size| size.map_or(-1, i64::from)).collect()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ElementType;

    #[test]
    fn any_size_is_minus_one_and_types_have_the_protocols_names() {
        let spec = TensorSpec {
            name: "x".to_owned(),
            element: ElementType::Bfloat16,
            shape: vec![None, Some(u32::MAX)],
        };
        let view = TensorView::from(&spec);
        assert_eq!(
            serde_json::to_string(&view).unwrap(),
            r#"{"name":"x","datatype":"BF16","shape":[-1,4294967295]}"#
        );
        let any = TensorSpec {
            shape: TensorSpec::ANY_SHAPE.to_vec(),
            ..spec
        };
        assert_eq!(TensorView::from(&any).shape, [-1]);
    }
}
