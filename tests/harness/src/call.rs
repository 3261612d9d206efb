//! One HTTP request to either plane, and what came back.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use mlwasm_types::api::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{OrFail as _, fail};

/// A request that is being put together.
#[derive(Debug)]
#[must_use = "a call is made by `send`"]
pub struct Call(reqwest::RequestBuilder);

impl Call {
    pub(crate) fn new(builder: reqwest::RequestBuilder) -> Self {
        Self(builder)
    }

    /// Adds a header. One that is there already stays: see [`Call::key`] for the exception.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        Self(self.0.header(name, value.as_ref()))
    }

    /// Shows `key` instead of the endpoint's own.
    pub fn key(self, key: &str) -> Self {
        let mut headers = HeaderMap::new();
        let value = format!("Bearer {key}").parse();
        headers.insert(http::header::AUTHORIZATION, value.or_fail("writing a key"));
        // `headers` replaces, `header` appends.
        Self(self.0.headers(headers))
    }

    /// Names the deployment that shall answer.
    pub fn deployment(self, name: &str) -> Self {
        self.header("azureml-model-deployment", name)
    }

    /// Names the request.
    pub fn id(self, id: &str) -> Self {
        self.header("x-request-id", id)
    }

    /// Sends this body.
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body))
    }

    /// Sends this as JSON.
    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    /// Adds a query to the address.
    pub fn query(self, query: &str) -> Self {
        let (client, request) = self.0.build_split();
        let mut request = request.or_fail("building a request");
        request.url_mut().set_query(Some(query));
        Self(reqwest::RequestBuilder::from_parts(client, request))
    }

    /// Sends the request and reads the whole answer. Fails the test if there is none.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future hangs up, as a client does that went away.
    pub async fn send(self) -> Answer {
        match self.try_send().await {
            Ok(answer) => answer,
            Err(error) => fail(format!("no answer: {error:?}")),
        }
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// When no whole answer came: the server refused the connection or closed it.
    ///
    /// # Cancel safety
    ///
    /// As [`Call::send`].
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.0.send().await?;
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?,
        })
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// The status as a number.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body read as JSON.
    pub fn json(&self) -> Value {
        self.read()
    }

    /// The body read as one of the API's types.
    pub fn read<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => fail(format!("{error} in the body of {self:?}")),
        }
    }

    /// The error that the body describes. Fails the test unless it is a whole one and says the answer's own status.
    pub fn problem(&self) -> Problem {
        let content_type = self.header("content-type");
        if content_type != Some(Problem::CONTENT_TYPE) {
            fail(format!("expected {} in {self:?}", Problem::CONTENT_TYPE));
        }
        let problem: Problem = self.read();
        if problem.status != self.status() || problem.title.is_empty() || problem.detail.is_empty()
        {
            fail(format!("{problem:?} in {self:?}"));
        }
        problem
    }

    /// A header's value, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The deployment that answered, by the answer's own word.
    pub fn deployment(&self) -> &str {
        match self.header("mlwasm-deployment") {
            Some(name) => name,
            None => fail(format!("no deployment is named in {self:?}")),
        }
    }
}
