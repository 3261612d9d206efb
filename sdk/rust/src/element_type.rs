//! The types of tensor elements, and their names.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// One byte: 0 is false, 1 is true.
    Boolean,
    /// One byte, unsigned.
    Uint8,
    /// One byte, signed.
    Int8,
    /// Two bytes, unsigned.
    Uint16,
    /// Two bytes, signed.
    Int16,
    /// Four bytes, unsigned.
    Uint32,
    /// Four bytes, signed.
    Int32,
    /// Eight bytes, unsigned.
    Uint64,
    /// Eight bytes, signed.
    Int64,
    /// IEEE 754 binary16.
    Float16,
    /// The upper half of an IEEE 754 binary32.
    BFloat16,
    /// IEEE 754 binary32.
    Float32,
    /// IEEE 754 binary64.
    Float64,
    /// Strings of any length.
    Bytes,
}

/// Type, name in the contract with the host, name in the Open Inference Protocol, bytes per element.
const TABLE: [(ElementType, &str, &str, Option<usize>); 14] = [
    (ElementType::Boolean, "boolean", "BOOL", Some(1)),
    (ElementType::Uint8, "uint8", "UINT8", Some(1)),
    (ElementType::Int8, "int8", "INT8", Some(1)),
    (ElementType::Uint16, "uint16", "UINT16", Some(2)),
    (ElementType::Int16, "int16", "INT16", Some(2)),
    (ElementType::Uint32, "uint32", "UINT32", Some(4)),
    (ElementType::Int32, "int32", "INT32", Some(4)),
    (ElementType::Uint64, "uint64", "UINT64", Some(8)),
    (ElementType::Int64, "int64", "INT64", Some(8)),
    (ElementType::Float16, "float16", "FP16", Some(2)),
    (ElementType::BFloat16, "bfloat16", "BF16", Some(2)),
    (ElementType::Float32, "float32", "FP32", Some(4)),
    (ElementType::Float64, "float64", "FP64", Some(8)),
    (ElementType::Bytes, "bytes", "BYTES", None),
];

impl ElementType {
    /// Every type, in the order of the contract with the host.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The bytes that one element takes; `None` for strings.
    pub fn size(self) -> Option<usize> {
        self.row().3
    }

    /// The name in the Open Inference Protocol, such as `FP32`.
    pub fn datatype(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, Option<usize>) {
        // The table is in the order of the enum; a test holds it to that.
        &TABLE[self as usize]
    }
}

/// The name in the contract with the host, such as `float32`.
impl fmt::Display for ElementType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.row().1)
    }
}

/// Reads either name: `float32` or `FP32`.
impl FromStr for ElementType {
    type Err = UnknownDatatype;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = TABLE.iter().find(|row| row.1 == name || row.2 == name);
        found
            .map(|row| row.0)
            .ok_or_else(|| UnknownDatatype(name.to_owned()))
    }
}

/// A name that no element type has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown datatype `{0}`")]
pub struct UnknownDatatype(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_finds_its_own_row() {
        for element in ElementType::all() {
            assert_eq!(element.row().0, element);
        }
    }

    #[test]
    fn both_names_lead_back_to_the_type() {
        for element in ElementType::all() {
            assert_eq!(element.to_string().parse(), Ok(element));
            assert_eq!(element.datatype().parse(), Ok(element));
        }
        assert_eq!(
            "FP8".parse::<ElementType>(),
            Err(UnknownDatatype("FP8".to_owned()))
        );
    }
}
