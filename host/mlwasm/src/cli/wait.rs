//! Waiting until a deployment's wanted revision serves, or can not.

use std::time::Duration;

use anyhow::bail;
use mlwasm_types::{ProvisioningState, api::DeploymentView};
use serde_json::Value;

use super::{
    progress::Progress,
    views::{self, Target},
};
use crate::client::Client;

/// One long poll: short enough that a proxy between does not cut it.
const POLL: Duration = Duration::from_secs(20);

/// Waits until the revision that `accepted` names serves, and returns the deployment as it is then.
///
/// # Errors
///
/// Why the revision can not serve, and which one serves instead.
pub(crate) fn until_served(
    client: &Client,
    target: &Target,
    accepted: Value,
) -> anyhow::Result<Value> {
    let wanted = views::read::<DeploymentView>(&accepted)?.status.revision;
    let mut answer = accepted;
    let mut progress = None;
    loop {
        let view: DeploymentView = views::read(&answer)?;
        match view.status.provisioning_state {
            ProvisioningState::Succeeded => return Ok(answer),
            ProvisioningState::Failed => {
                drop(progress);
                bail!("{}", failure(target, &view));
            }
            ProvisioningState::Creating | ProvisioningState::Updating => {}
        }
        progress.get_or_insert_with(|| {
            Progress::step(format!(
                "{target}: compiling, loading models and initialising revision {wanted}"
            ))
        });
        answer = client.get_within(
            &format!("{}?wait_ms={}", target.path(), POLL.as_millis()),
            POLL,
        )?;
    }
}

fn failure(target: &Target, view: &DeploymentView) -> String {
    let reason = view
        .status
        .error
        .as_deref()
        .unwrap_or("the server does not say why");
    let serving = match view.status.serving_revision {
        Some(former) => format!("revision {former} still serves"),
        None => "no revision serves".to_owned(),
    };
    format!(
        "{target}: revision {} failed: {reason}; {serving}",
        view.status.revision
    )
}
