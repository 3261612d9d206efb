//! Dense arrays with a name: what models take and give.
//!
//! The data is kept as the bytes that the host reads, so that a tensor travels to the model without another copy.

use crate::{Element, ElementType, TensorError, strings};

/// A dense array with a name: row-major, little-endian, without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    name: String,
    element: ElementType,
    shape: Vec<u32>,
    data: Vec<u8>,
}

impl Tensor {
    /// Makes a tensor of numbers or booleans. `shape` is outermost first, empty for a scalar; `values` are row-major.
    ///
    /// ```
    /// # use mlwasm_sdk::{Tensor, TensorError};
    /// let two_rows = Tensor::new("input", &[2, 3], &[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0])?;
    /// # Ok::<(), TensorError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TensorError::ElementCount`] if there are more or fewer values than the shape has places;
    /// [`TensorError::TooLarge`] if a dimension is beyond `u32`.
    pub fn new<T: Element>(
        name: impl Into<String>,
        shape: &[usize],
        values: &[T],
    ) -> Result<Self, TensorError> {
        let mut tensor = Self::empty(name.into(), T::TYPE, shape, values.len())?;
        tensor.data.reserve_exact(size_of_val(values));
        for value in values {
            value.append_to(&mut tensor.data);
        }
        Ok(tensor)
    }

    /// Makes a tensor of strings.
    ///
    /// # Errors
    ///
    /// As [`Tensor::new`].
    pub fn strings<S: AsRef<[u8]>>(
        name: impl Into<String>,
        shape: &[usize],
        values: &[S],
    ) -> Result<Self, TensorError> {
        let mut tensor = Self::empty(name.into(), ElementType::Bytes, shape, values.len())?;
        for value in values {
            strings::append(&mut tensor.data, value.as_ref()).ok_or_else(|| {
                TensorError::TooLarge {
                    tensor: tensor.name.clone(),
                    shape: shape.to_vec(),
                }
            })?;
        }
        Ok(tensor)
    }

    /// Makes a tensor from its bytes, without a check: the host refuses what does not fit the model.
    pub fn from_bytes(
        name: impl Into<String>,
        element: ElementType,
        shape: Vec<u32>,
        data: Vec<u8>,
    ) -> Self {
        Self {
            name: name.into(),
            element,
            shape,
            data,
        }
    }

    /// The same tensor under another name: that of a model's input, or of a scorer's output.
    #[must_use]
    pub fn renamed(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The model's input or output that this tensor is for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of the elements.
    pub fn element(&self) -> ElementType {
        self.element
    }

    /// The size of each dimension, outermost first.
    pub fn shape(&self) -> &[u32] {
        &self.shape
    }

    /// The elements as bytes, row-major and little-endian.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// The number of places that the shape has; at most `u64::MAX`.
    pub fn element_count(&self) -> u64 {
        self.shape
            .iter()
            .fold(1, |count: u64, size| count.saturating_mul(u64::from(*size)))
    }

    /// The elements, row-major. `chunks` of the innermost size are its rows.
    ///
    /// # Errors
    ///
    /// [`TensorError::ElementType`] if it holds something else than `T`;
    /// [`TensorError::Length`] if the bytes do not fill the shape.
    pub fn values<T: Element>(&self) -> Result<Vec<T>, TensorError> {
        self.expect_element(T::TYPE)?;
        // A `Vec` costs one copy, and yet no unsafe code: the bytes need not lie as `T` wants them aligned.
        let bytes = self.data.chunks_exact(size_of::<T>());
        let is_whole = bytes.remainder().is_empty();
        let values: Vec<T> = bytes.map(T::read_from).collect();
        self.expect_length(is_whole.then_some(values.len()))?;
        Ok(values)
    }

    /// The strings, row-major, as bytes.
    ///
    /// # Errors
    ///
    /// [`TensorError::ElementType`] if it holds no strings; [`TensorError::Length`] if the bytes do not fill the shape.
    pub fn byte_strings(&self) -> Result<Vec<&[u8]>, TensorError> {
        self.expect_element(ElementType::Bytes)?;
        let strings = strings::split(&self.data);
        self.expect_length(strings.as_ref().map(Vec::len))?;
        Ok(strings.unwrap_or_default())
    }

    /// The strings, row-major, as text.
    ///
    /// # Errors
    ///
    /// As [`Tensor::byte_strings`], and [`TensorError::NotUtf8`].
    pub fn texts(&self) -> Result<Vec<&str>, TensorError> {
        let to_text = |(index, bytes)| {
            str::from_utf8(bytes).map_err(|_| TensorError::NotUtf8 {
                tensor: self.name.clone(),
                index,
            })
        };
        self.byte_strings()?
            .into_iter()
            .enumerate()
            .map(to_text)
            .collect()
    }

    /// Name, element type, shape and bytes.
    #[cfg(target_family = "wasm")]
    pub(crate) fn into_parts(self) -> (String, ElementType, Vec<u32>, Vec<u8>) {
        (self.name, self.element, self.shape, self.data)
    }

    fn empty(
        name: String,
        element: ElementType,
        shape: &[usize],
        found: usize,
    ) -> Result<Self, TensorError> {
        let sizes: Option<Vec<u32>> = shape.iter().map(|size| u32::try_from(*size).ok()).collect();
        let expected = shape
            .iter()
            .try_fold(1_usize, |count, size| count.checked_mul(*size));
        let (Some(sizes), Some(expected)) = (sizes, expected) else {
            return Err(TensorError::TooLarge {
                tensor: name,
                shape: shape.to_vec(),
            });
        };
        if expected != found {
            return Err(TensorError::ElementCount {
                tensor: name,
                shape: shape.to_vec(),
                expected,
                found,
            });
        }
        Ok(Self::from_bytes(name, element, sizes, Vec::new()))
    }

    fn expect_element(&self, wanted: ElementType) -> Result<(), TensorError> {
        if self.element == wanted {
            return Ok(());
        }
        Err(TensorError::ElementType {
            tensor: self.name.clone(),
            actual: self.element,
            wanted,
        })
    }

    fn expect_length(&self, found: Option<usize>) -> Result<(), TensorError> {
        let elements = self.element_count();
        if found.and_then(|found| u64::try_from(found).ok()) == Some(elements) {
            return Ok(());
        }
        Err(TensorError::Length {
            tensor: self.name.clone(),
            element: self.element,
            elements,
            found: self.data.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BFloat16, Float16};

    fn check_round_trip<T: Element + PartialEq + std::fmt::Debug>(values: &[T], bytes: &[u8]) {
        let tensor = Tensor::new("x", &[values.len()], values).unwrap();
        assert_eq!(tensor.as_bytes(), bytes);
        assert_eq!(tensor.values::<T>().unwrap(), values);
    }

    #[test]
    fn numbers_lie_little_endian_and_come_back() {
        check_round_trip(&[true, false], &[1, 0]);
        check_round_trip(&[7_u8], &[7]);
        check_round_trip(&[-1_i8], &[255]);
        check_round_trip(&[258_u16], &[2, 1]);
        check_round_trip(&[-2_i16], &[254, 255]);
        check_round_trip(&[1_u32], &[1, 0, 0, 0]);
        check_round_trip(&[-1_i32], &[255; 4]);
        check_round_trip(&[u64::MAX], &[255; 8]);
        check_round_trip(&[i64::MIN], &[0, 0, 0, 0, 0, 0, 0, 128]);
        check_round_trip(&[Float16(0x3c00)], &[0, 0x3c]);
        check_round_trip(&[BFloat16(0x3f80)], &[0x80, 0x3f]);
        check_round_trip(&[1.0_f32], &[0, 0, 0x80, 0x3f]);
        check_round_trip(&[1.0_f64], &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
    }

    #[test]
    fn strings_come_back() {
        let tensor = Tensor::strings("words", &[2, 1], &["ja", "näh"]).unwrap();

        assert_eq!(tensor.shape(), [2, 1]);
        assert_eq!(tensor.texts().unwrap(), ["ja", "näh"]);
    }

    #[test]
    fn a_scalar_has_one_element_and_an_empty_batch_none() {
        assert_eq!(
            Tensor::new("x", &[], &[1.0_f32]).unwrap().element_count(),
            1
        );
        let empty = Tensor::new::<f32>("x", &[0, 4], &[]).unwrap();
        assert!(empty.values::<f32>().unwrap().is_empty());
    }

    #[test]
    fn a_shape_that_the_values_do_not_fill_is_refused() {
        let error = Tensor::new("x", &[2, 3], &[1.0_f32; 5]).unwrap_err();

        assert_eq!(
            error.to_string(),
            "tensor `x` of shape [2, 3] needs 6 elements, got 5"
        );
    }

    #[test]
    fn a_shape_beyond_counting_is_refused() {
        let error = Tensor::new::<f32>("x", &[usize::MAX, 2], &[]).unwrap_err();

        assert_eq!(
            error,
            TensorError::TooLarge {
                tensor: "x".to_owned(),
                shape: vec![usize::MAX, 2]
            }
        );
    }

    #[test]
    fn reading_as_another_type_is_refused() {
        let tensor = Tensor::new("label", &[1], &[1_i64]).unwrap();

        assert_eq!(
            tensor.values::<f32>().unwrap_err().to_string(),
            "tensor `label` holds int64, not float32"
        );
        assert!(tensor.texts().is_err());
    }

    #[test]
    fn bytes_that_do_not_fill_the_shape_are_noticed() {
        for length in [7, 9, 12] {
            let tensor = Tensor::from_bytes("x", ElementType::Float32, vec![2], vec![0; length]);
            assert!(
                matches!(tensor.values::<f32>(), Err(TensorError::Length { .. })),
                "{length}"
            );
        }
    }
}
