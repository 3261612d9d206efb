//! What `run` is asked.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::{Header, QueryParams, ScoreError};

/// One scoring request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The request's identity, also found in the platform's logs.
    pub id: String,
    /// The name of the deployment that this scorer serves.
    pub deployment: String,
    /// True for a copy of live traffic, whose answer no client waits for: skip what acts on the outside world.
    pub is_mirror: bool,
    /// The query of the address, without the question mark, still percent-encoded. See [`Request::query_param`].
    pub query: String,
    /// The headers that the platform lets through, never credentials.
    pub headers: Vec<Header>,
    /// The media type of the body, if the client sent one.
    pub content_type: Option<String>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads the body as JSON, whatever the content type says.
    ///
    /// # Errors
    ///
    /// [`ScoreError::BadRequest`] with the line and column of the mistake.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ScoreError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| ScoreError::BadRequest(format!("the body is not valid: {error}")))
    }

    /// Reads the body as UTF-8 text.
    ///
    /// # Errors
    ///
    /// [`ScoreError::BadRequest`] with the position of the first byte that is not UTF-8.
    pub fn text(&self) -> Result<&str, ScoreError> {
        str::from_utf8(&self.body)
            .map_err(|error| ScoreError::BadRequest(format!("the body is not text: {error}")))
    }

    /// The parameters of the query, decoded, in order.
    pub fn query_params(&self) -> QueryParams<'_> {
        QueryParams::new(&self.query)
    }

    /// The first value of a query parameter, decoded; empty for one without a value.
    pub fn query_param(&self, name: &str) -> Option<Cow<'_, str>> {
        self.query_params()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    /// The first header of this name, in any case, as text. `None` too if it is not UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        header.and_then(Header::text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_json_is_a_bad_request_with_line_and_column() {
        let request = Request {
            body: b"{\"a\":\n  1,}".to_vec(),
            ..Request::default()
        };

        let error = request.json::<serde_json::Value>().unwrap_err();

        assert_eq!(
            error,
            ScoreError::bad_request("the body is not valid: trailing comma at line 2 column 5")
        );
    }

    #[test]
    fn the_first_of_equal_parameters_counts() {
        let request = Request {
            query: "n=1%2B1&n=2&flag".to_owned(),
            ..Request::default()
        };

        assert_eq!(request.query_param("n").as_deref(), Some("1+1"));
        assert_eq!(request.query_param("flag").as_deref(), Some(""));
        assert_eq!(request.query_param("none"), None);
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let request = Request {
            headers: vec![Header::new("accept", "text/csv")],
            ..Request::default()
        };

        assert_eq!(request.header("Accept"), Some("text/csv"));
    }
}
