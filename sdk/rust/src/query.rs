//! The query of an address: `a=1&b=two%20words`.

use std::borrow::Cow;

/// The parameters of a query in order, percent-decoded, with `+` as a space. Made by
/// [`Request::query_params`](crate::Request::query_params).
///
/// A parameter without `=` has the empty value. An escape that is not two hex digits is kept as it stands, and bytes
/// that are not UTF-8 become replacement characters: a query is text typed by people, and a scorer that looks up
/// `limit` must not fail over another parameter.
#[derive(Clone, Debug)]
pub struct QueryParams<'a> {
    rest: &'a str,
}

impl<'a> QueryParams<'a> {
    pub(crate) fn new(query: &'a str) -> Self {
        Self { rest: query }
    }
}

impl<'a> Iterator for QueryParams<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (pair, rest) = self.rest.split_once('&').unwrap_or((self.rest, ""));
            self.rest = rest;
            if !pair.is_empty() {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                return Some((decode(name), decode(value)));
            }
        }
        None
    }
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, remaining) = match (first, after) {
            (b'+', _) => (b' ', after),
            (b'%', [high, low, remaining @ ..]) => match hex_byte(*high, *low) {
                Some(byte) => (byte, remaining),
                None => (b'%', after),
            },
            _ => (*first, after),
        };
        decoded.push(byte);
        rest = remaining;
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |character: u8| match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    };
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = QueryParams::new(query).collect();
        let found: Vec<_> = found
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
            .collect();
        assert_eq!(found, expected, "{query}");
    }

    #[test]
    fn parameters_come_in_order_and_decoded() {
        check("", &[]);
        check("a=1&b=2", &[("a", "1"), ("b", "2")]);
        check("flag&&empty=&", &[("flag", ""), ("empty", "")]);
        check(
            "q=two%20words+more&k%3D=a=b",
            &[("q", "two words more"), ("k=", "a=b")],
        );
        check("umlaut=%C3%A4", &[("umlaut", "ä")]);
    }

    #[test]
    fn broken_escapes_are_kept() {
        check(
            "a=100%&b=%zz&c=%F",
            &[("a", "100%"), ("b", "%zz"), ("c", "%F")],
        );
        check("a=%ff", &[("a", "\u{fffd}")]);
    }
}
