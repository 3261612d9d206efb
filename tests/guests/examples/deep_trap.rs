//! Panics `?depth=N` calls deep, in functions whose names a backtrace can be searched for.

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct DeepTrap;

impl Scorer for DeepTrap {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let depth = descend(param(&request, "depth")?);
        Ok(Response::text(depth.to_string()))
    }
}

// Neither a loop nor part of its caller: each call shall be one of the backtrace.
#[inline(never)]
fn descend(depth: u32) -> u32 {
    if depth == 0 {
        return reach_the_bottom(std::hint::black_box(None));
    }
    std::hint::black_box(descend(depth - 1)) + 1
}

#[inline(never)]
fn reach_the_bottom(below: Option<u32>) -> u32 {
    below.expect("no further down")
}

mlwasm_sdk::scorer!(DeepTrap);
