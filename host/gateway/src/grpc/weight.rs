//! What a message would take in memory once it is read.
//!
//! Two bytes on the wire can be an empty tensor, which takes some hundred in memory. So the fields are counted before any of them
//! is made: what would take many times its own size is refused.

/// Bytes that a thing of this kind takes, generously.
const TENSOR: usize = 512;
const PARAMETER: usize = 160;
const TEXT: usize = 32;
/// A number takes one byte at least on the wire, and at most eight here.
const NUMBERS: usize = 8;

/// What a request may take beside its own size: some tensors of a small message.
const FREE: usize = 64 << 10;
/// How many times its own size a message may take.
const MOST_TIMES: usize = 8;

/// Whether `message`, a `ModelInferRequest`, takes no more memory than it may.
pub(super) fn is_bearable(message: &[u8]) -> bool {
    let most = message
        .len()
        .saturating_mul(MOST_TIMES)
        .saturating_add(FREE);
    weigh(message, Kind::Request).is_some_and(|weight| weight <= most)
}

#[derive(Clone, Copy)]
enum Kind {
    Request,
    Input,
    Wish,
    Contents,
}

/// None if it is no message.
fn weigh(mut message: &[u8], kind: Kind) -> Option<usize> {
    let mut weight = 0_usize;
    while !message.is_empty() {
        let key = varint(&mut message)?;
        let (field, wire) = (key >> 3, key & 7);
        let content = match wire {
            0 => {
                varint(&mut message)?;
                &[][..]
            }
            1 => take(&mut message, 8)?,
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                take(&mut message, length)?
            }
            5 => take(&mut message, 4)?,
            _ => return None,
        };
        let more = match (kind, field) {
            (Kind::Request, 5) => TENSOR.saturating_add(weigh(content, Kind::Input)?),
            (Kind::Request, 6) => TENSOR.saturating_add(weigh(content, Kind::Wish)?),
            (Kind::Request | Kind::Input, 4) | (Kind::Wish, 2) => PARAMETER + content.len(),
            (Kind::Input, 5) => weigh(content, Kind::Contents)?,
            // Bytes that share the message's memory.
            (Kind::Request, 7) | (Kind::Contents, 8) => TEXT,
            (Kind::Contents, _) | (Kind::Input, 3) => content
                .len()
                .saturating_mul(NUMBERS)
                .saturating_add(NUMBERS),
            _ => content.len(),
        };
        weight = weight.saturating_add(more);
    }
    Some(weight)
}

fn take<'m>(message: &mut &'m [u8], length: usize) -> Option<&'m [u8]> {
    let (taken, rest) = message.split_at_checked(length)?;
    *message = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_empty_things_weigh_too_much_and_many_bytes_do_not() {
        for (message, is_fine) in [
            (vec![], true),
            // Raw contents of 100,000 bytes.
            (
                [&[0x3a, 0xa0, 0x8d, 0x06][..], &[0; 100_000]].concat(),
                true,
            ),
            // Some empty inputs, and as many as a megabyte holds.
            ([0x2a, 0x00].repeat(100), true),
            ([0x2a, 0x00].repeat(500_000), false),
            // Empty parameters, empty wishes, empty raw contents.
            ([0x22, 0x00].repeat(500_000), false),
            ([0x32, 0x00].repeat(500_000), false),
            ([0x3a, 0x00].repeat(500_000), false),
            // No message at all: a length beyond the end, a wire type that is none.
            (vec![0x2a, 0x05, 0x00], false),
            (vec![0x07], false),
        ] {
            assert_eq!(
                is_bearable(&message),
                is_fine,
                "{:?}",
                &message[..message.len().min(8)]
            );
        }
    }
}
