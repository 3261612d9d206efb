//! The tasks that drop used sandboxes and make their successors, in the background.
//!
//! There are none while there is nothing to do, and never more than cores. They do not hold the pool: making a sandbox may
//! take as long as `init` may, and the pool may be dropped meanwhile.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use tokio::{
    task::{spawn_blocking, yield_now},
    time::sleep,
};

use super::SandboxPool;
use crate::{
    error::StartError,
    lock::lock,
    sandbox::{Recipe, Sandbox},
};

/// The pause after the first failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Giving back more memory than this takes milliseconds, which is too long for a thread that does I/O.
const LARGE: usize = 16 << 20;

impl SandboxPool {
    /// Starts so many makers, which the shelf has counted.
    pub(super) fn start_makers(self: &Arc<Self>, count: usize) {
        for _ in 0..count {
            let maker = Maker {
                pool: Arc::downgrade(self),
                is_counted: true,
            };
            let recipe = Arc::clone(&self.recipe);
            let open = self.open.clone();
            self.tasks.spawn(async move {
                // What ends at once, as most do, does not ask whether it is to end early.
                tokio::select! {
                    biased;
                    () = maker.work(&recipe) => {}
                    () = open.cancelled() => {}
                }
            });
        }
    }
}

/// How many sandboxes of a pool are made at once: `init` has a deadline, and more would only slow each other down.
pub(super) fn most() -> usize {
    // Two at least: one that pauses after a failure must not keep what is used up from being dropped.
    thread::available_parallelism()
        .map_or(1, usize::from)
        .max(2)
}

/// One of the tasks. Counted on the shelf until it ends, however it does.
struct Maker {
    pool: Weak<SandboxPool>,
    is_counted: bool,
}

impl Maker {
    async fn work(mut self, recipe: &Recipe) {
        let mut pause = FIRST_PAUSE;
        let mut is_begun = false;
        while let Some(job) = self.next_job() {
            if is_begun {
                // Whoever has got a sandbox may be waiting for this very thread.
                yield_now().await;
            }
            is_begun = true;
            if let Some(spent) = job.spent {
                bury(spent).await;
            }
            if let Some(attempt) = job.attempt {
                match Sandbox::start(recipe).await {
                    Ok(sandbox) => {
                        attempt.succeeded(sandbox);
                        pause = FIRST_PAUSE;
                    }
                    Err(error) => {
                        if attempt.failed(&error).is_some() {
                            self.rest(pause + jitter(pause)).await;
                            pause = (pause * 2).min(LONGEST_PAUSE);
                        }
                    }
                }
            }
        }
    }

    fn next_job(&mut self) -> Option<MakersJob> {
        let pool = self.pool.upgrade()?;
        let job = lock(&pool.shelf).next_job();
        self.is_counted = job.is_some();
        let job = job?;
        let attempt = job.make.then(|| Attempt {
            pool: Weak::clone(&self.pool),
            is_open: true,
        });
        Some(MakersJob {
            spent: job.spent,
            attempt,
        })
    }

    async fn rest(&self, pause: Duration) {
        sleep(pause).await;
        if let Some(pool) = self.pool.upgrade() {
            lock(&pool.shelf).resume();
            // The others have gone home.
            pool.call_makers();
        }
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        if self.is_counted
            && let Some(pool) = self.pool.upgrade()
        {
            lock(&pool.shelf).lose_maker();
        }
    }
}

struct MakersJob {
    spent: Option<Sandbox>,
    attempt: Option<Attempt>,
}

/// A sandbox that is being made, and counted so. Dropped, it is given up.
struct Attempt {
    pool: Weak<SandboxPool>,
    is_open: bool,
}

/// Proof that it falls to the holder to end the pause.
struct Pause;

impl Attempt {
    fn succeeded(mut self, sandbox: Sandbox) {
        self.is_open = false;
        if let Some(pool) = self.pool.upgrade() {
            lock(&pool.shelf).made();
            pool.give_back(sandbox);
        }
    }

    /// None if there is to be no pause, or it is someone else's already.
    fn failed(mut self, error: &StartError) -> Option<Pause> {
        self.is_open = false;
        let pool = self.pool.upgrade()?;
        if *error == StartError::NoRoom && lock(&pool.shelf).give_way() {
            return None;
        }
        pool.log().host(format!("no new sandbox: {error}"));
        let deployment = pool.deployment();
        tracing::warn!(%deployment, %error, "a sandbox could not be made");
        let (is_first, hopeless) = {
            let mut shelf = lock(&pool.shelf);
            let is_first = !shelf.is_pausing();
            (is_first, shelf.pause())
        };
        // Whoever waits is told by this.
        drop(hopeless);
        is_first.then_some(Pause)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.is_open
            && let Some(pool) = self.pool.upgrade()
        {
            let hopeless = lock(&pool.shelf).unmade();
            drop(hopeless);
        }
    }
}

/// Drops a sandbox where that holds up nobody.
pub(super) async fn bury(sandbox: Sandbox) {
    if sandbox.memory() > LARGE {
        // A panic in there has been reported by the thread, and the sandbox is gone in any case.
        spawn_blocking(move || drop(sandbox)).await.ok();
    } else {
        drop(sandbox);
    }
}

/// Up to half of `pause`, so that pools that failed together do not try together.
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
