//! The administration API, as commands use it: blocking, JSON in and out.
//!
//! Answers stay JSON, so that a newer server's fields are shown by an older client; commands read what they need of
//! them into the types of `mlwasm_types::api`.

mod error;
mod token;
pub(crate) mod trust;
mod url;

use std::{io::Read, path::PathBuf, time::Duration};

use clap::Args;
use mlwasm_types::{Digest, api::Problem};
use serde_json::Value;
use ureq::{
    Agent, AsSendBody, Body, SendBody,
    http::{Method, Request, Response, header, request},
};

pub(crate) use error::ClientError;
use token::Token;
pub(crate) use url::{Scheme, ServerUrl};

/// Where the server is and how to prove who asks.
#[derive(Args, Clone, Debug)]
pub(crate) struct Connection {
    /// The server's administration address
    #[arg(
        long,
        global = true,
        env = "MLWASM_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8090",
        value_name = "URL",
        help_heading = "Server"
    )]
    server: ServerUrl,
    /// A file with the admin token [default: $MLWASM_TOKEN, else the token of the local server]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Server")]
    token_file: Option<PathBuf>,
    /// A file with the certificates, in PEM, that a server's certificate must lead to [default: the public authorities']
    #[arg(
        long,
        global = true,
        env = "MLWASM_CA_FILE",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Server"
    )]
    ca_file: Option<PathBuf>,
}

impl Connection {
    /// To a server of this user on this machine, whose token is where it left it.
    pub(crate) fn to(server: ServerUrl) -> Self {
        Self {
            server,
            token_file: None,
            ca_file: None,
        }
    }
}

/// What must hold for a change to be made.
#[derive(Clone, Debug)]
pub(crate) enum Precondition {
    /// Nothing.
    None,
    /// The object is not there yet.
    Absent,
    /// The object is as it was when its `generation` was this.
    Unchanged(u64),
}

/// What is kept of the body of a request that failed.
pub(crate) struct FailedBody {
    pub(crate) kept: Vec<u8>,
    /// The length of the whole body.
    pub(crate) bytes: u64,
}

impl Precondition {
    fn added_to(&self, request: request::Builder) -> request::Builder {
        match self {
            Self::None => request,
            Self::Absent => request.header(header::IF_NONE_MATCH, "*"),
            Self::Unchanged(generation) => {
                request.header(header::IF_MATCH, format!("\"{generation}\""))
            }
        }
    }
}

/// A client of one server.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    server: ServerUrl,
    token: Option<Token>,
}

/// Time for a connection: the server is on this machine or near.
const CONNECT: Duration = Duration::from_secs(5);
/// Time for an answer beyond what the request itself asks the server to wait. Deleting waits for requests in flight.
const ANSWER: Duration = Duration::from_secs(60);
/// Time for the server to store an upload once it has it all.
const STORE: Duration = Duration::from_secs(600);
/// Objects are small; this only keeps a wrong server from filling memory.
const LARGEST_OBJECT: u64 = 64 << 20;

impl Client {
    /// A client, with the token that is found first: `MLWASM_TOKEN`, the token file, the local server's.
    ///
    /// # Errors
    ///
    /// If a file that should hold the token or the certificates can not be read.
    pub(crate) fn new(connection: &Connection) -> anyhow::Result<Self> {
        let token = token::find(connection.token_file.as_deref(), &connection.server)?;
        let agent = Agent::config_builder()
            // A proxy of the environment would be handed the token, and can not reach a loopback address anyway.
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(trust::config(connection.ca_file.as_deref())?)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("mlwasm/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            server: connection.server.clone(),
            token,
        })
    }

    /// The object at `path`, as in `/v1/endpoints/iris`.
    ///
    /// # Errors
    ///
    /// [`ClientError::NotFound`] if there is none; else what keeps the server from answering.
    pub(crate) fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.get_within(path, Duration::ZERO)
    }

    /// The object at `path`, for a request that lets the server wait for up to `wait`.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub(crate) fn get_within(&self, path: &str, wait: Duration) -> Result<Value, ClientError> {
        let request = self
            .request(Method::GET, path)
            .body(())
            .map_err(ClientError::malformed)?;
        self.object(self.send(request, ANSWER + wait)?)
    }

    /// The object at `path`; none if it is not there.
    ///
    /// # Errors
    ///
    /// What keeps the server from answering.
    pub(crate) fn find(&self, path: &str) -> Result<Option<Value>, ClientError> {
        match self.get(path) {
            Ok(object) => Ok(Some(object)),
            Err(ClientError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is kept of the body of a request that failed.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub(crate) fn failed_body(&self, path: &str) -> Result<FailedBody, ClientError> {
        let request = self
            .request(Method::GET, path)
            .body(())
            .map_err(ClientError::malformed)?;
        let mut response = self.checked(self.send(request, ANSWER)?)?;
        let whole = response.headers().get("mlwasm-body-bytes");
        let whole = whole.and_then(|value| value.to_str().ok()?.parse().ok());
        let unreadable = |source| ClientError::no_answer(self.server.clone(), source);
        let body = response.body_mut().with_config().limit(LARGEST_OBJECT);
        let kept = body.read_to_vec().map_err(unreadable)?;
        Ok(FailedBody {
            bytes: whole.unwrap_or(kept.len() as u64),
            kept,
        })
    }

    /// A backup, as the server writes it. Reading it fails where it breaks off.
    ///
    /// # Errors
    ///
    /// What keeps the server from answering.
    pub(crate) fn backup(&self) -> Result<impl Read + use<>, ClientError> {
        let request = self
            .request(Method::GET, "/v1/backup")
            .body(())
            .map_err(ClientError::malformed)?;
        let response = self.checked(self.send(request, ANSWER)?)?;
        Ok(response
            .into_body()
            .into_with_config()
            .limit(u64::MAX)
            .reader())
    }

    /// The counters of everything, in Prometheus' text format.
    ///
    /// # Errors
    ///
    /// What keeps the server from answering.
    pub(crate) fn metrics(&self) -> Result<String, ClientError> {
        let request = self
            .request(Method::GET, "/metrics")
            .body(())
            .map_err(ClientError::malformed)?;
        let response = self.checked(self.send(request, ANSWER)?)?;
        self.text(response)
    }

    /// Stores an object.
    ///
    /// # Errors
    ///
    /// [`ClientError::Stale`] if the precondition does not hold; else what the server says.
    pub(crate) fn put(
        &self,
        path: &str,
        body: &Value,
        only: Precondition,
    ) -> Result<Value, ClientError> {
        self.change(Method::PUT, path, Some(body), only)
    }

    /// Changes an object by a merge patch (RFC 7396).
    ///
    /// # Errors
    ///
    /// As [`Client::put`].
    pub(crate) fn patch(
        &self,
        path: &str,
        body: &Value,
        only: Precondition,
    ) -> Result<Value, ClientError> {
        self.change(Method::PATCH, path, Some(body), only)
    }

    /// Makes something happen.
    ///
    /// # Errors
    ///
    /// As [`Client::put`].
    pub(crate) fn post(&self, path: &str) -> Result<Value, ClientError> {
        self.change(Method::POST, path, None, Precondition::None)
    }

    /// Makes something happen that `body` describes.
    ///
    /// # Errors
    ///
    /// As [`Client::put`].
    pub(crate) fn post_object(
        &self,
        path: &str,
        body: &Value,
        only: Precondition,
    ) -> Result<Value, ClientError> {
        self.change(Method::POST, path, Some(body), only)
    }

    /// Removes an object.
    ///
    /// # Errors
    ///
    /// As [`Client::put`].
    pub(crate) fn delete(&self, path: &str, only: Precondition) -> Result<Value, ClientError> {
        self.change(Method::DELETE, path, None, only)
    }

    /// Whether the server has an artifact.
    ///
    /// # Errors
    ///
    /// What keeps the server from answering.
    pub(crate) fn has_artifact(&self, digest: &Digest) -> Result<bool, ClientError> {
        let path = format!("/v1/artifacts/{digest}");
        let request = self
            .request(Method::HEAD, &path)
            .body(())
            .map_err(ClientError::malformed)?;
        let response = self.send(request, ANSWER)?;
        match response.status().as_u16() {
            404 => Ok(false),
            _ => self.checked(response).map(|_| true),
        }
    }

    /// Uploads an artifact of `length` bytes.
    ///
    /// # Errors
    ///
    /// What the server says, or that the connection broke.
    pub(crate) fn put_artifact(
        &self,
        digest: &Digest,
        length: u64,
        mut bytes: impl Read,
    ) -> Result<(), ClientError> {
        let request = self
            .request(Method::PUT, &format!("/v1/artifacts/{digest}"))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_LENGTH, length)
            .body(SendBody::from_reader(&mut bytes))
            .map_err(ClientError::malformed)?;
        self.object(self.send(request, STORE)?).map(drop)
    }

    /// Makes the server what a backup of so many bytes holds. `query` says how, question mark included.
    ///
    /// # Errors
    ///
    /// As [`Client::put`].
    pub(crate) fn restore(
        &self,
        query: &str,
        (mut bytes, length): (impl Read, u64),
        only: Precondition,
    ) -> Result<Value, ClientError> {
        let request = self
            .request(Method::PUT, &format!("/v1/restore{query}"))
            .header(header::CONTENT_TYPE, "application/x-tar")
            .header(header::CONTENT_LENGTH, length);
        let request = only
            .added_to(request)
            .body(SendBody::from_reader(&mut bytes))
            .map_err(ClientError::malformed)?;
        self.object(self.send(request, STORE)?)
    }

    /// Sends a request to a scoring URI and returns the answer, whatever its status.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    pub(crate) fn score(&self, request: Request<Vec<u8>>) -> Result<Response<Body>, ClientError> {
        // A scorer may take ten minutes, if its deployment says so.
        self.send(request, STORE + ANSWER)
    }

    fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        only: Precondition,
    ) -> Result<Value, ClientError> {
        let mut request = self.request(method.clone(), path);
        request = only.added_to(request);
        if body.is_some() {
            let patch = method == Method::PATCH;
            request = request.header(
                header::CONTENT_TYPE,
                if patch {
                    MERGE_PATCH
                } else {
                    "application/json"
                },
            );
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let response = match method {
            // A length of 0 is said, but for DELETE, whose body means nothing.
            Method::DELETE => self.send(request.body(()).map_err(ClientError::malformed)?, ANSWER),
            _ => self.send(request.body(body).map_err(ClientError::malformed)?, ANSWER),
        };
        self.object(response?)
    }

    fn request(&self, method: Method, path: &str) -> request::Builder {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server));
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, token.header()),
            None => request,
        }
    }

    fn send<B: AsSendBody>(
        &self,
        request: Request<B>,
        answer: Duration,
    ) -> Result<Response<Body>, ClientError> {
        let request = self
            .agent
            .configure_request(request)
            .timeout_recv_response(Some(answer))
            .build();
        let address = ServerUrl::of(request.uri()).unwrap_or_else(|| self.server.clone());
        self.agent
            .run(request)
            .map_err(|source| ClientError::no_answer(address, source))
    }

    fn object(&self, response: Response<Body>) -> Result<Value, ClientError> {
        let response = self.checked(response)?;
        let text = self.text(response)?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|source| ClientError::NotJson {
            server: self.server.clone(),
            source,
        })
    }

    fn text(&self, mut response: Response<Body>) -> Result<String, ClientError> {
        let unreadable = |source| ClientError::no_answer(self.server.clone(), source);
        response
            .body_mut()
            .with_config()
            .limit(LARGEST_OBJECT)
            .read_to_string()
            .map_err(unreadable)
    }

    /// The response, if it says that all went well.
    fn checked(&self, mut response: Response<Body>) -> Result<Response<Body>, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let detail = serde_json::from_str::<Problem>(&text).map_or_else(
            |_| format!("the server answers {status}"),
            |problem| problem.detail,
        );
        Err(match status.as_u16() {
            403 => ClientError::Forbidden { detail },
            401 => ClientError::Unauthorised {
                server: self.server.clone(),
                hint: self.token_hint(),
            },
            404 => ClientError::NotFound { detail },
            409 => ClientError::Conflict { detail },
            412 => ClientError::Stale,
            status => ClientError::Refused { status, detail },
        })
    }

    fn token_hint(&self) -> String {
        match &self.token {
            Some(token) => format!("the token from {} is not the server's", token.source()),
            None => token::where_looked_for(&self.server),
        }
    }
}

const MERGE_PATCH: &str = "application/merge-patch+json";
