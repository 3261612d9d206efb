//! `If-Match` and `If-None-Match`: what must be true of an object before it changes.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use mlwasm_types::Generation;

use super::problem::Failure;
use crate::store::Expected;

/// What the request expects of the object that it changes.
///
/// # Errors
///
/// 400 for a tag that the server can not have given out: ignoring it would make the change unconditional.
pub(crate) fn expected(headers: &HeaderMap) -> Result<Expected, Failure> {
    let if_match = single(headers, &header::IF_MATCH)?;
    let if_none_match = single(headers, &header::IF_NONE_MATCH)?;
    match (if_match, if_none_match) {
        (None, None) => Ok(Expected::Anything),
        (Some("*"), None) => Ok(Expected::Present),
        (None, Some("*")) => Ok(Expected::Absent),
        (Some(tag), None) => generation(tag).map(Expected::At).ok_or_else(|| {
            Failure::unreadable(format!(
                "If-Match is {tag:?}: expected one entity tag, as in \"42\", or *"
            ))
        }),
        (None, Some(tag)) => Err(Failure::unreadable(format!(
            "If-None-Match is {tag:?}: only * is understood"
        ))),
        (Some(_), Some(_)) => Err(Failure::unreadable(
            "If-Match and If-None-Match exclude each other",
        )),
    }
}

/// The entity tag of an object that was last changed at `generation`.
pub(crate) fn tag(generation: Generation) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{generation}\"")).expect("digits between quotes")
}

fn generation(tag: &str) -> Option<Generation> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number
        .then(|| digits.parse().ok().map(Generation))
        .flatten()
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let (value, more) = (values.next(), values.next());
    let text = value.map(HeaderValue::to_str).transpose();
    match (text, more) {
        (Ok(text), None) => Ok(text.map(str::trim)),
        (Ok(_) | Err(_), _) => Err(Failure::unreadable(format!("{name} can not be read"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_anything_else_is_refused() {
        type Headers = &'static [(HeaderName, &'static str)];
        let cases: [(Headers, Option<Expected>); 11] = [
            (&[], Some(Expected::Anything)),
            (
                &[(header::IF_MATCH, "\"7\"")],
                Some(Expected::At(Generation(7))),
            ),
            (&[(header::IF_MATCH, "*")], Some(Expected::Present)),
            (&[(header::IF_NONE_MATCH, "*")], Some(Expected::Absent)),
            (&[(header::IF_MATCH, "7")], None),
            (&[(header::IF_MATCH, "\"\"")], None),
            (&[(header::IF_MATCH, "\"-7\"")], None),
            (&[(header::IF_MATCH, "W/\"7\"")], None),
            (&[(header::IF_MATCH, "\"7\", \"8\"")], None),
            (&[(header::IF_NONE_MATCH, "\"7\"")], None),
            (
                &[(header::IF_MATCH, "*"), (header::IF_NONE_MATCH, "*")],
                None,
            ),
        ];
        for (pairs, wanted) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name.clone(), HeaderValue::from_static(value));
            }
            assert_eq!(expected(&headers).ok(), wanted, "{pairs:?}");
        }
    }

    #[test]
    fn a_tag_reads_back_as_written() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, tag(Generation(42)));
        assert_eq!(expected(&headers).unwrap(), Expected::At(Generation(42)));
    }
}
