//! Answers all that a scorer can learn of its request and its deployment, as JSON.

use std::collections::BTreeMap;

use mlwasm_sdk::{Header, InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

struct WhoAmI;

#[derive(Serialize)]
struct Answer {
    label: Option<String>,
    deployment: String,
    is_mirror: bool,
    id: String,
    query: String,
    content_type: Option<String>,
    /// Name and value, in order. A value that is not UTF-8 has replacement characters.
    headers: Vec<(String, String)>,
    /// The length of the body in bytes.
    body_bytes: usize,
    env: BTreeMap<String, String>,
}

impl Scorer for WhoAmI {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let env: BTreeMap<String, String> = std::env::vars().collect();
        let text = |header: Header| {
            (
                header.name,
                String::from_utf8_lossy(&header.value).into_owned(),
            )
        };
        Response::json(&Answer {
            label: env.get("LABEL").cloned(),
            deployment: request.deployment,
            is_mirror: request.is_mirror,
            id: request.id,
            query: request.query,
            content_type: request.content_type,
            headers: request.headers.into_iter().map(text).collect(),
            body_bytes: request.body.len(),
            env,
        })
    }
}

mlwasm_sdk::scorer!(WhoAmI);
