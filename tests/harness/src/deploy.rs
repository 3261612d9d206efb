//! `mlwasm deploy`, put together piece by piece.

use std::{fmt::Display, path::Path};

use mlwasm_types::api::DeploymentView;

use crate::{Output, Platform};

/// A deployment that is being put together.
#[derive(Debug)]
#[must_use = "a deployment is made by `run`"]
pub struct Deploy<'a> {
    platform: &'a Platform,
    endpoint: String,
    name: String,
    arguments: Vec<String>,
}

impl<'a> Deploy<'a> {
    pub(crate) fn new(platform: &'a Platform, artifact: &Path) -> Self {
        let arguments = vec!["deploy".to_owned(), artifact.display().to_string()];
        Self {
            platform,
            endpoint: String::new(),
            name: String::new(),
            arguments,
        }
    }

    /// Names the endpoint and the deployment.
    pub fn to(mut self, endpoint: &str, name: &str) -> Self {
        endpoint.clone_into(&mut self.endpoint);
        name.clone_into(&mut self.name);
        self.arguments(&["--endpoint", endpoint, "--name", name])
    }

    /// Adds a model.
    pub fn model(self, name: &str, path: &Path) -> Self {
        self.arguments(&["--model", &format!("{name}={}", path.display())])
    }

    /// Adds a file beside the models.
    pub fn model_file(self, name: &str, path: &Path) -> Self {
        self.arguments(&["--model-file", &format!("{name}={}", path.display())])
    }

    /// Adds a variable to the scorer's environment.
    pub fn env(self, name: &str, value: &str) -> Self {
        self.arguments(&["--env", &format!("{name}={value}")])
    }

    /// Sets the number of sandboxes.
    pub fn instances(self, count: u32) -> Self {
        self.arguments(&["--instances", &count.to_string()])
    }

    /// Sets any setting by its path, as in `request_settings.request_timeout_ms`.
    pub fn set(self, setting: &str, value: impl Display) -> Self {
        self.arguments(&["--set", &format!("{setting}={value}")])
    }

    /// Adds further arguments.
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        self.arguments.extend(arguments);
        self
    }

    /// Runs the command and returns what it printed, whatever the outcome.
    pub async fn attempt(&self) -> Output {
        self.platform.cli(&self.arguments).await
    }

    /// Runs the command, fails the test unless it succeeds, and returns the deployment as the server now shows it.
    pub async fn run(self) -> DeploymentView {
        self.attempt().await.succeeded();
        self.platform.deployment(&self.endpoint, &self.name).await
    }
}
