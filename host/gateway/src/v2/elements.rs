//! The bytes of a tensor, element by element: as JSON, and as numbers to compare.

use mlwasm_types::ElementType;

/// Why a tensor has no form in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoJson {
    /// A type whose elements JSON can not tell from others'.
    Datatype,
    /// Bytes that are no text.
    NotText,
}

/// One element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Element<'a> {
    Truth(bool),
    Unsigned(u64),
    Signed(i64),
    Narrow(f32),
    Wide(f64),
    Bytes(&'a [u8]),
}

/// The elements of `data`, which holds whole ones.
pub(crate) fn elements(element: ElementType, mut data: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        // A macro, since the types have no common trait for it.
        macro_rules! next {
            ($number:ty, $made:expr) => {{
                let (bytes, rest) = data.split_first_chunk()?;
                data = rest;
                Some($made(<$number>::from_le_bytes(*bytes)))
            }};
        }
        match element {
            ElementType::Boolean => next!(u8, |byte| Element::Truth(byte != 0)),
            ElementType::Uint8 => next!(u8, |value| Element::Unsigned(u64::from(value))),
            ElementType::Int8 => next!(i8, |value| Element::Signed(i64::from(value))),
            ElementType::Uint16 => next!(u16, |value| Element::Unsigned(u64::from(value))),
            ElementType::Int16 => next!(i16, |value| Element::Signed(i64::from(value))),
            ElementType::Uint32 => next!(u32, |value| Element::Unsigned(u64::from(value))),
            ElementType::Int32 => next!(i32, |value| Element::Signed(i64::from(value))),
            ElementType::Uint64 => next!(u64, Element::Unsigned),
            ElementType::Int64 => next!(i64, Element::Signed),
            ElementType::Float16 => next!(u16, |bits| Element::Narrow(half(bits))),
            ElementType::Bfloat16 => {
                next!(u16, |bits| Element::Narrow(f32::from_bits(
                    u32::from(bits) << 16
                )))
            }
            ElementType::Float32 => next!(f32, Element::Narrow),
            ElementType::Float64 => next!(f64, Element::Wide),
            ElementType::Bytes => {
                let (length, rest) = data.split_first_chunk()?;
                let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                data = rest;
                Some(Element::Bytes(bytes))
            }
        }
    })
}

/// The value of an IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = u32::from(bits & 0x3ff);
    let magnitude = match exponent {
        // Subnormal: the fraction in units of 2^-24, which a float holds exactly.
        0 => (f32::from(bits & 0x3ff) * 2.0_f32.powi(-24)).to_bits(),
        0x1f => 0x7f80_0000 | (fraction << 13),
        _ => ((exponent + 112) << 23) | (fraction << 13),
    };
    f32::from_bits(sign | magnitude)
}

impl Element<'_> {
    /// The element as a number to sort by; bytes have none.
    pub(crate) fn magnitude(self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "it is only compared; what is lost is beyond the 53rd bit"
        )]
        match self {
            Self::Truth(value) => f64::from(u8::from(value)),
            Self::Unsigned(value) => value as f64,
            Self::Signed(value) => value as f64,
            Self::Narrow(value) => f64::from(value),
            Self::Wide(value) => value,
            Self::Bytes(_) => f64::NAN,
        }
    }

    /// Appends the element's JSON. What is not finite is `null`: JSON has no word for it.
    pub(crate) fn write_json(self, json: &mut Vec<u8>) -> Result<(), NoJson> {
        let written = match self {
            Self::Truth(value) => serde_json::to_writer(json, &value),
            Self::Unsigned(value) => serde_json::to_writer(json, &value),
            Self::Signed(value) => serde_json::to_writer(json, &value),
            Self::Narrow(value) => serde_json::to_writer(json, &value),
            Self::Wide(value) => serde_json::to_writer(json, &value),
            Self::Bytes(bytes) => {
                let text = str::from_utf8(bytes).map_err(|_| NoJson::NotText)?;
                serde_json::to_writer(json, text)
            }
        };
        // A `Vec` takes all, and numbers and texts always have a JSON form.
        written.map_err(|_| NoJson::Datatype)
    }
}

/// Appends all elements as one flat list.
pub(crate) fn write_list(
    element: ElementType,
    data: &[u8],
    json: &mut Vec<u8>,
) -> Result<(), NoJson> {
    if matches!(element, ElementType::Float16 | ElementType::Bfloat16) {
        return Err(NoJson::Datatype);
    }
    json.push(b'[');
    for (index, element) in elements(element, data).enumerate() {
        if index > 0 {
            json.push(b',');
        }
        element.write_json(json)?;
    }
    json.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_written_as_json_has_them() {
        for (element, data, expected) in [
            (ElementType::Boolean, &[1, 0][..], "[true,false]"),
            (ElementType::Uint8, &[0, 255], "[0,255]"),
            (ElementType::Int8, &[1, 255], "[1,-1]"),
            (
                ElementType::Int64,
                &i64::MIN.to_le_bytes(),
                "[-9223372036854775808]",
            ),
            (
                ElementType::Uint64,
                &u64::MAX.to_le_bytes(),
                "[18446744073709551615]",
            ),
            (ElementType::Float32, &0.1_f32.to_le_bytes(), "[0.1]"),
            (ElementType::Float32, &f32::NAN.to_le_bytes(), "[null]"),
            (ElementType::Float64, &0.1_f64.to_le_bytes(), "[0.1]"),
            (
                ElementType::Bytes,
                b"\x02\0\0\0\xc3\xa4\x01\0\0\0\"",
                "[\"ä\",\"\\\"\"]",
            ),
            (ElementType::Int32, &[], "[]"),
        ] {
            let mut json = Vec::new();
            write_list(element, data, &mut json).unwrap();
            assert_eq!(String::from_utf8(json).unwrap(), expected);
        }
        let mut json = Vec::new();
        assert_eq!(
            write_list(ElementType::Float16, &[0, 0], &mut json),
            Err(NoJson::Datatype)
        );
        assert_eq!(
            write_list(ElementType::Bytes, b"\x01\0\0\0\xff", &mut json),
            Err(NoJson::NotText)
        );
    }

    #[test]
    fn half_precision_is_read_exactly() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_5e-8),
            (0x0400, 6.103_515_6e-5),
            (0x7c00, f32::INFINITY),
        ] {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
    }
}
