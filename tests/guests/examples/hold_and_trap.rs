//! Behaves as the request asks: `?mode=ok` answers `{"runs": how often this sandbox has run}`, `trap` traps, `spin` runs
//! forever. For tests of what one request does to the next, and to its neighbours.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

#[derive(Serialize)]
struct HoldAndTrap {
    runs: u64,
}

impl Scorer for HoldAndTrap {
    fn init() -> Result<Self, InitError> {
        Ok(Self { runs: 0 })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        self.runs += 1;
        match request.query_param("mode").as_deref() {
            Some("ok") => Response::json(self),
            Some("trap") => std::process::abort(),
            Some("spin") => loop {
                std::hint::spin_loop();
            },
            other => Err(ScoreError::bad_request(format!(
                "mode is {other:?}, expected ok, trap or spin"
            ))),
        }
    }
}

mlwasm_sdk::scorer!(HoldAndTrap);
