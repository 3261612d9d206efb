//! How strings lie in a tensor's data: each is a 4-byte little-endian length, then that many bytes.

/// Appends one string. `None` if it is longer than 4 GiB.
pub(crate) fn append(data: &mut Vec<u8>, string: &[u8]) -> Option<()> {
    let length = u32::try_from(string.len()).ok()?;
    data.extend_from_slice(&length.to_le_bytes());
    data.extend_from_slice(string);
    Some(())
}

/// The strings that `data` holds, in order. `None` if it ends within one.
pub(crate) fn split(mut data: &[u8]) -> Option<Vec<&[u8]>> {
    let mut strings = Vec::new();
    while !data.is_empty() {
        let (length, rest) = data.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (string, rest) = rest.split_at_checked(length)?;
        strings.push(string);
        data = rest;
    }
    Some(strings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_went_in() {
        let mut data = Vec::new();
        for string in [&b"one"[..], b"", b"\xff"] {
            append(&mut data, string).unwrap();
        }
        assert_eq!(split(&data), Some(vec![&b"one"[..], b"", b"\xff"]));
    }

    #[test]
    fn a_cut_is_noticed_wherever_it_is() {
        let whole = b"\x03\0\0\0one";
        for length in 1..whole.len() {
            assert_eq!(split(&whole[..length]), None, "{length}");
        }
    }
}
