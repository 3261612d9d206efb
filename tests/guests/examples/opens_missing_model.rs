//! Opens the model `nope` in `init`, which no deployment has.

use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer};

struct OpensMissingModel {
    model: Model,
}

impl Scorer for OpensMissingModel {
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            model: Model::open("nope")?,
        })
    }

    fn run(&mut self, _request: Request) -> Result<Response, ScoreError> {
        Ok(Response::text(format!(
            "the model has {} inputs",
            self.model.inputs().len()
        )))
    }
}

mlwasm_sdk::scorer!(OpensMissingModel);
