//! Fails every request by its own fault: `internal("boom")`.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Internal;

impl Scorer for Internal {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Err(ScoreError::internal("boom"))
    }
}

mlwasm_sdk::scorer!(Internal);
