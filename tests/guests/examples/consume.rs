//! Takes `?amount=N` of what `?what=` says, and answers `{"took": N}` if nothing stopped it:
//!
//! * `stack`: N nested calls.
//! * `handles`: N handles of the model `model`, held until the next request, which drops them first.
//! * `call`: one call to the host with a text of N bytes.
//! * `line`: a line of N bytes to standard output, without its end.
//! * `error`: no answer but an internal error of N bytes.
//! * `header`: an answer with a header of N bytes.
//! * `fill`: fills N MiB of memory again and again, for ever, with one instruction each time.

use std::{
    hint::black_box,
    io::{self, Write},
};

use mlwasm_guests::param;
use mlwasm_sdk::{InferenceError, InitError, Model, Request, Response, ScoreError, Scorer};
use serde::Serialize;

#[derive(Default)]
struct Consume {
    held: Vec<Model>,
}

#[derive(Serialize)]
struct Took {
    took: u64,
}

impl Scorer for Consume {
    fn init() -> Result<Self, InitError> {
        Ok(Self::default())
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let what: String = param(&request, "what")?;
        let amount: usize = param(&request, "amount")?;
        self.held.clear();
        let mut took = amount as u64;
        match what.as_str() {
            "stack" => took = dive(took),
            "handles" => {
                for _ in 0..amount {
                    self.held.push(Model::open("model")?);
                }
            }
            "call" => match Model::open(&"x".repeat(amount)) {
                Err(InferenceError::UnknownModel(_)) => {}
                other => return Err(ScoreError::internal(format!("{other:?}"))),
            },
            "line" => {
                write!(io::stdout(), "{}", "x".repeat(amount)).map_err(ScoreError::internal)?
            }
            "error" => return Err(ScoreError::internal("x".repeat(amount))),
            "header" => {
                let answer = Response::json(&Took { took })?;
                return Ok(answer.with_header("x-long", "x".repeat(amount)));
            }
            "fill" => fill(amount << 20),
            other => return Err(ScoreError::bad_request(format!("no such thing: {other}"))),
        }
        Response::json(&Took { took })
    }
}

/// As deep as `calls`. Neither call nor result can be optimised away.
#[inline(never)]
fn dive(calls: u64) -> u64 {
    if calls == 0 {
        return 0;
    }
    black_box(dive(black_box(calls - 1))) + 1
}

fn fill(bytes: usize) -> ! {
    let mut memory = vec![0; bytes];
    loop {
        memory.fill(black_box(1_u8));
        black_box(&memory);
    }
}

mlwasm_sdk::scorer!(Consume);
