//! `mlwasm new`

use std::path::PathBuf;

use clap::Args;

use super::output;
use crate::project::{
    Language, World,
    create::{self, shown},
};

/// Make a project for a scorer, which builds and passes its tests as it is
///
/// The folder gets the scorer, the file that it is deployed with, golden requests, and a copy of the SDK. Its name is
/// that of the endpoint too.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  mlwasm new flowers --lang rust && cd flowers && mlwasm build && mlwasm test"
)]
pub(crate) struct Arguments {
    /// The folder to make
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// The language of the scorer
    #[arg(long, visible_alias = "language", value_enum, value_name = "LANGUAGE")]
    lang: Language,
    /// Make a typed scorer: tensors in, tensors out, which clients can ask over the Open Inference Protocol
    #[arg(long)]
    typed: bool,
}

/// Runs the command.
///
/// # Errors
///
/// If the folder is taken, its name is none for an endpoint, or it can not be written.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let world = if arguments.typed {
        World::TensorScoring
    } else {
        World::Scoring
    };
    let project = create::create(&arguments.folder, arguments.lang, world)?;
    let folder = shown(&project.folder);
    output::note(&format!(
        "made {folder}, a {}scorer in {}. Go on with\n  cd {folder}\n  mlwasm build    # {}\n  mlwasm test     # asks it what golden/ asks\n  \
         mlwasm dev      # serves it and follows your changes",
        if arguments.typed { "typed " } else { "" },
        arguments.lang.name(),
        project.manifest.output.display(),
    ));
    Ok(())
}
