//! Blames the client for every request: `bad-request("the body is not to my taste")`.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct BadRequest;

impl Scorer for BadRequest {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Err(ScoreError::bad_request("the body is not to my taste"))
    }
}

mlwasm_sdk::scorer!(BadRequest);
