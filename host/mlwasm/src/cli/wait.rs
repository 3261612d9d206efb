//! Waiting until a deployment's wanted revision serves, or can not.

use std::time::Duration;

use anyhow::bail;
use mlwasm_types::{ProvisioningState, api::DeploymentView};
use serde_json::Value;

use super::{
    output,
    progress::Progress,
    views::{self, Target},
};
use crate::client::Client;

/// One long poll: also how often steps are looked at, so that a step that is told has taken about as long.
const POLL: Duration = Duration::from_secs(1);

/// Waits until the revision that `accepted` names serves, and returns the deployment as it is then. Tells meanwhile what
/// the server is doing.
///
/// # Errors
///
/// Why the revision can not serve, and which one serves instead.
pub(crate) fn until_served(
    client: &Client,
    target: &Target,
    accepted: Value,
) -> anyhow::Result<Value> {
    let mut answer = accepted;
    let mut steps = None;
    loop {
        let view: DeploymentView = views::read(&answer)?;
        match view.status.provisioning_state {
            ProvisioningState::Succeeded => return Ok(answer),
            ProvisioningState::Failed => {
                drop(steps);
                bail!("{}", failure(target, &view));
            }
            ProvisioningState::Creating | ProvisioningState::Updating => {}
        }
        steps
            .get_or_insert_with(|| {
                Steps::new(format!("{target}: revision {}", view.status.revision))
            })
            .show(view.status.progress.map(|progress| progress.to_string()));
        answer = client.get_within(
            &format!("{}?wait_ms={}", target.path(), POLL.as_millis()),
            POLL,
        )?;
    }
}

/// Tells the steps of a preparation: by a moving line where a person watches, else by a line for each one that was seen
/// at two polls, so that what takes a moment only is not told.
struct Steps {
    of: String,
    line: Progress,
    seen: Option<String>,
    told: Option<String>,
}

impl Steps {
    fn new(of: String) -> Self {
        Self {
            line: Progress::step(of.clone()),
            of,
            seen: None,
            told: None,
        }
    }

    fn show(&mut self, step: Option<String>) {
        if let Some(line) = self.news(step).filter(|_| !output::is_watched()) {
            output::note(&line);
        }
    }

    /// Takes in what the server is doing now; returns what there is to tell in a line of its own.
    fn news(&mut self, step: Option<String>) -> Option<String> {
        if step != self.seen {
            if let Some(step) = &step {
                self.line.next(format!("{}: {step}", self.of));
            }
            self.seen = step;
            return None;
        }
        if step.is_none() || step == self.told {
            return None;
        }
        self.told.clone_from(&step);
        step.map(|step| format!("{}: {step}", self.of))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_once_when_it_is_seen_again() {
        let mut steps = Steps::new("e/blue: revision 3".to_owned());
        let polls = [
            (None, None),
            (Some("waiting"), None),
            (Some("compiling"), None),
            (Some("compiling"), Some("e/blue: revision 3: compiling")),
            (Some("compiling"), None),
            (Some("loading models"), None),
            (Some("warming"), None),
            (Some("warming"), Some("e/blue: revision 3: warming")),
            (None, None),
            (None, None),
        ];
        for (step, line) in polls {
            assert_eq!(
                steps.news(step.map(str::to_owned)).as_deref(),
                line,
                "{step:?}"
            );
        }
    }
}
