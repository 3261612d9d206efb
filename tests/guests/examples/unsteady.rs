//! Sleeps for `SLEEP_MS` milliseconds of its environment, and fails each request whose turn, in its sandbox, is a multiple of
//! `FAIL_EVERY`. Without them it answers `well` at once.

use std::{thread, time::Duration};

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, env};

struct Unsteady {
    sleep: Duration,
    fail_every: u64,
    turn: u64,
}

fn number(name: &str) -> u64 {
    env::var(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

impl Scorer for Unsteady {
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            sleep: Duration::from_millis(number("SLEEP_MS")),
            fail_every: number("FAIL_EVERY"),
            turn: 0,
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a guest has a thread of its own to wait on"
    )]
    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        self.turn += 1;
        if self.fail_every > 0 && self.turn.is_multiple_of(self.fail_every) {
            return Err(ScoreError::internal("it is its turn"));
        }
        if !self.sleep.is_zero() {
            thread::sleep(self.sleep);
        }
        Ok(Response::text("well"))
    }
}

mlwasm_sdk::scorer!(Unsteady);
