//! Protobuf messages field by field, as bytes: as much of the format as a look through a model takes.

use crate::error::LoadError;

/// One field of a message.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) value: Value<'a>,
    /// The whole field, as it stands in its message.
    pub(crate) whole: &'a [u8],
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Integer(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, which nothing here needs.
    Fixed,
}

/// The fields of one protobuf message, in the order of its bytes.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or(LoadError::NotOnnx {
            reason: "the protobuf message is broken or cut off",
        }))
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<Field<'a>> {
        let start = self.0;
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Integer(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(usize::try_from(length).ok()?)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            // Groups (3 and 4) went out of use before ONNX began.
            _ => return None,
        };
        Some(Field {
            number: tag >> 3,
            value,
            whole: &start[..start.len() - self.0.len()],
        })
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for position in 0..10 {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << (7 * position);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

/// Appends a field that holds bytes: a text or a message.
pub(crate) fn put_bytes(message: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_varint(message, number << 3 | 2);
    put_varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

/// Appends a field that holds an integer.
pub(crate) fn put_integer(message: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(message, number << 3);
    put_varint(message, value);
}

fn put_varint(message: &mut Vec<u8>, mut value: u64) {
    // Seven bits at a time, the lowest first.
    while value >= 0x80 {
        message.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    message.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_comes_back_with_its_bytes() {
        let mut message = Vec::new();
        put_integer(&mut message, 1, 300);
        put_bytes(&mut message, 1_000, b"text");

        let fields: Vec<_> = Fields(&message).map(Result::unwrap).collect();

        assert!(matches!(
            fields[0],
            Field {
                number: 1,
                value: Value::Integer(300),
                ..
            }
        ));
        assert!(matches!(
            fields[1],
            Field {
                number: 1_000,
                value: Value::Bytes(b"text"),
                ..
            }
        ));
        let wholes: Vec<u8> = fields
            .iter()
            .flat_map(|field| field.whole)
            .copied()
            .collect();
        assert_eq!(wholes, message);
    }
}
