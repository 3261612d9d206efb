//! Answers the body with its content type, and adds nothing.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Echo;

impl Scorer for Echo {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let content_type = request
            .content_type
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok(Response::new(content_type, request.body))
    }
}

mlwasm_sdk::scorer!(Echo);
