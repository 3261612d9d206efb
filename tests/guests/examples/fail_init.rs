//! Refuses to start: `init` answers the error "no threshold set".

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct FailInit;

impl Scorer for FailInit {
    fn init() -> Result<Self, InitError> {
        Err("no threshold set".into())
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Err(ScoreError::internal(
            "`init` failed, and yet `run` was called",
        ))
    }
}

mlwasm_sdk::scorer!(FailInit);
