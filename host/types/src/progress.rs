//! How far the preparation of a revision has come.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is being done to make a revision ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Other revisions are being compiled or loaded.
    Queued,
    /// Its component becomes machine code.
    Compiling,
    /// Its models are loaded.
    LoadingModels,
    /// Its sandboxes are made, and run `init`.
    Warming,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Queued => "waiting for other revisions",
            Self::Compiling => "compiling",
            Self::LoadingModels => "loading models",
            Self::Warming => "initialising sandboxes",
        })
    }
}

/// The step that a preparation is at. Compilers do not say how much is left, so the size of what is compiled and the time
/// since then are all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// When that began.
    pub since: Timestamp,
    /// The size of the component, while it is compiled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component_bytes: Option<u64>,
}

impl Progress {
    /// A step that begins now.
    pub fn begun(step: Step) -> Self {
        Self {
            step,
            since: Timestamp::now(),
            component_bytes: None,
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.component_bytes {
            Some(bytes) => write!(f, "{} {} KiB", self.step, bytes.div_ceil(1 << 10)),
            None => fmt::Display::fmt(&self.step, f),
        }
    }
}
