//! The request that is asked after each swap.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use serde_json::Value;
use ureq::http::{Request, header};

use super::super::output;
use crate::{
    client::Client,
    project::{
        Project,
        golden::{self, Case, CaseFile, Outcome, Protocol, differences},
    },
};

/// Largest answer that is read.
const LARGEST_ANSWER: u64 = 64 << 20;
/// Bytes of an answer that are shown.
const SHOWN: usize = 4_000;
/// The status of a failure that is the scorer's.
const SCORERS_FAULT: u16 = 424;

/// A request, and the answer that is right, if that is known.
pub(super) enum Question {
    /// A golden case.
    Case(Box<Case>),
    /// A body as it is in a file.
    Body(PathBuf),
}

impl Question {
    /// The request of `file`, or else the first golden case; none if there is none.
    ///
    /// # Errors
    ///
    /// Names the file that is wrong.
    pub(super) fn read(project: &Project, file: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let Some(file) = file else {
            let files = golden::read_all(project)?;
            let mut cases = files.into_iter().flat_map(|file| file.cases);
            return Ok(cases.next().map(|case| Self::Case(Box::new(case))));
        };
        // Any JSON may be a body; a list of cases is meant as one.
        let first = CaseFile::read(file.to_owned())
            .ok()
            .and_then(|file| file.cases.into_iter().next());
        if !file.is_file() {
            anyhow::bail!("there is no file {} to ask", file.display());
        }
        Ok(Some(match first {
            Some(case) => Self::Case(Box::new(case)),
            None => Self::Body(file.to_owned()),
        }))
    }

    /// Sends it and shows the answer: the body to standard output, all else to standard error. Returns whether the scorer has
    /// failed.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    pub(super) fn ask(&self, client: &Client, scoring_uri: &str) -> anyhow::Result<bool> {
        let request = self.request(scoring_uri)?;
        let begun = Instant::now();
        let mut response = client.score(request)?;
        let body = response
            .body_mut()
            .with_config()
            .limit(LARGEST_ANSWER)
            .read_to_vec()
            .context("reading the answer")?;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let status = response.status().as_u16();
        output::note(&format!("{}: {status} in {took:.1} ms", self.name()));
        output::raw(&shown(&body))?;
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let content_type =
            content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        if let Self::Case(case) = self {
            for difference in differences(case, &outcome(status, content_type, body)) {
                output::note(&format!("differs from golden/: {difference}"));
            }
        }
        Ok(status == SCORERS_FAULT)
    }

    fn name(&self) -> String {
        match self {
            Self::Case(case) => case.name.clone(),
            Self::Body(path) => path.display().to_string(),
        }
    }

    fn request(&self, scoring_uri: &str) -> anyhow::Result<Request<Vec<u8>>> {
        let case = match self {
            Self::Body(path) => {
                let body = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
                return Request::post(scoring_uri)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(body)
                    .context("making the request");
            }
            Self::Case(case) => &case.request,
        };
        let query = match case.query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let uri = match case.protocol {
            None => scoring_uri.to_owned(),
            Some(Protocol::V2) => v2_uri(scoring_uri),
        };
        let mut request = Request::post(format!("{uri}{query}"));
        if let Some(content_type) = case.content_type() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        for (name, value) in &case.headers {
            request = request.header(name, value);
        }
        request
            .body(case.body.bytes()?)
            .context("making the request")
    }
}

/// Where the endpoint of this scoring address is asked in the open inference protocol.
fn v2_uri(scoring_uri: &str) -> String {
    match scoring_uri.split_once("/endpoints/") {
        Some((server, rest)) => {
            let endpoint = rest.split('/').next().unwrap_or_default();
            format!("{server}/v2/models/{endpoint}/infer")
        }
        None => scoring_uri.to_owned(),
    }
}

/// What the answer says that the scorer did: the platform's own texts hold the scorer's.
fn outcome(status: u16, content_type: Option<String>, body: Vec<u8>) -> Outcome {
    let is_problem = content_type
        .as_deref()
        .is_some_and(|content_type| content_type.starts_with("application/problem+json"));
    if is_problem && let Ok(problem) = serde_json::from_slice::<Value>(&body) {
        let detail = problem["detail"].as_str().unwrap_or_default().to_owned();
        return match status {
            400 => Outcome::BadRequest(detail),
            SCORERS_FAULT => Outcome::Internal(detail),
            _ => Outcome::Fault(format!("{status}: {detail}")),
        };
    }
    Outcome::Answer {
        status,
        content_type,
        body,
    }
}

/// The answer as it is shown, ending with a line feed.
fn shown(body: &[u8]) -> Vec<u8> {
    let mut shown = match serde_json::from_slice::<Value>(body) {
        Ok(json) => json.to_string().into_bytes(),
        Err(_) => body.to_vec(),
    };
    if shown.len() > SHOWN {
        shown.truncate(SHOWN);
        shown.extend("…".bytes());
    }
    shown.push(b'\n');
    shown
}
