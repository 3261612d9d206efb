//! Bodies that are compressed: `content-encoding` of requests, `accept-encoding` of answers.
//!
//! `deflate` is the zlib format (RFC 9110, 8.4.1.2).

use std::io::{Read, Write as _};

use bytes::Bytes;
use flate2::{
    Compression,
    read::{MultiGzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING},
};

use crate::rejection::Rejection;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    /// The coding of this name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            Some(Self::Gzip)
        } else if name.eq_ignore_ascii_case("deflate") {
            Some(Self::Deflate)
        } else {
            None
        }
    }

    /// The coding of a request's body; none if it is as it is.
    pub(crate) fn of_request(headers: &HeaderMap) -> Result<Option<Self>, Rejection> {
        let unknown = |name: &[u8]| Rejection::UnknownEncoding {
            name: String::from_utf8_lossy(name).chars().take(64).collect(),
        };
        let mut codings = headers.get_all(CONTENT_ENCODING).iter();
        let Some(value) = codings.next() else {
            return Ok(None);
        };
        let name = value.to_str().unwrap_or_default().trim();
        if codings.next().is_some() {
            return Err(unknown(b"more than one"));
        }
        if name.is_empty() || name.eq_ignore_ascii_case("identity") {
            return Ok(None);
        }
        Self::named(name)
            .map(Some)
            .ok_or_else(|| unknown(value.as_bytes()))
    }

    /// The coding in which the client prefers to have the answer: the first one that it accepts.
    pub(crate) fn of_answer(headers: &HeaderMap) -> Option<Self> {
        headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .find_map(|one| {
                let (name, quality) = one.split_once(';').unwrap_or((one, ""));
                let is_refused = quality
                    .trim()
                    .strip_prefix("q=")
                    .is_some_and(|quality| quality.parse() == Ok(0.0));
                Self::named(name.trim()).filter(|_| !is_refused)
            })
    }

    /// Its name as a header carries it.
    pub(crate) fn header_value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        })
    }

    /// What `bytes` are compressed from: at most `most` bytes.
    pub(crate) fn open(self, bytes: &[u8], most: u64) -> Result<Bytes, Rejection> {
        // One more shows that there is more.
        let limit = most.saturating_add(1);
        let mut opened = Vec::new();
        let read = match self {
            Self::Gzip => MultiGzDecoder::new(bytes)
                .take(limit)
                .read_to_end(&mut opened),
            Self::Deflate => ZlibDecoder::new(bytes).take(limit).read_to_end(&mut opened),
        };
        if let Err(error) = read {
            return Err(Rejection::Malformed(format!(
                "the body is not what content-encoding says: {error}"
            )));
        }
        if opened.len() as u64 > most {
            return Err(Rejection::BodyTooLarge { most });
        }
        Ok(opened.into())
    }

    /// The beginning of what `bytes` are compressed from, as much as they tell, at most `most` bytes.
    pub(crate) fn open_beginning(self, bytes: &[u8], most: usize) -> Vec<u8> {
        let mut opened = vec![0; most];
        let mut found = 0;
        let mut decoder: Box<dyn Read + '_> = match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(bytes)),
            Self::Deflate => Box::new(ZlibDecoder::new(bytes)),
        };
        // An error is the end of what has come.
        while let Ok(count) = decoder.read(&mut opened[found..]) {
            found += count;
            if count == 0 {
                break;
            }
        }
        opened.truncate(found);
        opened
    }

    /// Compresses an answer. Fast: its client waits.
    pub(crate) fn close(self, bytes: &[u8]) -> Option<Bytes> {
        let closed = Vec::with_capacity(bytes.len() / 2);
        let closed = match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(closed, Compression::fast());
                encoder.write_all(bytes).and_then(|()| encoder.finish())
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(closed, Compression::fast());
                encoder.write_all(bytes).and_then(|()| encoder.finish())
            }
        };
        closed.ok().map(Bytes::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn what_is_compressed_is_opened_up_to_the_bound() {
        let bytes = vec![7; 100_000];
        for coding in [Coding::Gzip, Coding::Deflate] {
            let closed = coding.close(&bytes).unwrap();
            assert!(closed.len() < 1_000);
            for (most, is_open) in [(100_001, true), (100_000, true), (99_999, false)] {
                let opened = coding.open(&closed, most);
                assert_eq!(opened.is_ok(), is_open, "{coding:?} {most}");
            }
            assert_eq!(coding.open_beginning(&closed, 10), vec![7; 10]);
            assert!(
                !coding
                    .open_beginning(&closed[..closed.len() / 2], 10)
                    .is_empty()
            );
            assert!(coding.open(&closed[..closed.len() / 2], 200_000).is_err());
            assert!(coding.open(b"no such thing", 200_000).is_err());
        }
    }

    #[test]
    fn codings_are_found_by_name() {
        for (value, expected) in [
            ("gzip", Ok(Some(Coding::Gzip))),
            ("GZIP", Ok(Some(Coding::Gzip))),
            ("deflate", Ok(Some(Coding::Deflate))),
            ("identity", Ok(None)),
            ("", Ok(None)),
            ("br", Err(())),
            ("gzip, gzip", Err(())),
        ] {
            let found = Coding::of_request(&headers(CONTENT_ENCODING, value));
            assert_eq!(found.map_err(drop), expected, "{value}");
        }
        for (value, expected) in [
            ("gzip", Some(Coding::Gzip)),
            ("br, deflate, gzip", Some(Coding::Deflate)),
            ("gzip;q=0, deflate;q=0.5", Some(Coding::Deflate)),
            ("identity", None),
            ("*", None),
        ] {
            let found = Coding::of_answer(&headers(ACCEPT_ENCODING, value));
            assert_eq!(found, expected, "{value}");
        }
    }
}
