//! `mlwasm build`

use clap::Args;

use super::project::{self, ProjectArguments};

/// Build the component of a project, by its language's own tool
///
/// What `scorer.toml` says is made of it. If a tool is missing, the command says which one and how to install it.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:\n  mlwasm build\n  mlwasm build path/to/project --strip")]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: ProjectArguments,
    /// Leave the lines of the source out, as `debug = false` in scorer.toml: a smaller file, backtraces without lines
    #[arg(long)]
    strip: bool,
}

/// Runs the command.
///
/// # Errors
///
/// Which tool is missing or has failed.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut project = arguments.project.open()?;
    if arguments.strip {
        project.manifest.build.debug = false;
    }
    project::build(&project).map(drop)
}
