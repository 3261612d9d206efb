//! Records as many records of as many bytes as the query says in the collection that it names, and answers what came of each, after
//! whether the collection was on: in `init`, and for this request. `trap=1` traps after that.

use mlwasm_guests::param;
use mlwasm_sdk::{Collection, InitError, Request, Response, ScoreError, Scorer};

struct Collects {
    was_on_in_init: bool,
}

impl Scorer for Collects {
    fn init() -> Result<Self, InitError> {
        let features = Collection::named("features");
        features.record("in init")?;
        Ok(Self {
            was_on_in_init: features.is_enabled(),
        })
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let name: String = param(&request, "collection")?;
        let content_type = request.query_param("type");
        let count: u32 = param(&request, "count")?;
        let bytes: usize = param(&request, "bytes")?;
        let collection = Collection::named(name);
        // A string of JSON is its quotes longer.
        let record = "x".repeat(bytes.saturating_sub(2));
        let outcomes = (0..count).map(|_| match &content_type {
            Some(content_type) => collection.record_bytes(content_type, record.as_bytes()),
            None => collection.record(&record),
        });
        let outcomes: Vec<_> = outcomes
            .map(|outcome| outcome.map_or_else(|error| error.to_string(), |()| "ok".to_owned()))
            .collect();
        if request.query_param("trap").is_some() {
            std::process::abort();
        }
        Response::json(&(self.was_on_in_init, collection.is_enabled(), outcomes))
    }
}

mlwasm_sdk::scorer!(Collects);
