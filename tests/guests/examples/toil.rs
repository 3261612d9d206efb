//! Computes for `?rounds=N` rounds, of a nanosecond or so each, and answers `&bytes=N` bytes.

use std::hint::black_box;

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Toil;

impl Scorer for Toil {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let (rounds, bytes): (u64, usize) = (param(&request, "rounds")?, param(&request, "bytes")?);
        let mut state = 1_u64;
        for _ in 0..rounds {
            state = black_box(
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
        black_box(state);
        Ok(Response::new("text/plain", vec![b'x'; bytes]))
    }
}

mlwasm_sdk::scorer!(Toil);
