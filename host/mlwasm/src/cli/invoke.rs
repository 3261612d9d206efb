//! `mlwasm invoke`

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use clap::Args;
use mlwasm_types::{
    AuthMode, DeploymentName, EndpointName,
    access::ScoringToken,
    api::{EndpointKeys, EndpointView, Problem},
};
use serde_json::Value;
use ureq::http::{HeaderMap, Request, StatusCode, header};

use super::{
    Cli,
    output::{self, Table},
    token, views,
};
use crate::client::ClientError;

/// Send a request to an endpoint and print the answer
///
/// The endpoint's address and its key, or a token, are asked from the server. The answer is printed as it came, unless -o or --query is
/// given and it is JSON. An answer that is no success ends the command with exit code 1.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm invoke iris --data '{\"data\": [[5.1, 3.5, 1.4, 0.2]]}'\n  \
    mlwasm invoke iris --deployment green --request-file request.json -v"
)]
pub(crate) struct Arguments {
    /// The endpoint
    endpoint: EndpointName,
    #[command(flatten)]
    request: RequestArguments,
}

/// What is sent, and to whom.
#[derive(Args, Clone, Debug)]
pub(crate) struct RequestArguments {
    /// Send it to this deployment, past the traffic rules, even at 0 %
    #[arg(short, long, visible_alias = "deployment-name", value_name = "NAME")]
    deployment: Option<DeploymentName>,
    #[command(flatten)]
    body: BodyArguments,
    /// What the body is
    #[arg(long, default_value = "application/json", value_name = "TYPE")]
    content_type: String,
    /// Print the answer's status and headers to standard error
    #[arg(short, long)]
    verbose: bool,
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct BodyArguments {
    /// A file with the body; - is standard input
    #[arg(short, long, value_name = "FILE")]
    request_file: Option<PathBuf>,
    /// The body itself
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
}

/// Names the deployment that a request is for.
const DEPLOYMENT_HEADER: &str = "azureml-model-deployment";
/// Names the deployment that answered.
const ANSWERED_BY: &str = "mlwasm-deployment";
/// No answer of a scorer is larger than its deployment may allow.
const LARGEST_ANSWER: u64 = 2 << 30;

/// Runs the command.
///
/// # Errors
///
/// If there is no answer, or its status is not a success; [`ClientError::NotFound`] if nothing was there to answer.
pub(crate) fn run(arguments: &Arguments, cli: &Cli) -> anyhow::Result<()> {
    send(&arguments.endpoint, &arguments.request, cli)
}

/// Sends the request to `endpoint` and prints the answer.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn send(
    endpoint: &EndpointName,
    arguments: &RequestArguments,
    cli: &Cli,
) -> anyhow::Result<()> {
    let body = body(&arguments.body)?;
    let path = views::endpoint_path(endpoint);
    let view: EndpointView = views::read(&cli.client.get(&path)?)?;
    let credential = credential(&view, cli)?;
    let mut request = Request::post(&view.scoring_uri)
        .header(header::AUTHORIZATION, format!("Bearer {credential}"))
        .header(header::CONTENT_TYPE, &arguments.content_type);
    if let Some(deployment) = &arguments.deployment {
        request = request.header(DEPLOYMENT_HEADER, deployment.as_str());
    }
    let request = request.body(body).context("making the request")?;
    let mut response = cli.client.score(request)?;
    let (status, headers) = (response.status(), response.headers().clone());
    if arguments.verbose {
        output::note(&head(status, &headers));
    }
    let answer = response
        .body_mut()
        .with_config()
        .limit(LARGEST_ANSWER)
        .read_to_vec()
        .context("reading the answer")?;
    print(&answer, cli)?;
    if !status.is_success() {
        return Err(failure(endpoint, status, &headers, &answer));
    }
    Ok(())
}

/// What opens the endpoint. One without keys may still ask for them: whether it does, the server's settings say.
fn credential(view: &EndpointView, cli: &Cli) -> anyhow::Result<String> {
    let name = &view.spec.name;
    match view.spec.auth_mode {
        AuthMode::Key | AuthMode::None => {
            let path = format!("{}/keys", views::endpoint_path(name));
            let keys: EndpointKeys = views::read(&cli.client.get(&path)?)?;
            Ok(keys.primary_key)
        }
        AuthMode::AmlToken => {
            let token: ScoringToken = views::read(&token::issue(name, None, cli)?)?;
            Ok(token.access_token)
        }
    }
}

/// What the exit code and the message are made of.
fn failure(
    endpoint: &EndpointName,
    status: StatusCode,
    headers: &HeaderMap,
    answer: &[u8],
) -> anyhow::Error {
    // Without a deployment, it is the platform that found nothing. A scorer may answer 404 for reasons of its own.
    if status == StatusCode::NOT_FOUND
        && !headers.contains_key(ANSWERED_BY)
        && let Ok(problem) = serde_json::from_slice::<Problem>(answer)
    {
        return ClientError::NotFound {
            detail: problem.detail,
        }
        .into();
    }
    anyhow!("{endpoint} answered {status}")
}

fn body(arguments: &BodyArguments) -> anyhow::Result<Vec<u8>> {
    match (&arguments.request_file, &arguments.data) {
        (Some(path), _) if path == Path::new("-") => {
            let mut body = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut body)
                .context("reading standard input")?;
            Ok(body)
        }
        (Some(path), _) => fs::read(path).with_context(|| format!("reading {}", path.display())),
        (None, data) => Ok(data.clone().unwrap_or_default().into_bytes()),
    }
}

/// Prints the answer as it came, unless a form is asked for: then it has to be JSON.
fn print(answer: &[u8], cli: &Cli) -> anyhow::Result<()> {
    if !cli.output.is_asked_for() {
        output::raw(answer)?;
        // For a person's eyes only: a program gets the answer to the byte.
        return if io::stdout().is_terminal() && !answer.ends_with(b"\n") {
            output::raw(b"\n")
        } else {
            Ok(())
        };
    }
    let answer: Value = serde_json::from_slice(answer)
        .context("the answer is not JSON, so -o and --query can not be used")?;
    cli.output.show(&answer, || Table::of(&answer))
}

fn head(status: StatusCode, headers: &HeaderMap) -> String {
    let lines = headers
        .iter()
        .map(|(name, value)| format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    format!("{status}{}", lines.collect::<String>())
}
