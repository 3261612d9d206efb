//! Elements of JSON, one by one, into the bytes of a tensor.

use mlwasm_types::ElementType;

/// The bytes of a tensor while its elements are read. What does not fit its type is refused by `None`.
#[derive(Debug)]
pub(crate) struct Elements {
    pub(crate) element: ElementType,
    pub(crate) bytes: Vec<u8>,
}

/// Refuses types that JSON has no elements for.
pub(crate) fn check_has_json(element: ElementType) -> Result<(), String> {
    if matches!(element, ElementType::Float16 | ElementType::Bfloat16) {
        let name = element.datatype();
        return Err(format!(
            "{name} has no form in JSON: send it as binary data"
        ));
    }
    Ok(())
}

impl Elements {
    /// None yet, and room for so many bytes.
    pub(crate) fn new(element: ElementType, room: usize) -> Self {
        Self {
            element,
            bytes: Vec::with_capacity(room),
        }
    }

    pub(crate) fn put_integer(&mut self, value: i128) -> Option<()> {
        // A macro, since the types have no common trait for it.
        macro_rules! put {
            ($($element:ident $integer:ty),+) => {
                match self.element {
                    $(ElementType::$element => {
                        self.bytes.extend_from_slice(&<$integer>::try_from(value).ok()?.to_le_bytes());
                    })+
                    #[expect(clippy::cast_precision_loss, reason = "what a float can not hold is rounded, as ever")]
                    ElementType::Float32 | ElementType::Float64 => return self.put_float(value as f64),
                    ElementType::Boolean | ElementType::Bytes | ElementType::Float16 | ElementType::Bfloat16 => return None,
                }
            };
        }
        put!(Uint8 u8, Int8 i8, Uint16 u16, Int16 i16, Uint32 u32, Int32 i32, Uint64 u64, Int64 i64);
        Some(())
    }

    pub(crate) fn put_float(&mut self, value: f64) -> Option<()> {
        match self.element {
            ElementType::Float64 => self.bytes.extend_from_slice(&value.to_le_bytes()),
            ElementType::Float32 => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "rounding is what the client asks for; overflow is refused below"
                )]
                let narrow = value as f32;
                if !narrow.is_finite() {
                    return None;
                }
                self.bytes.extend_from_slice(&narrow.to_le_bytes());
            }
            _ => return None,
        }
        Some(())
    }

    /// A truth value, as its byte: 0 or 1.
    pub(crate) fn put_truth(&mut self, byte: u8) -> Option<()> {
        (self.element == ElementType::Boolean).then(|| self.bytes.push(byte))
    }

    pub(crate) fn put_text(&mut self, text: &str) -> Option<()> {
        if self.element != ElementType::Bytes {
            return None;
        }
        let length = u32::try_from(text.len()).ok()?;
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
        Some(())
    }
}
