//! Runs forever in `run`.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Spin;

impl Scorer for Spin {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        loop {
            std::hint::spin_loop();
        }
    }
}

mlwasm_sdk::scorer!(Spin);
