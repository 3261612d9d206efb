//! Tensors as scorers, models and inference clients exchange them: row-major, little-endian bytes with a type and a shape.
//!
//! The names of the element types are those of the contract (`wit/`) in every text a person reads.

mod signature;
mod view;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use signature::{InvalidSignature, Signature};
pub use view::{SignatureView, TensorView};

/// The type of one element of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElementType {
    /// One byte, 0 or 1.
    Boolean,
    /// Unsigned, 8 bits.
    Uint8,
    /// Signed, 8 bits.
    Int8,
    /// Unsigned, 16 bits.
    Uint16,
    /// Signed, 16 bits.
    Int16,
    /// Unsigned, 32 bits.
    Uint32,
    /// Signed, 32 bits.
    Int32,
    /// Unsigned, 64 bits.
    Uint64,
    /// Signed, 64 bits.
    Int64,
    /// IEEE 754 half precision.
    Float16,
    /// The upper half of a `float32`.
    Bfloat16,
    /// IEEE 754 single precision.
    Float32,
    /// IEEE 754 double precision.
    Float64,
    /// A string of bytes: a 4-byte little-endian length, then that many bytes.
    Bytes,
}

impl ElementType {
    /// Every element type, in the order of the contract.
    pub const ALL: [Self; 14] = [
        Self::Boolean,
        Self::Uint8,
        Self::Int8,
        Self::Uint16,
        Self::Int16,
        Self::Uint32,
        Self::Int32,
        Self::Uint64,
        Self::Int64,
        Self::Float16,
        Self::Bfloat16,
        Self::Float32,
        Self::Float64,
        Self::Bytes,
    ];

    /// The size of one element, or `None` for [`ElementType::Bytes`], whose elements differ in size.
    pub const fn size_in_bytes(self) -> Option<usize> {
        match self {
            Self::Boolean | Self::Uint8 | Self::Int8 => Some(1),
            Self::Uint16 | Self::Int16 | Self::Float16 | Self::Bfloat16 => Some(2),
            Self::Uint32 | Self::Int32 | Self::Float32 => Some(4),
            Self::Uint64 | Self::Int64 | Self::Float64 => Some(8),
            Self::Bytes => None,
        }
    }

    /// The name of this type in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Uint8 => "uint8",
            Self::Int8 => "int8",
            Self::Uint16 => "uint16",
            Self::Int16 => "int16",
            Self::Uint32 => "uint32",
            Self::Int32 => "int32",
            Self::Uint64 => "uint64",
            Self::Int64 => "int64",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Bytes => "bytes",
        }
    }

    /// The name of this type in the Open Inference Protocol, as `FP32`.
    pub const fn datatype(self) -> &'static str {
        match self {
            Self::Boolean => "BOOL",
            Self::Uint8 => "UINT8",
            Self::Int8 => "INT8",
            Self::Uint16 => "UINT16",
            Self::Int16 => "INT16",
            Self::Uint32 => "UINT32",
            Self::Int32 => "INT32",
            Self::Uint64 => "UINT64",
            Self::Int64 => "INT64",
            Self::Float16 => "FP16",
            Self::Bfloat16 => "BF16",
            Self::Float32 => "FP32",
            Self::Float64 => "FP64",
            Self::Bytes => "BYTES",
        }
    }

    /// The type of this name in the Open Inference Protocol.
    pub fn of_datatype(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|element| element.datatype() == name)
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The number of elements of a tensor of this shape, or `None` if it does not fit in memory's address range.
///
/// A shape without dimensions is that of a single element; one with a zero dimension holds none.
pub fn element_count(shape: &[u32]) -> Option<usize> {
    // Zeros first: `[u32::MAX, u32::MAX, u32::MAX, 0]` is an empty tensor, not an overflow.
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_usize, |count, &size| {
        count.checked_mul(usize::try_from(size).ok()?)
    })
}

/// What a model or scorer expects of one of its inputs, or promises of one of its outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorSpec {
    /// The name by which the tensor is handed over.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The size of each dimension; `None` where any size is allowed. [`TensorSpec::ANY_SHAPE`] where any number of dimensions
    /// is.
    pub shape: Vec<Option<u32>>,
}

impl TensorSpec {
    /// The contract's word for a shape of any number of dimensions, each of any size: some models declare none. No tensor has
    /// this shape, since no sandbox has memory for it.
    pub const ANY_SHAPE: [Option<u32>; 1] = [Some(u32::MAX)];

    /// Whether tensors of any number of dimensions fit.
    pub fn is_of_any_shape(&self) -> bool {
        self.shape == Self::ANY_SHAPE
    }

    /// Whether tensors of this shape fit: as many dimensions, and each fixed one of its size.
    pub fn accepts_shape(&self, shape: &[u32]) -> bool {
        let fits = |(wanted, found): (&Option<u32>, &u32)| wanted.is_none_or(|it| it == *found);
        self.is_of_any_shape()
            || self.shape.len() == shape.len() && self.shape.iter().zip(shape).all(fits)
    }
}

impl fmt::Display for TensorSpec {
    /// Writes the type and shape, `float32 [?,4]`; `float32 of any shape` where that is so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_of_any_shape() {
            return write!(f, "{} of any shape", self.element);
        }
        write!(f, "{} [", self.element)?;
        for (position, size) in self.shape.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            match size {
                Some(size) => write!(f, "{comma}{size}")?,
                None => write!(f, "{comma}?")?,
            }
        }
        f.write_str("]")
    }
}

/// A named tensor that owns its elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tensor {
    /// The name of the model input or output it is for.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The size of each dimension.
    pub shape: Vec<u32>,
    /// The elements, row-major and little-endian.
    pub data: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_element_count_is_the_product_of_the_shape() {
        let cases: [(&[u32], Option<usize>); 6] = [
            (&[], Some(1)),
            (&[3], Some(3)),
            (&[2, 3, 4], Some(24)),
            (&[5, 0], Some(0)),
            (&[u32::MAX, u32::MAX, u32::MAX, 0], Some(0)),
            (&[u32::MAX, u32::MAX, u32::MAX], None),
        ];
        for (shape, count) in cases {
            assert_eq!(element_count(shape), count, "{shape:?}");
        }
    }

    #[test]
    fn an_element_type_reads_and_writes_as_its_name_in_the_contract() {
        for element in ElementType::ALL {
            let json = serde_json::to_string(&element).unwrap();
            assert_eq!(json, format!("\"{element}\""));
            assert_eq!(serde_json::from_str::<ElementType>(&json).unwrap(), element);
        }
    }

    #[test]
    fn a_datatype_leads_back_to_its_type() {
        for element in ElementType::ALL {
            assert_eq!(ElementType::of_datatype(element.datatype()), Some(element));
        }
        assert_eq!(ElementType::of_datatype("fp32"), None);
    }

    #[test]
    fn a_spec_reads_as_its_type_and_shape() {
        let spec = TensorSpec {
            name: "x".to_owned(),
            element: ElementType::Float32,
            shape: vec![None, Some(4)],
        };
        assert_eq!(spec.to_string(), "float32 [?,4]");
    }

    #[test]
    fn a_shape_fits_by_its_dimensions_or_any_does() {
        let spec = |shape: &[Option<u32>]| TensorSpec {
            name: "x".to_owned(),
            element: ElementType::Float32,
            shape: shape.to_vec(),
        };
        let any = spec(&TensorSpec::ANY_SHAPE);
        assert_eq!(any.to_string(), "float32 of any shape");
        for (spec, shape, fits) in [
            (spec(&[]), &[][..], true),
            (spec(&[]), &[1], false),
            (spec(&[None]), &[0], true),
            (spec(&[None]), &[], false),
            (spec(&[None]), &[1, 1], false),
            (spec(&[None, Some(4)]), &[7, 4], true),
            (spec(&[None, Some(4)]), &[7, 5], false),
            // The largest size but one is a size.
            (spec(&[Some(u32::MAX - 1)]), &[3], false),
            (spec(&[Some(u32::MAX - 1)]), &[u32::MAX - 1], true),
            (spec(&[Some(u32::MAX), None]), &[1, 1], false),
            (any.clone(), &[], true),
            (any.clone(), &[7], true),
            (any, &[2, 3, 4], true),
        ] {
            assert_eq!(spec.accepts_shape(shape), fits, "{spec} {shape:?}");
        }
    }
}
