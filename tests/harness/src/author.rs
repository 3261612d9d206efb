//! Who writes scorers, in any language.

use std::{path::Path, process::Command};

use crate::{
    artifacts::languages,
    cli::Output,
    commands::Commands,
    failure::{OrFail as _, fail},
};

/// A user with the tools of all languages.
pub struct Author {
    commands: Commands,
    variables: Vec<(&'static str, String)>,
}

impl Author {
    /// In a home of their own, with no project yet.
    pub fn new() -> Self {
        Self {
            commands: Commands::new(),
            variables: languages(),
        }
    }

    /// What a user without these tools has, too.
    pub fn commands(&self) -> &Commands {
        &self.commands
    }

    /// Runs `mlwasm` with these arguments, where the tools are found.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let variables: Vec<_> = self
            .variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.commands.run_with_env(&variables, arguments).await
    }

    /// Gets the packages that a project's package.json names, if it has one, as its README says.
    pub fn install(&self, project: &Path) {
        if !project.join("package.json").is_file() {
            return;
        }
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(project)
        .envs(self.variables.iter().map(|(name, value)| (name, value)));
        let installed = npm.output().or_fail("starting npm");
        if !installed.status.success() {
            fail(format!("{installed:#?}"));
        }
    }
}

impl Default for Author {
    fn default() -> Self {
        Self::new()
    }
}
