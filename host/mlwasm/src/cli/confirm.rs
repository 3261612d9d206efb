//! Asking before something is deleted.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args;

use super::{output, usage::usage};

/// The option that answers the question in advance.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Confirmation {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Confirmation {
    /// Returns when the user agrees to do `what`, as in "delete endpoint iris".
    ///
    /// # Errors
    ///
    /// A usage error if nobody can be asked; a failure if the user says no.
    pub(crate) fn obtain(self, what: &str) -> anyhow::Result<()> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() || !output::is_watched() {
            return Err(usage(format!("to {what} without being asked, add --yes")));
        }
        let mut answer = String::new();
        write!(io::stderr().lock(), "{what}? [y/N] ")?;
        io::stdin().lock().read_line(&mut answer)?;
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => anyhow::bail!("nothing was done"),
        }
    }
}
