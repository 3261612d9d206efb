//! Whom a message is for, from its beginning.
//!
//! Every writer of protocol buffers puts fields in the order of their numbers, and the model's name and version are the first
//! two: so it is known who is to answer, and whether the caller may ask, before the tensors are received.

use super::frame::{self, PREFIX};
use crate::{rejection::Rejection, v2::Coding};

/// In bytes, the most that is read of a message before its names.
pub(super) const LONGEST_BEGINNING: usize = 4 << 10;

/// The model and the version that a message names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) model: String,
    /// Empty where the endpoint chooses.
    pub(super) version: String,
}

/// The names in the beginning of a framed message; none if more of it is needed.
pub(super) fn names(bytes: &[u8], coding: Option<Coding>) -> Result<Option<Names>, Rejection> {
    let Some(prefix) = frame::prefix(bytes)? else {
        return Ok(None);
    };
    let come = &bytes[PREFIX..];
    let end_at = |is_whole| match is_whole {
        true => End::OfMessage,
        false => End::OfWhatCame,
    };
    let found = if prefix.is_compressed {
        let coding = coding.ok_or_else(|| Rejection::UnknownEncoding {
            name: "of grpc-encoding".to_owned(),
        })?;
        let opened = coding.open_beginning(come, LONGEST_BEGINNING);
        let is_whole = come.len() >= prefix.length;
        in_message(
            &opened,
            end_at(is_whole && opened.len() < LONGEST_BEGINNING),
        )
    } else {
        let end = come.len().min(prefix.length);
        in_message(&come[..end], end_at(end == prefix.length))
    };
    match found {
        Ok(names) if names.model.is_empty() => Err(malformed(
            "model_name: it is missing, or other fields come before it",
        )),
        Ok(names) => Ok(Some(names)),
        Err(Missing::More) if come.len() < LONGEST_BEGINNING && come.len() < prefix.length => {
            Ok(None)
        }
        Err(Missing::More) => Err(malformed(
            "model_name: expected it, and model_version, in the first 4096 bytes of the message",
        )),
        Err(Missing::Broken) => Err(malformed("the message is no ModelInferRequest")),
    }
}

fn malformed(text: &str) -> Rejection {
    Rejection::Malformed(text.to_owned())
}

/// Why there are no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// What is here ends before they do.
    More,
    /// What is here is no message.
    Broken,
}

/// Where bytes end that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    OfMessage,
    OfWhatCame,
}

fn in_message(mut bytes: &[u8], end: End) -> Result<Names, Missing> {
    const MODEL: u64 = (1 << 3) | 2;
    const VERSION: u64 = (2 << 3) | 2;
    let mut names = Names::default();
    loop {
        if bytes.is_empty() {
            return match end {
                End::OfMessage => Ok(names),
                End::OfWhatCame => Err(Missing::More),
            };
        }
        let key = varint(&mut bytes)?;
        let name = match key {
            MODEL => &mut names.model,
            VERSION => &mut names.version,
            // Whatever comes now comes after the names.
            _ => return Ok(names),
        };
        let length = usize::try_from(varint(&mut bytes)?).map_err(|_| Missing::Broken)?;
        let (text, rest) = bytes.split_at_checked(length).ok_or(Missing::More)?;
        let text = str::from_utf8(text).map_err(|_| Missing::Broken)?;
        text.clone_into(name);
        bytes = rest;
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Missing> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Missing::More)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Missing::Broken)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::grpc::{frame::framed, generated::inference::ModelInferRequest};

    fn request() -> ModelInferRequest {
        ModelInferRequest {
            model_name: "iris".to_owned(),
            model_version: "blue".to_owned(),
            raw_input_contents: vec![vec![7; 10_000].into()],
            ..ModelInferRequest::default()
        }
    }

    #[test]
    fn names_are_known_before_the_tensors_have_come() {
        let frame = framed(&request());
        let known = names(&frame[..64], None).unwrap().unwrap();
        assert_eq!((&*known.model, &*known.version), ("iris", "blue"));
        for length in 0..PREFIX + 12 {
            assert_eq!(names(&frame[..length], None).unwrap(), None, "{length}");
        }
    }

    #[test]
    fn names_are_found_in_the_beginning_of_what_is_compressed() {
        let closed = Coding::Gzip.close(&request().encode_to_vec()).unwrap();
        let mut frame = vec![1, 0, 0, 0, u8::try_from(closed.len()).unwrap()];
        frame.extend_from_slice(&closed);
        let known = names(&frame, Some(Coding::Gzip)).unwrap().unwrap();
        assert_eq!(known.model, "iris");
        assert!(names(&frame, None).is_err());
    }

    #[test]
    fn a_message_without_names_is_seen_to_have_none() {
        let empty = framed(&ModelInferRequest::default());
        assert!(names(&empty, None).is_err());
        let long = framed(&ModelInferRequest {
            model_name: "x".repeat(LONGEST_BEGINNING + 1),
            ..ModelInferRequest::default()
        });
        let come = &long[..PREFIX + LONGEST_BEGINNING];
        assert!(names(come, None).is_err());
        assert!(matches!(names(&come[..come.len() - 1], None), Ok(None)));
        assert!(names(b"\0\0\0\0\x03\x0a\x01\xff", None).is_err());
        assert!(
            names(
                b"\0\0\0\0\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                None
            )
            .is_err()
        );
    }
}
