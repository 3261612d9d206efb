//! Runs forever in `init`.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct SpinInit;

impl Scorer for SpinInit {
    fn init() -> Result<Self, InitError> {
        loop {
            std::hint::spin_loop();
        }
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Err(ScoreError::internal(
            "`init` never returned, and yet `run` was called",
        ))
    }
}

mlwasm_sdk::scorer!(SpinInit);
