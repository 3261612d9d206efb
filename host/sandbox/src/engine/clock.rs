//! The clock that interrupts guests.
//!
//! On a thread of its own: a timer of the async runtime would stand still exactly when guests keep its threads busy.

use std::{
    thread::{self, Builder},
    time::Duration,
};

use wasmtime::Engine;

use crate::error::EngineError;

/// Time between two ticks: how long a guest may keep a thread from other requests, and how late it is stopped at most.
const TICK: Duration = Duration::from_millis(2);

/// Starts the clock of `engine`. It ends with the engine, that is with the last sandbox.
pub(super) fn start(engine: &Engine) -> Result<(), EngineError> {
    let engine = engine.weak();
    let tick = move || {
        // Not held between ticks: the clock must not keep the engine alive.
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::park_timeout(TICK);
        }
    };
    Builder::new()
        .name("mlwasm-epoch".to_owned())
        .spawn(tick)
        .map(drop)
        .map_err(EngineError::Clock)
}
