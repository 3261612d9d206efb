//! Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line.

use std::hint::black_box;

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, env};

struct Faulty {
    numbers: Vec<u32>,
}

impl Scorer for Faulty {
    fn init() -> Result<Self, InitError> {
        if env::var("FAULT").is_some() {
            panic!("no start"); // fault: init
        }
        Ok(Self {
            numbers: vec![1, 2, 3],
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        match request.query_param("fault").as_deref() {
            Some("panic") => panic!("no such flower"), // fault: panic
            Some("index") => return Ok(Response::text(self.nth(7).to_string())),
            Some("unwrap") => black_box(None::<u32>).unwrap(), // fault: unwrap
            Some("abort") => give_up(black_box(1)),
            Some("stack") => return Ok(Response::text(deep(black_box(1)).to_string())),
            _ => 0,
        };
        Ok(Response::text("fine"))
    }
}

impl Faulty {
    #[inline(always)]
    fn nth(&self, index: usize) -> u32 {
        self.numbers[black_box(index)] // fault: index
    }
}

#[inline(always)]
fn give_up(code: u32) -> u32 {
    if code == 1 {
        std::process::abort(); // fault: abort
    }
    code
}

#[inline(never)]
fn deep(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    black_box(deep(depth + 1)) + room[3] // fault: stack
}

mlwasm_sdk::scorer!(Faulty);
