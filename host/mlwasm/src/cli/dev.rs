//! `mlwasm dev`: a server in this process, and beside it what follows the project's files.
//!
//! The server is the one of `mlwasm serve`; the follower talks to it as any client does. It never stops for a mistake of the
//! author's: what does not build or start is told, and the former revision serves on.

mod asking;
mod following;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use anyhow::{Context as _, bail};
use clap::Args;
use mlwasm_types::{AuthMode, EndpointSpec, TrafficSplit, api::DeploymentView};
use serde_json::Value;

use super::{
    failures,
    output::{self, is_watched},
    project::{self, ProjectArguments},
    views::{self, Target},
    wait,
};
use crate::{
    app::{self, Addresses, Ready},
    client::{Client, Connection, Precondition},
    config::Config,
    project::{Project, create::shown, watch::Watch},
};
use asking::Question;

/// Serve a project, and build and swap it at every save
///
/// The server is on this machine's loopback and asks its callers for no key. After each swap the first golden request is
/// asked again, or the one of --request. What the scorer prints is shown, and how it fails. A save that does not build, or
/// whose init fails, leaves the former revision serving. Ctrl-C ends it.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  mlwasm dev\n  mlwasm dev --request golden/flowers.json --listen 127.0.0.1:8081"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// A file to ask after each swap: golden cases, whose first is taken, or a body as it is
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Where to accept scoring requests; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))]
    listen: SocketAddr,
    /// Where to accept administration requests; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)))]
    admin_listen: SocketAddr,
}

/// Serves until Ctrl-C.
///
/// # Errors
///
/// If there is no project, its files can not be watched, or the server can not start.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let project = arguments.project.open()?;
    let config = config(&arguments, &project)?;
    let watch = Watch::start(&project.folder)?;
    let (sender, ready) = sync_channel(1);
    let question = arguments.request;
    // Ends with the process: it waits for files, or for the server, which ends then too.
    thread::Builder::new()
        .name("follower".to_owned())
        .spawn(move || follow(project, watch, &ready, question))
        .context("starting to follow the project")?;
    app::run(&config, Ready::Tell(sender))?;
    Ok(ExitCode::SUCCESS)
}

/// The server's settings: those of any server of this user, but for what only development may have.
fn config(arguments: &Arguments, project: &Project) -> anyhow::Result<Config> {
    for address in [arguments.listen, arguments.admin_listen] {
        if !address.ip().is_loopback() {
            bail!(
                "{address} is not an address of this machine's loopback: what is in development is served without keys, so to \
                 this machine only; `mlwasm serve` serves others"
            );
        }
    }
    let mut config = Config::load(
        None,
        &[
            ("data_dir", project.ours("data").display().to_string()),
            ("gateway.listen", arguments.listen.to_string()),
            ("admin.listen", arguments.admin_listen.to_string()),
            // What the scorer prints is what matters; its server's news would hide it.
            ("log.filter", "warn,mlwasm::app=error".to_owned()),
        ],
    )?;
    config.gateway.allow_anonymous = true;
    // A variable or a file of a real server's is not for this one.
    config.gateway.tls = None;
    config.admin.tls = None;
    config.gateway.public_url = None;
    // Its author may use what its author has, and call whom its author calls.
    config.secrets.allowed_env = vec!["*".to_owned()];
    config.egress.allowed_origins = vec!["*".to_owned()];
    Ok(config)
}

/// Follows the project until the process ends.
fn follow(
    project: Project,
    mut watch: Watch,
    ready: &Receiver<Addresses>,
    request: Option<PathBuf>,
) {
    // None if the server did not start, which ends the process.
    let Ok(addresses) = ready.recv() else {
        return;
    };
    output::note(&format!(
        "serving {} at {}, administration at {}; Ctrl-C ends it",
        shown(&project.folder),
        addresses.scoring,
        addresses.admin
    ));
    let client = match Client::new(&Connection::to(addresses.admin.clone())) {
        Ok(client) => client,
        Err(error) => return output::complain(&error),
    };
    let mut follower = Follower {
        folder: project.folder,
        client,
        server: addresses,
        request,
        followed: None,
    };
    loop {
        if let Err(error) = follower.turn() {
            output::complain(&error);
        }
        output::note(if is_watched() {
            "\nwaiting for a save…"
        } else {
            "waiting for a save"
        });
        let Some(changed) = watch.next() else {
            return output::note("the files are not watched any more: start again");
        };
        let changed: Vec<_> = changed.iter().map(|path| shown(path)).collect();
        output::note(&format!("saved: {}", changed.join(", ")));
    }
}

/// What is done at each save.
struct Follower {
    folder: PathBuf,
    client: Client,
    server: Addresses,
    request: Option<PathBuf>,
    /// The deployment whose log is shown.
    followed: Option<Target>,
}

impl Follower {
    /// Builds, swaps, asks.
    fn turn(&mut self) -> anyhow::Result<()> {
        // Read each time: they may be what was saved.
        let project = Project::open(&self.folder)?;
        project::build(&project)?;
        let (target, scoring_uri) = self.swap(&project)?;
        let Some(question) = Question::read(&project, self.request.as_deref())? else {
            output::note(&format!(
                "no request in golden/ to ask; ask it at {scoring_uri}"
            ));
            return Ok(());
        };
        let is_failure = question.ask(&self.client, &scoring_uri)?;
        if is_failure {
            self.tell_failure(&target)?;
        }
        Ok(())
    }

    /// Makes what was built the serving revision.
    fn swap(&mut self, project: &Project) -> anyhow::Result<(Target, String)> {
        let (wanted, target) = project::wanted(project)?;
        let scoring_uri = self.ensure_endpoint(&target)?;
        wanted.upload(&self.client)?;
        let path = target.path();
        let accepted = match self.client.find(&path)? {
            Some(current) => {
                let patch = wanted.to_patch(&current);
                self.client.patch(&path, &patch, Precondition::None)?
            }
            None => {
                let spec = wanted.to_spec(&target.endpoint, &target.deployment);
                self.client.put(&path, &spec, Precondition::Absent)?
            }
        };
        if self.followed.as_ref().map(Target::path) != Some(target.path()) {
            following::start(self.server.admin.clone(), &target)?;
            self.followed = Some(target.clone());
        }
        let served = self.served(&target, accepted)?;
        let traffic = views::to_json(&TrafficSplit::all_to(target.deployment.clone()))?;
        let traffic_path = format!("{}/traffic", views::endpoint_path(&target.endpoint));
        self.client
            .put(&traffic_path, &traffic, Precondition::None)?;
        let view: DeploymentView = views::read(&served)?;
        output::note(&format!(
            "{target}: revision {} serves",
            view.status.revision
        ));
        Ok((target, scoring_uri))
    }

    /// The deployment once it serves. If it can not, tells where its `init` was.
    fn served(&self, target: &Target, accepted: Value) -> anyhow::Result<Value> {
        wait::until_served(&self.client, target, accepted).inspect_err(|_| {
            // What is told here is only more than the error says.
            self.tell_failure(target).ok();
        })
    }

    fn ensure_endpoint(&self, target: &Target) -> anyhow::Result<String> {
        let path = views::endpoint_path(&target.endpoint);
        let endpoint = match self.client.find(&path)? {
            Some(endpoint) => endpoint,
            None => {
                let mut spec = EndpointSpec::named(target.endpoint.clone());
                spec.auth_mode = AuthMode::None;
                self.client
                    .put(&path, &views::to_json(&spec)?, Precondition::Absent)?
            }
        };
        let uri = endpoint["scoring_uri"].as_str().unwrap_or_default();
        Ok(uri.to_owned())
    }

    /// Shows the last failure of the deployment, with where its scorer was.
    fn tell_failure(&self, target: &Target) -> anyhow::Result<()> {
        let page = self
            .client
            .get(&format!("{}/failures?last=1", target.path()))?;
        let page: mlwasm_types::failure::FailurePage = views::read(&page)?;
        if let Some(failure) = page.failures.last() {
            output::note(failures::block(failure).trim_end());
        }
        Ok(())
    }
}
