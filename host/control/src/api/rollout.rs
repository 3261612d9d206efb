//! An endpoint's rollout: started by `PUT`, steered by `POST`, and shown, over or not, until the next one.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Request, State},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use mlwasm_types::{EndpointName, RolloutPlan, RolloutView};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use utoipa::IntoParams;

use super::{
    Answer, Api, LONGEST_WAIT,
    body::{self, At, Settings},
    openapi::{Operation, Tag},
    precondition::expected,
    problem::{Failure, ProblemKind},
    views::EndpointPath,
};
use crate::{
    author::Author,
    store::{
        Change, Command, Committed, EndpointRecord, Expected, Refusal, RolloutAct, RolloutRefusal,
    },
};

#[derive(Deserialize)]
pub(crate) struct CommandPath {
    endpoint: EndpointName,
    command: Command,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// How long to wait for the rollout to end, in milliseconds; longer ones count as a minute.
    #[serde(default)]
    #[param(value_type = u64, maximum = 60000, default = 0)]
    wait_ms: u64,
}

pub(crate) async fn show(
    State(api): State<Arc<Api>>,
    At(path): At<EndpointPath>,
    Settings(wait): Settings<Wait>,
) -> Answer {
    let until = Instant::now() + Duration::from_millis(wait.wait_ms).min(LONGEST_WAIT);
    let mut wanted = api.store.subscribe();
    loop {
        let state = Arc::clone(&wanted.borrow_and_update());
        let record = path.find(&state)?;
        let is_over = record.active_rollout().is_none();
        if is_over || !matches!(timeout_at(until, wanted.changed()).await, Ok(Ok(()))) {
            return answer(&api, record);
        }
    }
}

/// [`show`], for those who call it.
pub(crate) fn showing() -> Operation {
    Operation::new(
        Tag::Rollouts,
        "show_rollout",
        "Show the endpoint's rollout, over or not",
    )
    .query::<Wait>()
    .answers::<RolloutView>(StatusCode::OK, "The rollout")
    .tagged()
    .fails(&[ProblemKind::EndpointNotFound, ProblemKind::RolloutNotFound])
}

pub(crate) async fn start(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<EndpointPath>,
    request: Request,
) -> Answer {
    let (parts, bytes) = request.into_parts();
    let expected = expected(&parts.headers)?;
    let json = body::json(&parts.headers, bytes).await?;
    let plan: RolloutPlan = body::read(json)?;
    let committed = act(
        &api,
        &path.endpoint,
        RolloutAct::Start(plan),
        (expected, author),
    )
    .await?;
    answer(&api, path.find(&committed.after)?).map(body::created)
}

/// [`start`], for those who call it.
pub(crate) fn starting() -> Operation {
    Operation::new(Tag::Rollouts, "start_rollout", "Start a rollout")
        .takes::<RolloutPlan>()
        .changes_if_as_expected()
        .answers::<RolloutView>(StatusCode::CREATED, "It was started")
        .tagged()
        .fails(&[
            ProblemKind::EndpointNotFound,
            ProblemKind::DeploymentNotFound,
            ProblemKind::RolloutActive,
            ProblemKind::RolloutConflict,
        ])
}

pub(crate) async fn command(
    State(api): State<Arc<Api>>,
    Extension(author): Extension<Author>,
    At(path): At<CommandPath>,
    headers: HeaderMap,
) -> Answer {
    let CommandPath { endpoint, command } = path;
    let expected = expected(&headers)?;
    let committed = act(
        &api,
        &endpoint,
        RolloutAct::Obey(command),
        (expected, author),
    )
    .await?;
    api.rollouts.decided(command.verdict());
    let path = EndpointPath { endpoint };
    answer(&api, path.find(&committed.after)?)
}

/// [`command`], for those who call it.
pub(crate) fn commanding() -> Operation {
    Operation::new(
        Tag::Rollouts,
        "command_rollout",
        "Promote, pause, resume or abort the rollout",
    )
    .changes_if_as_expected()
    .answers::<RolloutView>(StatusCode::OK, "The rollout now")
    .tagged()
    .fails(&[
        ProblemKind::EndpointNotFound,
        ProblemKind::DeploymentNotFound,
        ProblemKind::RolloutNotFound,
        ProblemKind::RolloutConflict,
    ])
}

async fn act(
    api: &Api,
    endpoint: &EndpointName,
    act: RolloutAct,
    (expected, author): (Expected, Author),
) -> Result<Committed, Failure> {
    let change = Change::Rollout {
        endpoint: endpoint.clone(),
        act,
        at: Timestamp::now(),
    };
    api.change(change, expected, author).await
}

fn answer(api: &Api, record: &EndpointRecord) -> Answer {
    let endpoint_name = record.spec.name.clone();
    let Some(rollout) = &record.rollout else {
        let endpoint = endpoint_name;
        return Err(Refusal::from(RolloutRefusal::None { endpoint }).into());
    };
    let view = RolloutView {
        window: api.rollouts.window(&endpoint_name, rollout),
        rollout: rollout.as_ref().clone(),
        traffic: record.spec.traffic.clone(),
        endpoint_name,
    };
    Ok(body::object(&view, record.generation))
}
