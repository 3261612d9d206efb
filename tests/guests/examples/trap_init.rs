//! Traps in `init`: panics, which prints a message to standard error first.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct TrapInit;

impl Scorer for TrapInit {
    #[expect(clippy::panic, reason = "what this guest is for")]
    fn init() -> Result<Self, InitError> {
        panic!("trapped in init");
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Err(ScoreError::internal(
            "`init` trapped, and yet `run` was called",
        ))
    }
}

mlwasm_sdk::scorer!(TrapInit);
