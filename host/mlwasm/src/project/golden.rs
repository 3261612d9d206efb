//! Golden requests: what is asked of a scorer, and the answer that is right.
//!
//! `golden/*.json` of a project, each file an array of cases. A case without an answer is one that `--bless` writes.

mod base64;
mod body;
mod compare;
mod layout;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, Serialize};

pub(crate) use body::Body;
pub(crate) use compare::{Difference, differences};

use super::Project;

/// The folder of a project that holds them.
const FOLDER: &str = "golden";

/// One request, and what is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows, for people.
    pub(crate) name: String,
    /// What is asked.
    #[serde(default)]
    pub(crate) request: CaseRequest,
    /// The answer, if the scorer is to give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<CaseResponse>,
    /// The text of the client's mistake, if it is to find one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bad_request: Option<String>,
    /// The text of its own failure, if it is to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    internal: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseRequest {
    /// The protocol that the body is in; the scorer's own words if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) protocol: Option<Protocol>,
    /// The media type of the body; that of its kind if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// What follows the question mark.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) query: String,
    /// Further headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    #[serde(flatten)]
    pub(crate) body: Body,
}

/// A protocol that the platform speaks for scorers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// The open inference protocol over REST: `/v2/models/{endpoint}/infer`.
    V2,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseResponse {
    /// 200 if it is not given.
    #[serde(default = "ok")]
    status: u16,
    /// Its media type; any if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// Its body.
    #[serde(flatten)]
    body: Body,
}

fn ok() -> u16 {
    200
}

/// What a scorer made of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It answered.
    Answer {
        /// The status.
        status: u16,
        /// The media type, if it gave one.
        content_type: Option<String>,
        /// The body.
        body: Vec<u8>,
    },
    /// It found a mistake of the client.
    BadRequest(String),
    /// It said that it failed.
    Internal(String),
    /// It did not end by itself: a trap, a limit, the deadline.
    Fault(String),
}

/// What is right.
#[derive(Clone, Copy, Debug)]
enum Expected<'a> {
    Answer(&'a CaseResponse),
    BadRequest(&'a str),
    Internal(&'a str),
    /// Nobody has said it yet.
    Unknown,
}

impl CaseRequest {
    /// The media type.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.content_type
            .as_deref()
            .or_else(|| self.body.content_type())
    }
}

impl Case {
    fn expected(&self) -> Expected<'_> {
        match (&self.response, &self.bad_request, &self.internal) {
            (Some(response), ..) => Expected::Answer(response),
            (_, Some(text), _) => Expected::BadRequest(text),
            (_, _, Some(text)) => Expected::Internal(text),
            (None, None, None) => Expected::Unknown,
        }
    }

    /// Takes `outcome` as the right one, unless it is none that a case can ask for.
    pub(crate) fn bless(&mut self, outcome: &Outcome) {
        let (response, bad_request, internal) = match outcome {
            Outcome::Answer {
                status,
                content_type,
                body,
            } => {
                let response = CaseResponse {
                    status: *status,
                    content_type: content_type.clone(),
                    body: Body::of(body, content_type.as_deref()),
                };
                (Some(response), None, None)
            }
            Outcome::BadRequest(text) => (None, Some(text.clone()), None),
            Outcome::Internal(text) => (None, None, Some(text.clone())),
            Outcome::Fault(_) => return,
        };
        self.response = response;
        self.bad_request = bad_request;
        self.internal = internal;
    }

    fn check(&self) -> anyhow::Result<()> {
        let said = [
            self.response.is_some(),
            self.bad_request.is_some(),
            self.internal.is_some(),
        ];
        if said.into_iter().filter(|is_said| *is_said).count() > 1 {
            bail!("it has more than one of response, bad_request and internal");
        }
        self.request.body.check().context("its request")?;
        match &self.response {
            Some(response) => response.body.check().context("its response"),
            None => Ok(()),
        }
    }
}

/// A file of cases.
#[derive(Clone, Debug)]
pub(crate) struct CaseFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its cases.
    pub(crate) cases: Vec<Case>,
}

/// The cases of a project, in the order of their files' names; none if it has no folder for them.
///
/// # Errors
///
/// Names the file, and the place or the case that is wrong.
pub(crate) fn read_all(project: &Project) -> anyhow::Result<Vec<CaseFile>> {
    let folder = project.folder.join(FOLDER);
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort();
    paths.into_iter().map(CaseFile::read).collect()
}

impl CaseFile {
    /// Reads a file: an array of cases.
    ///
    /// # Errors
    ///
    /// Names the file, and the place or the case that is wrong.
    pub(crate) fn read(path: PathBuf) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let cases = parse(&text, &path)?;
        Ok(Self { path, cases })
    }

    /// Writes the cases back, a line for whatever fits on one.
    ///
    /// # Errors
    ///
    /// If the file can not be written.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let writing = || format!("writing {}", self.path.display());
        let cases: Vec<_> = self
            .cases
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()?;
        fs::write(&self.path, layout::cases(&cases)).with_context(writing)
    }
}

fn parse(text: &str, path: &Path) -> anyhow::Result<Vec<Case>> {
    let cases: Vec<Case> = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let place = format!(" at line {line} column {column}");
        let text = text.trim_end_matches(place.as_str());
        anyhow!("{}:{line}:{column}: {text}", path.display())
    })?;
    for case in &cases {
        case.check()
            .with_context(|| format!("{}: case {:?}", path.display(), case.name))?;
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str) -> anyhow::Result<Case> {
        let cases = parse(&format!("[{text}]"), Path::new("golden/a.json"))?;
        Ok(cases.into_iter().next().unwrap())
    }

    #[test]
    fn a_case_says_what_is_asked_and_what_is_right() {
        let full = case(r#"{"name": "a", "request": {"query": "n=1", "headers": {"x-a": "1"}, "json": {"b": [1.5]}},
            "response": {"json": 1}}"#)
        .unwrap();
        assert_eq!(full.request.content_type(), Some("application/json"));
        assert_eq!(full.request.body.bytes().unwrap(), br#"{"b":[1.5]}"#);
        let Expected::Answer(response) = full.expected() else {
            panic!("{full:?}");
        };
        assert_eq!(response.status, 200);
        let text = case(r#"{"name": "a", "request": {"text": "x"}, "bad_request": "no"}"#).unwrap();
        assert_eq!(
            text.request.content_type(),
            Some("text/plain; charset=utf-8")
        );
        let bytes =
            case(r#"{"name": "a", "request": {"base64": "AAE="}, "internal": "no"}"#).unwrap();
        assert_eq!(bytes.request.body.bytes().unwrap(), [0, 1]);
        let empty = case(r#"{"name": "a"}"#).unwrap();
        assert_eq!(empty.request.content_type(), None);
        assert!(matches!(empty.expected(), Expected::Unknown));
        // A body that is JSON's null is one.
        let null = case(r#"{"name": "a", "request": {"json": null}}"#).unwrap();
        assert_eq!(null.request.body.bytes().unwrap(), b"null");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, expected) in [
            (r#"{"nam": "a"}"#, "golden/a.json:1:7: unknown field `nam`"),
            (
                r#"{"name": "a", "request": {"jsn": 1}}"#,
                "golden/a.json:1:",
            ),
            (r#"{"name": "a","#, "golden/a.json:1:15: "),
            (
                r#"{"name": "a", "request": {"protocol": "v3"}}"#,
                "golden/a.json:1:43: unknown variant `v3`, expected `v2`",
            ),
            (
                r#"{"name": "a", "bad_request": "x", "internal": "y"}"#,
                "golden/a.json: case \"a\": it has more than one of response, bad_request and internal",
            ),
            (
                r#"{"name": "a", "request": {"json": 1, "text": "x"}}"#,
                "golden/a.json: case \"a\": its request: it has more than one of json, text and base64",
            ),
            (
                r#"{"name": "a", "response": {"base64": "?"}}"#,
                "golden/a.json: case \"a\": its response: base64 is not valid",
            ),
        ] {
            let found = format!("{:#}", case(text).unwrap_err());
            assert!(found.starts_with(expected), "{text}: {found}");
        }
    }

    #[test]
    fn a_blessed_case_asks_for_what_was_answered() {
        let mut case = case(r#"{"name": "a", "bad_request": "old"}"#).unwrap();
        let answer = |content_type: &str, body: &[u8]| Outcome::Answer {
            status: 201,
            content_type: Some(content_type.to_owned()),
            body: body.to_vec(),
        };
        for outcome in [
            answer("application/json", b"{\"b\": [1, 2]}"),
            answer("text/plain", b"hello"),
            answer("application/json", b"no json"),
            answer("application/octet-stream", b"\xff\0"),
            Outcome::BadRequest("no".to_owned()),
            Outcome::Internal("broken".to_owned()),
        ] {
            assert!(!differences(&case, &outcome).is_empty(), "{outcome:?}");
            case.bless(&outcome);
            assert!(differences(&case, &outcome).is_empty(), "{outcome:?}");
            case.check().unwrap();
        }
        let before = case.clone();
        case.bless(&Outcome::Fault("trapped".to_owned()));
        assert_eq!(case, before);
    }
}
