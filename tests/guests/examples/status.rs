//! Answers with `?code=N` as its status, be it valid or not, and with the headers `x-guest: status` and
//! `location: /elsewhere`. A further header comes from `?header=NAME&value=VALUE`, be it allowed or not.

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Status;

impl Scorer for Status {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let code: u16 = param(&request, "code")?;
        let mut response = Response::text(format!("status {code}"))
            .with_status(code)
            .with_header("x-guest", "status")
            .with_header("location", "/elsewhere");
        if let Some(name) = request.query_param("header") {
            let value: String = param(&request, "value")?;
            response = response.with_header(name, value);
        }
        Ok(response)
    }
}

mlwasm_sdk::scorer!(Status);
