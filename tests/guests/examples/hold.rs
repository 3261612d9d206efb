//! Sleeps for `?ms=N` milliseconds and then answers `{"held": N}`: a request that takes its time and no processor's.

use std::{thread, time::Duration};

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

struct Hold;

#[derive(Serialize)]
struct Held {
    held: u64,
}

impl Scorer for Hold {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a guest has a thread of its own to wait on"
    )]
    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let held = param(&request, "ms")?;
        thread::sleep(Duration::from_millis(held));
        Response::json(&Held { held })
    }
}

mlwasm_sdk::scorer!(Hold);
