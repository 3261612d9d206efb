//! Prints `?lines=N` lines, `out 0` and so on to standard output and `err 0` and so on to standard error.

use std::io::{self, Write};

use mlwasm_guests::param;
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

struct Chatty;

impl Scorer for Chatty {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let lines: u64 = param(&request, "lines")?;
        for line in 0..lines {
            writeln!(io::stdout(), "out {line}").map_err(ScoreError::internal)?;
            writeln!(io::stderr(), "err {line}").map_err(ScoreError::internal)?;
        }
        Ok(Response::text(format!("printed {lines} lines to each")))
    }
}

mlwasm_sdk::scorer!(Chatty);
