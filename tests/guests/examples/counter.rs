//! Answers how often this sandbox has run, as `{"runs": 1}` and so on: a fresh sandbox starts again at 1.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

#[derive(Serialize)]
struct Counter {
    runs: u64,
}

impl Scorer for Counter {
    fn init() -> Result<Self, InitError> {
        Ok(Self { runs: 0 })
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        self.runs += 1;
        Response::json(self)
    }
}

mlwasm_sdk::scorer!(Counter);
