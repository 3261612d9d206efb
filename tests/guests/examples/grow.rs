//! Takes memory: `?mb=N` allocates and touches N MiB, answers `{"mb": how many it got}` and frees them again.
//!
//! A refused allocation is answered, not trapped on; whether the host refuses or stops the guest is the host's choice.

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};
use serde::Serialize;

const MIB: usize = 1024 * 1024;

struct Grow;

#[derive(Serialize)]
struct Got {
    mb: usize,
}

impl Scorer for Grow {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let wanted: usize = param(&request, "mb")?;
        let mut blocks: Vec<Vec<u8>> = Vec::new();
        while blocks.len() < wanted {
            let mut block = Vec::new();
            if block.try_reserve_exact(MIB).is_err() {
                break;
            }
            // Not zero: the system could give a page of zeros without taking memory for it.
            block.resize(MIB, 1);
            blocks.push(std::hint::black_box(block));
        }
        Response::json(&Got { mb: blocks.len() })
    }
}

mlwasm_sdk::scorer!(Grow);
