//! How an export travels over HTTP: by the client that commands use too, so that TLS is ours.

use std::{fmt, future::Future, pin::Pin};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

use crate::{client::trust, config::TracesConfig};

/// A collector's answer says next to nothing: more is not read.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Sends exports. It blocks, so each is a task of its own on a thread that may.
pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new(config: &TracesConfig) -> anyhow::Result<Self> {
        let agent = Agent::config_builder()
            // A proxy of the environment would be handed the headers.
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(trust::config(config.ca_file.as_deref())?)
            .timeout_global(Some(config.timeout))
            .user_agent(concat!("mlwasm/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self(agent))
    }
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    // As the library's macro would write it.
    fn send_bytes<'client, 'sent>(&'client self, request: Request<Bytes>) -> Sent<'sent>
    where
        'client: 'sent,
        Self: 'sent,
    {
        let agent = self.0.clone();
        let send = move || -> Result<Response<Bytes>, HttpError> {
            let (head, mut body) = agent.run(request.map(Vec::from))?.into_parts();
            let body = body.with_config().limit(LONGEST_ANSWER).read_to_vec()?;
            Ok(Response::from_parts(head, body.into()))
        };
        Box::pin(async move { tokio::task::spawn_blocking(send).await? })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}
