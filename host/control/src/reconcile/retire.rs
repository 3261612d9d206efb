//! What was live, kept until no request uses it.
//!
//! The last holder of a pool frees its sandboxes, which takes a while. That holder must not be a request: so everything
//! that a request may still hold stays here until nobody else does, and is dropped on a thread that may block.

use std::{sync::Arc, time::Duration};

use mlwasm_routing::{Revision, RoutingTable};
use mlwasm_sandbox::TaskGroup;
use tokio::{task, time::sleep};

/// How often what was retired is looked at. Requests end when they end; memory is not that short.
const LOOK: Duration = Duration::from_millis(250);

/// Retired tables and revisions.
pub(super) struct Retired {
    tasks: TaskGroup,
    tables: Vec<Arc<RoutingTable>>,
    revisions: Vec<Revision>,
}

impl Retired {
    pub(super) fn new(tasks: TaskGroup) -> Self {
        Self {
            tasks,
            tables: Vec::new(),
            revisions: Vec::new(),
        }
    }

    pub(super) fn push_table(&mut self, table: Arc<RoutingTable>) {
        self.tables.push(table);
    }

    pub(super) fn extend(&mut self, revision: Option<Revision>) {
        self.revisions.extend(revision);
    }

    /// Ends when it is time to look; never if there is nothing to look at.
    ///
    /// # Cancel safety
    ///
    /// Safe: it owns nothing.
    pub(super) async fn due(&self) {
        if self.tables.is_empty() && self.revisions.is_empty() {
            std::future::pending::<()>().await;
        }
        sleep(LOOK).await;
    }

    /// Drops what nobody else holds.
    pub(super) fn sweep(&mut self) {
        // A count of one is final: nobody can get at it any more but from here.
        let tables: Vec<_> = self
            .tables
            .extract_if(.., |table| Arc::strong_count(table) == 1)
            .collect();
        let revisions: Vec<_> = self
            .revisions
            .extract_if(.., |revision| Arc::strong_count(&revision.pool) == 1)
            .collect();
        if tables.is_empty() && revisions.is_empty() {
            return;
        }
        self.tasks.spawn(async move {
            task::spawn_blocking(move || drop((tables, revisions)))
                .await
                .ok();
        });
    }
}
