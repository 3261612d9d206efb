//! What a request says of the trace that it is part of.
//!
//! # Source
//!
//! W3C Trace Context, <https://www.w3.org/TR/trace-context/>: 3.2 for `traceparent`, 3.3 for `tracestate`. What is malformed is
//! as if it were not there.

use http::HeaderMap;

use super::{SpanId, TRACEPARENT, TRACESTATE, TraceId};

/// Longest `tracestate` that is passed on, in bytes: the least that the specification asks for.
const LONGEST_STATE: usize = 512;

/// The span of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
    /// Whether the client's own span is recorded.
    pub(super) is_sampled: bool,
}

/// The parent that the headers name, if they name exactly one.
pub(super) fn of(headers: &HeaderMap) -> Option<Parent> {
    let mut found = None;
    for (name, value) in headers {
        if name == TRACEPARENT && found.replace(value).is_some() {
            return None;
        }
    }
    parse(found?.as_bytes())
}

/// What the client's systems say besides; none if it is malformed or longer than is passed on.
pub(super) fn state(headers: &HeaderMap) -> Option<String> {
    let mut whole = String::new();
    for value in headers.get_all(TRACESTATE) {
        if !whole.is_empty() {
            whole.push(',');
        }
        whole.push_str(value.to_str().ok()?);
    }
    (1..=LONGEST_STATE).contains(&whole.len()).then_some(whole)
}

fn parse(text: &[u8]) -> Option<Parent> {
    let (known, rest) = text.split_at_checked(55)?;
    let [v0, v1, b'-', ids @ .., b'-', f0, f1] = known else {
        return None;
    };
    let version = hex(&[*v0, *v1])?;
    // A later version may have more behind a dash; 255 is none.
    let is_understood = match version {
        0 => rest.is_empty(),
        0xff => false,
        _ => rest.is_empty() || rest.starts_with(b"-"),
    };
    let (trace, span) = (ids.get(..32)?, ids.get(33..)?);
    let (trace, span, flags) = (hex(trace)?, hex(span)?, hex(&[*f0, *f1])?);
    let is_valid = is_understood && ids.get(32) == Some(&b'-') && trace != 0 && span != 0;
    is_valid.then_some(Parent {
        trace: TraceId(trace),
        span: SpanId(u64::try_from(span).ok()?),
        is_sampled: flags & 1 == 1,
    })
}

/// Lower case digits alone: a capital one makes a `traceparent` malformed.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0_u128, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn headers(name: &str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_parent_is_taken_as_the_specification_writes_it_and_not_otherwise() {
        let zeros = "0".repeat(32);
        let cases = [
            (format!("00-{TRACE}-{SPAN}-01"), Some(true)),
            (format!("00-{TRACE}-{SPAN}-00"), Some(false)),
            (format!("00-{TRACE}-{SPAN}-03"), Some(true)),
            (format!("00-{TRACE}-{SPAN}-fe"), Some(false)),
            (format!("01-{TRACE}-{SPAN}-01"), Some(true)),
            (format!("01-{TRACE}-{SPAN}-01-more"), Some(true)),
            (format!("cc-{TRACE}-{SPAN}-01more"), None),
            (format!("00-{TRACE}-{SPAN}-01-more"), None),
            (format!("00-{TRACE}-{SPAN}-01-"), None),
            (format!("ff-{TRACE}-{SPAN}-01"), None),
            (format!("00-{}-{SPAN}-01", TRACE.to_uppercase()), None),
            (format!("00-{zeros}-{SPAN}-01"), None),
            (format!("00-{TRACE}-{}-01", &zeros[..16]), None),
            (format!("00-{TRACE}-{SPAN}-0"), None),
            (format!("00-{TRACE}-{SPAN}"), None),
            (format!("00-{TRACE}+{SPAN}-01"), None),
            (format!("00-{}g-{SPAN}-01", &TRACE[1..]), None),
            (String::new(), None),
        ];
        for (text, expected) in cases {
            let found = of(&headers("traceparent", &[&text]));
            assert_eq!(found.map(|parent| parent.is_sampled), expected, "{text}");
            if let Some(parent) = found {
                assert_eq!(format!("{:032x}", parent.trace.0), TRACE);
                assert_eq!(format!("{:016x}", parent.span.0), SPAN);
            }
        }
    }

    #[test]
    fn two_parents_are_none() {
        let text = format!("00-{TRACE}-{SPAN}-01");
        assert_eq!(of(&headers("traceparent", &[&text, &text])), None);
        assert_eq!(of(&HeaderMap::new()), None);
    }

    #[test]
    fn a_state_is_joined_and_bounded() {
        let state = |values: &[&str]| state(&headers("tracestate", values));
        assert_eq!(state(&["a=1", "b=2"]).unwrap(), "a=1,b=2");
        assert_eq!(state(&[]), None);
        for (length, is_kept) in [
            (LONGEST_STATE - 1, true),
            (LONGEST_STATE, true),
            (LONGEST_STATE + 1, false),
        ] {
            assert_eq!(state(&[&"a".repeat(length)]).is_some(), is_kept);
        }
    }
}
