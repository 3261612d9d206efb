//! A scorer: rows of four measurements in, the class of each out.

use mlwasm_sdk::{InitError, Model, Request, Response, ScoreError, Scorer, Tensor, env};
use serde::{Deserialize, Serialize};

/// What a client sends: `{"data": [[5.1, 3.5, 1.4, 0.2]]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    data: Vec<[f32; 4]>,
}

/// What it gets: `{"labels": [0], "what": "flower"}`.
#[derive(Serialize)]
struct Answer {
    labels: Vec<i64>,
    what: String,
}

/// Lives as long as its sandbox.
struct MyScorer {
    model: Model,
    what: String,
}

impl Scorer for MyScorer {
    /// Runs once, when the deployment is made or changed. An error keeps it from serving.
    fn init() -> Result<Self, InitError> {
        Ok(Self {
            model: Model::open("model")?,
            what: env::var("GREETING").unwrap_or_else(|| "row".to_owned()),
        })
    }

    /// Runs for every request.
    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let rows: Rows = request.json()?;
        if rows.data.is_empty() {
            return Err(ScoreError::bad_request("data is empty, expected at least one row of 4 numbers"));
        }
        let input = Tensor::new("input", &[rows.data.len(), 4], rows.data.as_flattened())?;
        let outputs = self.model.infer(&[input])?;
        Response::json(&Answer {
            labels: outputs.get("label")?.values::<i64>()?,
            what: self.what.clone(),
        })
    }
}

mlwasm_sdk::scorer!(MyScorer);

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, post_json};

    #[test]
    fn a_deployment_without_a_model_does_not_start() {
        assert!(FakeHost::new().init::<MyScorer>().is_err());
    }

    #[test]
    fn a_request_is_read() {
        let rows: Rows = post_json("{\"data\": [[1, 2, 3, 4]]}").json().unwrap();
        assert_eq!(rows.data, [[1.0, 2.0, 3.0, 4.0]]);
    }
}
