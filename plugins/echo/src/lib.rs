//! The echo scorer: answers what it was sent. For trying out a platform without a model.

use mlwasm_sdk::{InitError, Request, Response, ScoreError, Scorer};

/// Answers the body with its content type.
#[derive(Debug)]
pub struct Echo;

impl Scorer for Echo {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        // HTTP's own name for a body of which nothing is known.
        let content_type = request
            .content_type
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok(Response::new(content_type, request.body))
    }
}

mlwasm_sdk::scorer!(Echo);

#[cfg(test)]
mod tests {
    use super::*;
    use mlwasm_sdk::testing::{FakeHost, post};

    #[test]
    fn the_body_comes_back_with_its_content_type() {
        let mut sandbox = FakeHost::new().init::<Echo>().unwrap();

        let response = sandbox.run(post("text/csv", "1,2\n")).unwrap();

        assert_eq!(response, Response::new("text/csv", "1,2\n"));
    }

    #[test]
    fn a_body_of_unknown_type_comes_back_as_bytes() {
        let mut sandbox = FakeHost::new().init::<Echo>().unwrap();
        let request = Request {
            body: vec![0, 255],
            ..Request::default()
        };

        let response = sandbox.run(request).unwrap();

        assert_eq!(
            response,
            Response::new("application/octet-stream", [0, 255])
        );
    }
}
