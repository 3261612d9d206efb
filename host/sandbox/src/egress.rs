//! Calls of scorers to others: to the origins that their deployment names, over connections that no other deployment uses.
//!
//! Each pool has a client of its own. What one deployment knows never reaches another by a connection that both use, TLS
//! sessions included, and a pool that ends takes its connections along; the price is that two deployments which call the same
//! origin connect twice. Read `call` first, then `calls`, which ends what a request has begun.

mod call;
mod calls;
mod client;
mod departing;
mod failure;
mod lookup;
mod meter;

use std::{fmt, sync::Arc};

use mlwasm_types::Origin;

pub(crate) use call::{Asked, Limits, call};
pub(crate) use calls::Calls;
use client::Client;
pub use client::{Authorities, InvalidAuthority};
pub(crate) use failure::of_stream;
pub use meter::{EgressMeter, EgressOutcome};

use crate::tasks::TaskGroup;

/// Whom the scorers of a deployment may call.
#[derive(Clone, Debug)]
pub struct Egress {
    /// The origins, and no others.
    pub origins: Vec<Origin>,
    /// Who vouches for those that are spoken to by TLS.
    pub authorities: Authorities,
    /// Where calls are counted.
    pub meter: Arc<EgressMeter>,
}

/// An [`Egress`] with the connections of one pool.
pub(crate) struct GrantedEgress {
    origins: Vec<Origin>,
    client: Client,
    meter: Arc<EgressMeter>,
}

impl GrantedEgress {
    /// No connection is made before the first call. Connections end with `tasks`.
    pub(crate) fn new(egress: Egress, tasks: &TaskGroup) -> Self {
        Self {
            origins: egress.origins,
            client: egress.authorities.client(tasks),
            meter: egress.meter,
        }
    }

    /// Whether `origin` may be called.
    pub(crate) fn allows(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }

    /// Counts a call that was refused before anything was looked up.
    pub(crate) fn denied(&self) {
        self.meter.count(EgressOutcome::Denied);
    }
}

impl fmt::Debug for GrantedEgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrantedEgress")
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}
