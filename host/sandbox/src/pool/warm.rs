//! The first sandboxes of a pool.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::sync::mpsc;

use crate::{
    error::StartError,
    sandbox::{Recipe, Sandbox},
    tasks::TaskGroup,
};

/// `count` sandboxes, of which `first` is one, as many at once as there are cores: `init` has a deadline, and more would
/// only slow each other down.
pub(super) async fn sandboxes(
    recipe: &Arc<Recipe>,
    first: Sandbox,
    count: NonZeroU32,
    tasks: &TaskGroup,
) -> Result<Vec<Sandbox>, StartError> {
    let mut ready = vec![first];
    let missing = count.get() as usize - 1;
    if missing == 0 {
        return Ok(ready);
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (made, mut results) = mpsc::channel(cores);
    let left = Arc::new(AtomicUsize::new(missing));
    for _ in 0..missing.min(cores) {
        tasks.spawn(make(Arc::clone(recipe), Arc::clone(&left), made.clone()));
    }
    drop(made);
    while let Some(result) = results.recv().await {
        ready.push(result?);
    }
    if ready.len() == count.get() as usize {
        Ok(ready)
    } else {
        Err(StartError::Host {
            message: "a sandbox was given up while it was made".to_owned(),
        })
    }
}

/// Makes sandboxes until none is left to make, or nobody wants them any more.
async fn make(
    recipe: Arc<Recipe>,
    left: Arc<AtomicUsize>,
    made: mpsc::Sender<Result<Sandbox, StartError>>,
) {
    let take = || {
        let less = |left: usize| left.checked_sub(1);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    };
    while take() {
        let result = tokio::select! {
            () = made.closed() => return,
            result = Sandbox::start(&recipe) => result,
        };
        if made.send(result).await.is_err() {
            return;
        }
    }
}
