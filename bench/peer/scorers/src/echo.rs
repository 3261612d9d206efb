//! Scenario `echo`: no model; the numbers are read and written.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::{Deserialize, Serialize};

/// Answers `{"data": …}` with the numbers that came.
#[derive(Debug)]
pub struct Echo;

#[derive(Deserialize, Serialize)]
struct Rows {
    data: Vec<Vec<f64>>,
}

impl Scorer for Echo {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let rows: Rows = request.json()?;
        Response::json(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, post_json};

    #[test]
    fn the_numbers_come_back_and_nothing_else_is_taken() {
        let mut sandbox = FakeHost::new().init::<Echo>().unwrap();
        let answer = sandbox.run(post_json("{\"data\": [[5.1, 3.5], []]}"));
        assert_eq!(answer.unwrap().body, b"{\"data\":[[5.1,3.5],[]]}");
        assert!(sandbox.run(post_json("{\"data\": [[\"x\"]]}")).is_err());
    }
}
