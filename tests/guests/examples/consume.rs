//! Takes `?amount=N` of what `?what=` says, and answers `{"took": N}` if nothing stopped it:
//!
//! * `memory`: N pages of memory in all, 64 KiB each.
//! * `table`: N elements of its table in all. See [`grow_table`].
//! * `stack`: N nested calls.
//! * `handles`: N handles of the model `model`, held until the next request, which drops them first.
//! * `call`: one call to the host with a text of N bytes.
//! * `line`: a line of N bytes to standard output, without its end.
//! * `error`: no answer but an internal error of N bytes.
//! * `header`: an answer with a header of N bytes.
//! * `fill`: fills N MiB of memory again and again, for ever, with one instruction each time.
//!
//! A growth that is refused is answered with 507, or trapped on with `&then=trap`.

use std::{
    hint::black_box,
    io::{self, Write},
};

#[cfg(target_family = "wasm")]
use std::arch::wasm32::{memory_grow, memory_size};

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
            "memory" => {
                if memory_grow::<0>(amount.saturating_sub(memory_size::<0>())) == usize::MAX {
                    return refused(&request);
                }
            }
            "table" => {
                let more = amount.saturating_sub(grow_table(0));
                if grow_table(more) == usize::MAX {
                    return refused(&request);
                }
            }
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
            "line" => print(&"x".repeat(amount)).map_err(ScoreError::internal)?,
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

fn refused(request: &Request) -> Result<Response, ScoreError> {
    if request.query_param("then").as_deref() == Some("trap") {
        std::process::abort();
    }
    Ok(Response::text("refused").with_status(507))
}

/// Makes the table of functions larger by so many elements. Returns how many it had, or the largest number if it was refused.
///
/// Rust has no word for that instruction. This body is nine bytes that occur nowhere else; the test puts `table.grow` in
/// their place.
#[inline(never)]
fn grow_table(by: usize) -> usize {
    by.wrapping_add(0x7AB1_E600)
}

/// As deep as `calls`. Neither call nor result can be optimised away.
#[inline(never)]
fn dive(calls: u64) -> u64 {
    if calls == 0 {
        return 0;
    }
    black_box(dive(black_box(calls - 1))) + 1
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn fill(bytes: usize) -> ! {
    let mut memory = vec![0; bytes];
    loop {
        memory.fill(black_box(1_u8));
        black_box(&memory);
    }
}

// For those who check this code on their own machine, where there is no such memory.
#[cfg(not(target_family = "wasm"))]
fn memory_grow<const MEMORY: u32>(_pages: usize) -> usize {
    usize::MAX
}
#[cfg(not(target_family = "wasm"))]
fn memory_size<const MEMORY: u32>() -> usize {
    0
}

mlwasm_sdk::scorer!(Consume);
