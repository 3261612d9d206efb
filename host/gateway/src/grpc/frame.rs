//! Messages on the wire: one byte whether it is compressed, four of its length, then the message.

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message;

use crate::{rejection::Rejection, v2::Coding};

/// The bytes before a message.
pub(super) const PREFIX: usize = 5;

/// What stands before a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    pub(super) is_compressed: bool,
    pub(super) length: usize,
}

/// Reads the prefix at the beginning of `bytes`, if it has come already.
pub(super) fn prefix(bytes: &[u8]) -> Result<Option<Prefix>, Rejection> {
    let Some((prefix, _)) = bytes.split_first_chunk::<PREFIX>() else {
        return Ok(None);
    };
    let [flag, length @ ..] = *prefix;
    if flag > 1 {
        return Err(Rejection::Malformed(format!(
            "the message begins with {flag}, expected 0, or 1 if it is compressed"
        )));
    }
    Ok(Some(Prefix {
        is_compressed: flag == 1,
        length: u32::from_be_bytes(length) as usize,
    }))
}

/// The only message of `body`, of at most `most` bytes once it is opened.
pub(super) fn only_message(
    body: &Bytes,
    coding: Option<Coding>,
    most: u64,
) -> Result<Bytes, Rejection> {
    let wrong = |what: &str| Err(Rejection::Malformed(what.to_owned()));
    let Some(prefix) = prefix(body)? else {
        return wrong("the call has no message");
    };
    if body.len() - PREFIX != prefix.length {
        return wrong("the message does not have the length that stands before it");
    }
    let message = body.slice(PREFIX..);
    match (prefix.is_compressed, coding) {
        (false, _) => Ok(message),
        (true, Some(coding)) => coding.open(&message, most),
        (true, None) => Err(Rejection::UnknownEncoding {
            name: "of grpc-encoding".to_owned(),
        }),
    }
}

/// A message as it goes out.
pub(super) fn framed(message: &impl Message) -> Bytes {
    let length = message.encoded_len();
    let mut frame = BytesMut::with_capacity(PREFIX + length);
    frame.put_u8(0);
    // Answers are bounded far below 4 GiB, by `sandbox.max_response_bytes`.
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    // The room is there.
    message.encode(&mut frame).ok();
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_one_message_of_the_length_before_it() {
        for (body, expected) in [
            (&b"\0\0\0\0\x02ab"[..], Ok("ab")),
            (b"\0\0\0\0\0", Ok("")),
            (b"", Err("the call has no message")),
            (b"\0\0\0\0", Err("the call has no message")),
            (
                b"\0\0\0\0\x03ab",
                Err("the message does not have the length that stands before it"),
            ),
            (
                b"\0\0\0\0\x01ab",
                Err("the message does not have the length that stands before it"),
            ),
            (
                b"\x02\0\0\0\0",
                Err("the message begins with 2, expected 0, or 1 if it is compressed"),
            ),
        ] {
            let found = only_message(&Bytes::copy_from_slice(body), None, 10);
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert_eq!(found.to_string(), expected),
                (found, expected) => panic!("{body:?}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_compressed_message_is_opened_as_the_header_says() {
        let closed = Coding::Gzip.close(b"message").unwrap();
        let mut body = vec![1];
        body.extend_from_slice(&u32::try_from(closed.len()).unwrap().to_be_bytes());
        body.extend_from_slice(&closed);
        let body = Bytes::from(body);
        assert_eq!(
            only_message(&body, Some(Coding::Gzip), 7).unwrap(),
            "message"
        );
        assert!(only_message(&body, Some(Coding::Gzip), 6).is_err());
        assert!(only_message(&body, None, 10).is_err());
    }
}
