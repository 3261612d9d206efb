//! Answers `{"id", "label", "score", "rows"}`, and differs from others of its kind as its environment says.
//!
//! `FLIP=N`: one label in N is another, by the request's number, which is what follows the last `-` of its id. `FAIL=N`: one
//! request in N traps. `STAMP=1`: a field `time` that is another in each answer. `SHIFT=x` is added to the score. `TOIL=N` rounds
//! of work, of a nanosecond or so each. `BODY=text` or `floats`: another kind of answer. `PAD=N`: so many bytes more.

use std::{
    hint::black_box,
    io::{self, Write as _},
    str::FromStr,
};

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, env};
use serde_json::json;

struct Differs {
    flip: u64,
    fail: u64,
    stamp: u64,
    shift: f64,
    shift_of_floats: f32,
    toil: u64,
    pad: usize,
    body: String,
}

fn number<T: FromStr>(name: &str, otherwise: T) -> T {
    let text = env::var(name);
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Whether the request is one of those of which there is one in `share`.
fn falls(request: u64, share: u64) -> bool {
    share > 0 && request.is_multiple_of(share)
}

impl Scorer for Differs {
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            flip: number("FLIP", 0),
            fail: number("FAIL", 0),
            stamp: number("STAMP", 0),
            shift: number("SHIFT", 0.0),
            shift_of_floats: number("SHIFT", 0.0),
            toil: number("TOIL", 0),
            pad: number("PAD", 0),
            body: env::var("BODY").unwrap_or_default(),
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let of_id = request.id.rsplit('-').next().unwrap_or_default();
        let number: u64 = of_id.parse().unwrap_or(1);
        let mut state = 1_u64;
        for _ in 0..self.toil {
            state = black_box(
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
        black_box(state);
        if falls(number, self.fail) {
            std::process::abort();
        }
        if request.is_mirror {
            writeln!(io::stdout(), "a copy").map_err(ScoreError::internal)?;
        }
        let score = 0.5 + self.shift;
        if self.body == "floats" {
            let floats = [0.5 + self.shift_of_floats, 1.0];
            let floats = floats.map(f32::to_le_bytes).concat();
            return Ok(Response::new("application/octet-stream", floats));
        }
        let label = if falls(number, self.flip) {
            "dog"
        } else {
            "cat"
        };
        if self.body == "text" {
            return Ok(Response::text(format!("{label}{}", " ".repeat(self.pad))));
        }
        let mut answer = json!({"id": request.id, "label": label, "score": score, "rows": [{"score": score}, {"score": 1}]});
        if self.stamp > 0 {
            self.stamp += 1;
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let nanoseconds = now.map(|now| now.as_nanos().to_string());
            answer["time"] = json!(nanoseconds.unwrap_or_default());
        }
        if self.pad > 0 {
            answer["pad"] = json!("x".repeat(self.pad));
        }
        Response::json(&answer)
    }
}

mlwasm_sdk::scorer!(Differs);
