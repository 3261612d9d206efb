//! Answers `?bytes=N` bytes.

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct BigResponse;

impl Scorer for BigResponse {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let bytes: usize = param(&request, "bytes")?;
        Ok(Response::new("application/octet-stream", vec![b'x'; bytes]))
    }
}

mlwasm_sdk::scorer!(BigResponse);
