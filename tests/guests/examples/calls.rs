//! A scorer that calls others, as its request says: JSON with `url`, and maybe `method`, `body`, `headers`, `times`, `timeout_ms`. Answers
//! each call's status and body, or its error.
//!
//! `INIT_URL` in its environment is called in `init`, and must answer.

use std::time::Duration;

use mlwasm_sdk::http::{self, CallError};
use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer, env};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Plan {
    url: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default = "once")]
    times: u32,
    timeout_ms: Option<u64>,
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> u32 {
    1
}

#[derive(Serialize)]
enum Outcome {
    #[serde(rename = "answer")]
    Answer { status: u16, body: String },
    #[serde(rename = "denied")]
    Denied(String),
    #[serde(rename = "timed_out")]
    TimedOut(String),
    #[serde(rename = "failed")]
    Failed(String),
}

struct Calls {
    init: Option<Outcome>,
}

impl Scorer for Calls {
    fn init() -> Result<Self, InitError> {
        let init = env::var("INIT_URL").map(|url| outcome(http::get(&url)));
        Ok(Self { init })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        if request.body.is_empty() {
            return Response::json(&self.init);
        }
        let plan: Plan = request.json()?;
        let outcomes: Vec<_> = (0..plan.times).map(|_| outcome(call(&plan))).collect();
        Response::json(&outcomes)
    }
}

fn call(plan: &Plan) -> Result<http::Response, CallError> {
    let mut call = http::Request::new(&plan.method, &plan.url).body(plan.body.as_str());
    for (name, value) in &plan.headers {
        call = call.header(name, value.as_str());
    }
    if let Some(timeout) = plan.timeout_ms {
        call = call.timeout(Duration::from_millis(timeout));
    }
    call.send()
}

fn outcome(answer: Result<http::Response, CallError>) -> Outcome {
    match answer {
        Ok(answer) => Outcome::Answer {
            status: answer.status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        },
        Err(CallError::Denied(text)) => Outcome::Denied(text),
        Err(CallError::TimedOut(text)) => Outcome::TimedOut(text),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

mlwasm_sdk::scorer!(Calls);
