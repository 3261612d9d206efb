//! Several tensors, found by name.

use std::slice;

use crate::{Tensor, TensorError};

/// Tensors by name: what a model gave, or what a [`TensorScorer`](crate::TensorScorer) is asked. In the order of the
/// model's outputs or of the scorer's inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tensors(Vec<Tensor>);

/// What a model gave: one tensor for each output, in the model's own order.
pub type Outputs = Tensors;

impl Tensors {
    /// The tensor of this name.
    ///
    /// # Errors
    ///
    /// [`TensorError::NoSuchTensor`], with the names that there are.
    pub fn get(&self, name: &str) -> Result<&Tensor, TensorError> {
        self.iter()
            .find(|tensor| tensor.name() == name)
            .ok_or_else(|| TensorError::NoSuchTensor {
                wanted: name.to_owned(),
                available: self.iter().map(|tensor| tensor.name().to_owned()).collect(),
            })
    }

    /// All of them, in order.
    pub fn iter(&self) -> slice::Iter<'_, Tensor> {
        self.0.iter()
    }

    /// All of them, in order, as [`Model::infer`](crate::Model::infer) takes them.
    pub fn as_slice(&self) -> &[Tensor] {
        &self.0
    }

    /// All of them, in order, owned.
    pub fn into_vec(self) -> Vec<Tensor> {
        self.0
    }
}

impl From<Vec<Tensor>> for Tensors {
    fn from(tensors: Vec<Tensor>) -> Self {
        Self(tensors)
    }
}

impl<'a> IntoIterator for &'a Tensors {
    type Item = &'a Tensor;
    type IntoIter = slice::Iter<'a, Tensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_there_is_told_those_that_are() {
        let one = Tensor::new("label", &[1], &[2_i64]).unwrap();
        let tensors = Tensors::from(vec![one.clone()]);

        assert_eq!(tensors.get("label"), Ok(&one));
        assert_eq!(
            tensors.get("lable").unwrap_err().to_string(),
            "no tensor `lable`, only [\"label\"]"
        );
    }
}
