//! The successor of a sandbox that was discarded.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    ops::ControlFlow,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::sleep};
use tokio_util::sync::CancellationToken;

use super::SandboxPool;
use crate::{error::StartError, lock::lock, sandbox::Sandbox};

/// The pause after the first failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Giving back more memory than this takes milliseconds, which is too long for a thread that does I/O.
const LARGE: usize = 16 << 20;

/// Makes a successor of `discarded` for `pool`, however often it takes, until `open` ends.
///
/// The pool is not held meanwhile: making a sandbox may take as long as `init` may, and the pool may be dropped.
pub(super) async fn replace(pool: Weak<SandboxPool>, open: CancellationToken, discarded: Sandbox) {
    let work = async {
        // First, since the successor may need the room.
        bury(discarded).await;
        let mut pause = FIRST_PAUSE;
        let mut attempt = Attempt::First;
        while try_once(&pool, attempt).await.is_continue() {
            sleep(pause + jitter(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            attempt = Attempt::Again;
        }
    };
    let Some(tasks) = pool.upgrade().map(|pool| pool.tasks.clone()) else {
        return;
    };
    tokio::select! {
        () = open.cancelled() => {}
        () = tasks.cancelled() => {}
        () = work => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    First,
    Again,
}

async fn try_once(pool: &Weak<SandboxPool>, attempt: Attempt) -> ControlFlow<()> {
    let Some(recipe) = pool.upgrade().map(|pool| Arc::clone(&pool.recipe)) else {
        return ControlFlow::Break(());
    };
    let made = Sandbox::start(&recipe).await;
    let Some(pool) = pool.upgrade() else {
        return ControlFlow::Break(());
    };
    match made {
        Ok(sandbox) => {
            pool.add(sandbox, attempt);
            ControlFlow::Break(())
        }
        Err(error) => {
            pool.lost_hope(&error, attempt);
            ControlFlow::Continue(())
        }
    }
}

impl SandboxPool {
    fn add(self: &Arc<Self>, sandbox: Sandbox, attempt: Attempt) {
        {
            let mut shelf = lock(&self.shelf);
            match attempt {
                Attempt::First => shelf.hopeful -= 1,
                Attempt::Again => shelf.failing -= 1,
            }
            shelf.busy += 1;
        }
        self.give_back(sandbox);
    }

    fn lost_hope(&self, error: &StartError, attempt: Attempt) {
        self.recipe
            .log
            .host(format!("no new sandbox: {error}; trying again"));
        tracing::warn!(deployment = %self.deployment, %error, "a sandbox could not be replaced");
        let mut shelf = lock(&self.shelf);
        if attempt == Attempt::First {
            shelf.hopeful -= 1;
            shelf.failing += 1;
        }
        let hopeless = if shelf.is_dead() {
            std::mem::take(&mut shelf.waiting)
        } else {
            Default::default()
        };
        drop(shelf);
        // Whoever waits is told by this.
        drop(hopeless);
    }
}

/// Drops a sandbox where that holds up nobody.
async fn bury(sandbox: Sandbox) {
    if sandbox.memory() > LARGE {
        // A panic in there has been reported by the thread, and the sandbox is gone in any case.
        spawn_blocking(move || drop(sandbox)).await.ok();
    } else {
        drop(sandbox);
    }
}

/// Up to half of `pause`, so that sandboxes that failed together do not try together.
fn jitter(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1_000;
    pause * u32::try_from(random).unwrap_or(0) / 2_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_at_most_half_of_a_pause() {
        for _ in 0..100 {
            assert!(jitter(LONGEST_PAUSE) <= LONGEST_PAUSE / 2);
        }
    }
}
