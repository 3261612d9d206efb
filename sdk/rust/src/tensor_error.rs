//! What can be wrong with a tensor.

use thiserror::Error;

use crate::ElementType;

/// What is wrong with a tensor, or with how it is read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TensorError {
    /// The shape promises another number of elements than there are.
    #[error("tensor `{tensor}` of shape {shape:?} needs {expected} elements, got {found}")]
    ElementCount {
        /// The tensor's name.
        tensor: String,
        /// The shape that was asked for.
        shape: Vec<usize>,
        /// The product of the shape.
        expected: usize,
        /// The elements that were given.
        found: usize,
    },
    /// A dimension, or the product of all of them, is beyond what a tensor can have.
    #[error("tensor `{tensor}` of shape {shape:?} is too large")]
    TooLarge {
        /// The tensor's name.
        tensor: String,
        /// The shape that was asked for.
        shape: Vec<usize>,
    },
    /// The elements are of another type than the one asked for.
    #[error("tensor `{tensor}` holds {actual}, not {wanted}")]
    ElementType {
        /// The tensor's name.
        tensor: String,
        /// What it holds.
        actual: ElementType,
        /// What was asked for.
        wanted: ElementType,
    },
    /// The bytes do not add up to the elements that the shape promises.
    #[error(
        "tensor `{tensor}` holds {found} bytes, which are not {elements} elements of {element}"
    )]
    Length {
        /// The tensor's name.
        tensor: String,
        /// The type of its elements.
        element: ElementType,
        /// The product of its shape.
        elements: u64,
        /// The bytes that it holds.
        found: usize,
    },
    /// A string is not UTF-8.
    #[error("element {index} of tensor `{tensor}` is not UTF-8")]
    NotUtf8 {
        /// The tensor's name.
        tensor: String,
        /// The position of the string, row-major, from 0.
        index: usize,
    },
    /// There is no tensor of this name.
    #[error("no tensor `{wanted}`, only {available:?}")]
    NoSuchTensor {
        /// The name that was asked for.
        wanted: String,
        /// The names that there are.
        available: Vec<String>,
    },
}
