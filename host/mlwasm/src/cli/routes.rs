//! `--route` and `--no-routes`.

use clap::Args;
use mlwasm_types::Route;

/// The options that say which requests go to a deployment before the shares are looked at.
#[derive(Args, Clone, Debug)]
pub(crate) struct RouteArguments {
    /// Send requests with this header to that deployment, whatever its share; cookie:NAME=VALUE looks at a cookie. May be
    /// repeated: the first that fits decides. All of them together replace those that were there
    #[arg(long = "route", value_name = "HEADER=VALUE->DEPLOYMENT")]
    routes: Vec<Route>,
    /// Remove all routes
    #[arg(long, conflicts_with = "routes")]
    no_routes: bool,
}

impl RouteArguments {
    /// The routes that are asked for, all of them; none if the command does not speak of routes.
    pub(crate) fn wanted(&self) -> Option<&[Route]> {
        (self.no_routes || !self.routes.is_empty()).then_some(&self.routes)
    }
}
