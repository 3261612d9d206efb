//! Traps in `run`: executes `unreachable`.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Trap;

impl Scorer for Trap {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        std::process::abort();
    }
}

mlwasm_sdk::scorer!(Trap);
