//! What a deployment's change does to its neighbours.

use clap::Args;

/// The option that lets a change reach beyond its deployment.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Placement {
    /// With role=control: the endpoint's present control becomes a treatment
    #[arg(long)]
    move_control: bool,
}

impl Placement {
    /// Where a change with this option goes, of the deployment at `path`.
    pub(crate) fn address(self, path: String) -> String {
        if self.move_control {
            path + "?move_control=true"
        } else {
            path
        }
    }
}
