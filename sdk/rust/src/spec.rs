//! What a model takes or gives under one name.

use std::fmt;

use crate::ElementType;

/// What a model takes or gives under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// The name of the input or output.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The size of each dimension, outermost first. `None` is any size, such as the number of rows in a batch.
    /// [`TensorSpec::ANY_SHAPE`] is any number of dimensions.
    pub shape: Vec<Option<u32>>,
}

impl TensorSpec {
    /// The shape of a spec for tensors of any number of dimensions, each of any size: some models declare none. No tensor has
    /// it.
    pub const ANY_SHAPE: [Option<u32>; 1] = [Some(u32::MAX)];

    /// Makes a spec.
    pub fn new(
        name: impl Into<String>,
        element: ElementType,
        shape: impl Into<Vec<Option<u32>>>,
    ) -> Self {
        Self {
            name: name.into(),
            element,
            shape: shape.into(),
        }
    }

    /// Whether tensors of any number of dimensions fit.
    pub fn is_of_any_shape(&self) -> bool {
        self.shape == Self::ANY_SHAPE
    }

    /// Whether tensors of this shape fit: as many dimensions, and each fixed one of its size.
    pub fn accepts_shape(&self, shape: &[u32]) -> bool {
        let fits =
            |(wanted, found): (&Option<u32>, &u32)| wanted.is_none_or(|wanted| wanted == *found);
        self.is_of_any_shape()
            || self.shape.len() == shape.len() && self.shape.iter().zip(shape).all(fits)
    }

    /// Such as `[?, 4]`, where `?` is any size.
    pub(crate) fn shown_shape(&self) -> String {
        if self.is_of_any_shape() {
            return "of any shape".to_owned();
        }
        let sizes = self.shape.iter();
        let sizes = sizes.map(|size| size.map_or("?".to_owned(), |size| size.to_string()));
        format!("[{}]", sizes.collect::<Vec<_>>().join(", "))
    }
}

/// Such as `input: float32 [?, 4]`.
impl fmt::Display for TensorSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = self.shown_shape();
        write!(formatter, "{}: {} {shape}", self.name, self.element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fixed_dimensions_have_to_match() {
        let spec = TensorSpec::new("x", ElementType::Float32, [None, Some(4)]);

        assert!(spec.accepts_shape(&[7, 4]));
        assert!(spec.accepts_shape(&[0, 4]));
        assert!(!spec.accepts_shape(&[7, 3]));
        assert!(!spec.accepts_shape(&[4]));
        assert_eq!(spec.to_string(), "x: float32 [?, 4]");
    }

    #[test]
    fn any_shape_fits_where_none_is_declared() {
        let spec = TensorSpec::new("x", ElementType::Float32, TensorSpec::ANY_SHAPE);

        for shape in [&[][..], &[7], &[2, 0, 4]] {
            assert!(spec.accepts_shape(shape));
        }
        assert_eq!(spec.to_string(), "x: float32 of any shape");
    }
}
