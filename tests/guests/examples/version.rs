//! Answers the deployment's environment variable `VERSION` as plain text, `unversioned` without one. For hot swaps.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, env};

struct Version {
    label: String,
}

impl Scorer for Version {
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            label: env::var("VERSION").unwrap_or_else(|| "unversioned".to_owned()),
        })
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Ok(Response::text(self.label.as_str()))
    }
}

mlwasm_sdk::scorer!(Version);
