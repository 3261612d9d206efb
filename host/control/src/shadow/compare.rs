//! Two answers to one request: where they differ. Pure, and bounded: bodies have at most 256 KiB, JSON a depth of 128.

use http::HeaderValue;
use mlwasm_routing::shadow::{ShadowAnswer, ShadowBody};
use mlwasm_types::{ShadowSettings, shadow::DifferenceKind, spec::FieldPath};
use serde_json::Value;

use super::{
    json,
    numbers::{floats, is_close},
};

/// Differences of one pair that are told apart; further ones count as one.
pub(super) const MAX_DIFFERENCES: usize = 64;
/// Characters of a value that are kept.
const MAX_SHOWN: usize = 80;

/// Where the whole answer differs.
pub(super) const STATUS: &str = "(status)";
const CONTENT_TYPE: &str = "(content type)";
const BODY: &str = "(body)";

/// What counts as a difference.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rules {
    pub(super) tolerance: f64,
    pub(super) ignore: Vec<FieldPath>,
}

impl Rules {
    pub(super) fn of(settings: &ShadowSettings) -> Self {
        Self {
            tolerance: settings.tolerance.0,
            ignore: settings.ignore.clone(),
        }
    }
}

/// One place where two answers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: String,
    pub(super) kind: DifferenceKind,
    pub(super) live: String,
    pub(super) mirror: String,
}

/// The differences of one pair, one a path.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<Difference>);

impl Differences {
    /// Adds one, unless there is one at its path; `values` are only written if there is not.
    pub(super) fn add(
        &mut self,
        path: String,
        kind: DifferenceKind,
        values: impl FnOnce() -> (String, String),
    ) {
        if self.0.len() < MAX_DIFFERENCES && self.0.iter().all(|known| known.path != path) {
            let (live, mirror) = values();
            self.0.push(Difference {
                path,
                kind,
                live: cut(&live),
                mirror: cut(&mirror),
            });
        }
    }

    #[cfg(test)]
    pub(super) fn into_inner(self) -> Vec<Difference> {
        self.0
    }

    /// Whether there is no room for more, so that nobody looks for what can not be kept.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() == MAX_DIFFERENCES
    }
}

/// Where the two differ; nowhere, if nothing is returned.
pub(super) fn compare(
    live: &ShadowAnswer,
    mirror: &ShadowAnswer,
    rules: &Rules,
) -> Vec<Difference> {
    let mut found = Differences::default();
    if live.status != mirror.status {
        // The bodies of different statuses differ in everything, which says nothing more.
        found.add(STATUS.to_owned(), DifferenceKind::Status, || {
            (live.status.to_string(), mirror.status.to_string())
        });
        return found.0;
    }
    let types = [live, mirror].map(|answer| essence(answer.content_type.as_ref()));
    if types[0] != types[1] {
        found.add(CONTENT_TYPE.to_owned(), DifferenceKind::ContentType, || {
            (types[0].clone(), types[1].clone())
        });
    }
    match (&live.body, &mirror.body) {
        (ShadowBody::Kept(one), ShadowBody::Kept(other)) => {
            if one != other {
                let bodies = Bodies {
                    live: one,
                    mirror: other,
                };
                bodies.compare(&types, rules, &mut found);
            }
        }
        (one, other) if one == other => {}
        (one, other) => found.add(BODY.to_owned(), DifferenceKind::Bytes, || {
            (
                format!("{} bytes", one.length()),
                format!("{} bytes", other.length()),
            )
        }),
    }
    found.0
}

/// Two bodies that are not the same bytes.
struct Bodies<'a> {
    live: &'a [u8],
    mirror: &'a [u8],
}

impl Bodies<'_> {
    fn compare(&self, types: &[String; 2], rules: &Rules, found: &mut Differences) {
        if types.iter().all(|essence| may_be_json(essence))
            && let (Ok(live), Ok(mirror)) = (
                serde_json::from_slice::<Value>(self.live),
                serde_json::from_slice::<Value>(self.mirror),
            )
        {
            json::compare(&live, &mirror, rules, found);
            return;
        }
        if types
            .iter()
            .all(|essence| essence.starts_with("application/octet-stream"))
            && let Some((live, mirror)) = floats(self.live, self.mirror)
        {
            compare_floats(&live, &mirror, rules, found);
            return;
        }
        found.add(BODY.to_owned(), DifferenceKind::Bytes, || {
            (shown(self.live), shown(self.mirror))
        });
    }
}

fn compare_floats(live: &[f32], mirror: &[f32], rules: &Rules, found: &mut Differences) {
    let mut pairs = live.iter().zip(mirror).enumerate();
    let apart = pairs
        .find(|(_, (one, other))| !is_close(f64::from(**one), f64::from(**other), rules.tolerance));
    if let Some((index, (one, other))) = apart {
        found.add(BODY.to_owned(), DifferenceKind::Number, || {
            (format!("[{index}] {one}"), format!("[{index}] {other}"))
        });
    }
}

/// The content type without differences that mean nothing.
fn essence(content_type: Option<&HeaderValue>) -> String {
    let text = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let text = text.unwrap_or_default().to_ascii_lowercase();
    text.split(';').map(str::trim).collect::<Vec<_>>().join(";")
}

/// A body without a type is looked at: many scorers give none.
fn may_be_json(essence: &str) -> bool {
    let kind = essence.split(';').next().unwrap_or_default();
    kind.is_empty() || kind == "application/json" || kind.ends_with("+json")
}

fn shown(body: &[u8]) -> String {
    match str::from_utf8(body) {
        // Long texts are cut before they are copied.
        Ok(text) => Value::from(text.chars().take(MAX_SHOWN).collect::<String>()).to_string(),
        Err(_) => format!("{} bytes", body.len()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, content_type: Option<&'static str>, body: &[u8]) -> ShadowAnswer {
        ShadowAnswer {
            status,
            content_type: content_type.map(HeaderValue::from_static),
            body: ShadowBody::Kept(Bytes::copy_from_slice(body)),
            guest: Duration::ZERO,
            infer: Duration::ZERO,
        }
    }

    fn rules() -> Rules {
        Rules::of(&ShadowSettings::default())
    }

    fn told(live: &ShadowAnswer, mirror: &ShadowAnswer) -> Vec<String> {
        let differences = compare(live, mirror, &rules()).into_iter();
        differences
            .map(|one| format!("{} {} {} {}", one.path, one.kind, one.live, one.mirror))
            .collect()
    }

    #[test]
    fn whole_answers_are_compared_by_status_type_and_body() {
        let json = Some("application/json");
        let floats = |numbers: &[f32]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
            answer(200, Some("application/octet-stream"), &bytes)
        };
        let cases: [(ShadowAnswer, ShadowAnswer, &[&str]); 12] = [
            (answer(200, json, b"{}"), answer(200, json, b"{}"), &[]),
            (
                answer(200, json, b"{}"),
                answer(424, None, b""),
                &["(status) status 200 424"],
            ),
            (answer(424, None, b""), answer(424, None, b""), &[]),
            (
                answer(200, json, b"1"),
                answer(200, Some("text/plain"), b"1"),
                &["(content type) content_type application/json text/plain"],
            ),
            (
                answer(200, Some("Application/JSON; charset=utf-8"), b"1"),
                answer(200, Some("application/json;charset=utf-8"), b"1"),
                &[],
            ),
            (
                answer(200, json, b"{\"a\": 1}"),
                answer(200, json, b"{\"a\":1.0}"),
                &[],
            ),
            (
                answer(200, None, b"[1, 2]"),
                answer(200, None, b"[1,2]"),
                &[],
            ),
            (
                answer(200, json, b"{\"a\":1"),
                answer(200, json, b"{\"a\":1}"),
                &["(body) bytes \"{\\\"a\\\":1\" \"{\\\"a\\\":1}\""],
            ),
            (
                answer(200, Some("text/plain"), b"[1, 2]"),
                answer(200, Some("text/plain"), b"[1,2]"),
                &["(body) bytes \"[1, 2]\" \"[1,2]\""],
            ),
            (floats(&[1.0, 2.0]), floats(&[1.0, 2.000_000_1]), &[]),
            (
                floats(&[1.0, 2.0]),
                floats(&[1.0, 2.5]),
                &["(body) number [1] 2 [1] 2.5"],
            ),
            (
                answer(200, Some("application/octet-stream"), &[1, 0, 0, 0]),
                answer(200, Some("application/octet-stream"), &[2, 0, 0, 0]),
                &["(body) bytes \"\\u0001\\u0000\\u0000\\u0000\" \"\\u0002\\u0000\\u0000\\u0000\""],
            ),
        ];
        for (live, mirror, expected) in cases {
            assert_eq!(told(&live, &mirror), expected, "{live:?} {mirror:?}");
        }
    }

    #[test]
    fn long_bodies_are_compared_by_length_and_digest() {
        let long = |length, digest| ShadowAnswer {
            body: ShadowBody::Digested { length, digest },
            ..answer(200, None, b"")
        };
        assert!(told(&long(300_000, 1), &long(300_000, 1)).is_empty());
        let expected = ["(body) bytes 300000 bytes 300000 bytes"];
        assert_eq!(told(&long(300_000, 1), &long(300_000, 2)), expected);
        let expected = ["(body) bytes 300000 bytes 2 bytes"];
        assert_eq!(told(&long(300_000, 1), &answer(200, None, b"{}")), expected);
    }

    #[test]
    fn what_is_kept_of_a_difference_is_bounded() {
        let long = format!("\"{}\"", "x".repeat(10_000));
        let json = Some("application/json");
        let differences = compare(
            &answer(200, json, long.as_bytes()),
            &answer(200, json, b"\"y\""),
            &rules(),
        );
        assert_eq!(differences[0].live.chars().count(), MAX_SHOWN + 1);

        let object = |value: u32| {
            let fields: Vec<_> = (0..200).map(|n| format!("\"k{n}\":{value}")).collect();
            answer(200, json, format!("{{{}}}", fields.join(",")).as_bytes())
        };
        assert_eq!(
            compare(&object(1), &object(2), &rules()).len(),
            MAX_DIFFERENCES
        );
    }

    #[test]
    fn json_deeper_than_the_parser_goes_is_compared_as_bytes() {
        let json = Some("application/json");
        let deep = |inner: &str| {
            answer(
                200,
                json,
                format!("{}{inner}{}", "[".repeat(5_000), "]".repeat(5_000)).as_bytes(),
            )
        };
        let differences = compare(&deep("1"), &deep("2"), &rules());
        assert_eq!(differences[0].path, BODY);
    }
}
