//! Whether tensors fit a model: the checks that the real host makes before it runs anything.

use crate::{ElementType, Tensor, TensorSpec, strings};

/// The tensors in the order of `specs`: exactly one for each. Else what is wrong.
pub(super) fn in_order(specs: &[TensorSpec], tensors: &[Tensor]) -> Result<Vec<Tensor>, String> {
    let is_known = |tensor: &&Tensor| specs.iter().any(|spec| spec.name == tensor.name());
    if let Some(stranger) = tensors.iter().find(|tensor| !is_known(tensor)) {
        let known: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
        return Err(format!(
            "no tensor `{}`, expected {known:?}",
            stranger.name()
        ));
    }
    specs.iter().map(|spec| pick(spec, tensors)).collect()
}

fn pick(spec: &TensorSpec, tensors: &[Tensor]) -> Result<Tensor, String> {
    let mut found = tensors.iter().filter(|tensor| tensor.name() == spec.name);
    let tensor = found
        .next()
        .ok_or_else(|| format!("tensor `{}` is missing", spec.name))?;
    if found.next().is_some() {
        return Err(format!("tensor `{}` is given twice", spec.name));
    }
    if tensor.element() != spec.element {
        return Err(format!(
            "tensor `{}` holds {}, expected {}",
            spec.name,
            tensor.element(),
            spec.element
        ));
    }
    if !spec.accepts_shape(tensor.shape()) {
        return Err(format!(
            "tensor `{}` has shape {:?}, expected {spec}",
            spec.name,
            tensor.shape()
        ));
    }
    if !is_filled(tensor) {
        let length = tensor.as_bytes().len();
        return Err(format!(
            "tensor `{}` of shape {:?} has {length} bytes",
            spec.name,
            tensor.shape()
        ));
    }
    Ok(tensor.clone())
}

/// Whether the bytes are exactly as many elements as the shape has places.
fn is_filled(tensor: &Tensor) -> bool {
    let found = match tensor.element() {
        ElementType::Bytes => strings::split(tensor.as_bytes()).map(|strings| strings.len()),
        fixed => fixed.size().and_then(|size| {
            let length = tensor.as_bytes().len();
            length.is_multiple_of(size).then_some(length / size)
        }),
    };
    found.and_then(|found| u64::try_from(found).ok()) == Some(tensor.element_count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs() -> Vec<TensorSpec> {
        vec![
            TensorSpec::new("rows", ElementType::Float32, [None, Some(2)]),
            TensorSpec::new("words", ElementType::Bytes, [Some(1)]),
        ]
    }

    fn rows() -> Tensor {
        Tensor::new("rows", &[1, 2], &[1.0_f32, 2.0]).unwrap()
    }

    fn words() -> Tensor {
        Tensor::strings("words", &[1], &["hi"]).unwrap()
    }

    #[test]
    fn tensors_in_any_order_come_in_the_models_order() {
        assert_eq!(
            in_order(&specs(), &[words(), rows()]),
            Ok(vec![rows(), words()])
        );
    }

    #[test]
    fn every_mistake_names_the_tensor() {
        let raw = |shape: &[u32], bytes| {
            Tensor::from_bytes("rows", ElementType::Float32, shape.to_vec(), vec![0; bytes])
        };
        let cases = [
            (vec![rows()], "tensor `words` is missing"),
            (
                vec![rows(), words(), rows()],
                "tensor `rows` is given twice",
            ),
            (
                vec![Tensor::new("x", &[], &[1_u8]).unwrap()],
                "no tensor `x`, expected [\"rows\", \"words\"]",
            ),
            (
                vec![Tensor::new("rows", &[1, 2], &[1_i64, 2]).unwrap()],
                "tensor `rows` holds int64, expected float32",
            ),
            (
                vec![raw(&[2], 8)],
                "tensor `rows` has shape [2], expected rows: float32 [?, 2]",
            ),
            (
                vec![raw(&[1, 3], 12)],
                "tensor `rows` has shape [1, 3], expected rows: float32 [?, 2]",
            ),
            (
                vec![raw(&[1, 2], 7)],
                "tensor `rows` of shape [1, 2] has 7 bytes",
            ),
            (
                vec![raw(&[1, 2], 12)],
                "tensor `rows` of shape [1, 2] has 12 bytes",
            ),
        ];
        for (tensors, reason) in cases {
            assert_eq!(in_order(&specs(), &tensors), Err(reason.to_owned()));
        }
    }
}
