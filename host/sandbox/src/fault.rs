//! Why a call into a guest has no result: read off the error, the store, and what the host noted during the call.

use wasmtime::{Error, Store, Trap, component::ResourceTableError};
use wasmtime_wasi::I32Exit;

use crate::{
    guard::Halt,
    host_state::{HostState, Stop},
    limits::{Denied, Limit},
    log::shortened,
    request,
};

/// Why a call into the guest has no result.
#[derive(Debug)]
pub(crate) enum Fault {
    Deadline,
    Limit { limit: Limit, message: String },
    Trap { message: String },
    Host { message: String },
}

/// What `halt` means, given how the call left the store.
pub(crate) fn fault(store: &Store<HostState>, halt: Halt) -> Fault {
    let error = match halt {
        Halt::Deadline => return Fault::Deadline,
        Halt::Panic(message) => return Fault::Host { message },
        Halt::Error(error) => error,
    };
    let stopped = match store.data().stop() {
        Some(Stop::Deadline) => return Fault::Deadline,
        Some(Stop::InferCalls) => {
            let most = store.data().settings.max_infer_calls;
            let message = format!("one request may ask for {most} native runs");
            Some((Limit::InferCalls, message))
        }
        Some(Stop::EgressCalls) => {
            let most = store.data().settings.max_egress_calls;
            let message = format!("one request may make {most} calls to others");
            Some((Limit::EgressCalls, message))
        }
        Some(Stop::EgressBytes) => Some(carried(store.data())),
        None => None,
    };
    // Most guests trap when an allocation fails: then the limit is what their author wants to hear of. A limit that the
    // error itself speaks of comes before a growth that was refused earlier in the call.
    let limit = stopped
        .or_else(|| reached(store, &error))
        .or_else(|| denied(store.data()));
    match limit {
        Some((limit, message)) => Fault::Limit { limit, message },
        None => Fault::Trap {
            message: trap_message(&error),
        },
    }
}

/// The limit that `error` is about.
fn reached(store: &Store<HostState>, error: &Error) -> Option<(Limit, String)> {
    if let Some(Trap::StackOverflow) = error.downcast_ref() {
        let stack = store.engine().get_max_wasm_stack() >> 10;
        let message = format!("its calls are nested too deep for a stack of {stack} KiB");
        return Some((Limit::Stack, message));
    }
    // wasmtime keeps the types of two of these errors to itself.
    let cause = error.root_cause();
    let text = cause.to_string();
    let is_full = matches!(cause.downcast_ref(), Some(ResourceTableError::Full));
    if is_full || text.contains("store handle limit exceeded") {
        let most = store.data().settings.max_handles;
        let message =
            format!("it holds {most} handles, which is all it may, and asked for another");
        return Some((Limit::Handles, message));
    }
    text.contains("fuel allocated for hostcalls")
        .then(|| transferred(store))
}

/// The limit of what the guest hands over at once. Which one it was follows from the number that was in force.
fn transferred(store: &Store<HostState>) -> (Limit, String) {
    let settings = &store.data().settings;
    if (store.hostcall_fuel() as u64) < settings.max_hostcall_bytes {
        let message = request::too_large(settings.max_response_bytes);
        return (Limit::ResponseBytes, message);
    }
    let most = settings.max_hostcall_bytes;
    let message = format!("it handed the host more than {most} bytes at once");
    (Limit::HostcallBytes, message)
}

/// The limit that calls to others have exceeded behind the guest's back: it is told of an error, and may return as if nothing
/// had happened.
pub(crate) fn exceeded(state: &HostState) -> Option<(Limit, String)> {
    (state.stop() == Some(Stop::EgressBytes)).then(|| carried(state))
}

fn carried(state: &HostState) -> (Limit, String) {
    let most = state.settings.max_egress_bytes;
    let message = format!("the bodies of its calls to others have more than {most} bytes");
    (Limit::EgressBytes, message)
}

/// The limit that a growth of memory or a table would have exceeded.
fn denied(state: &HostState) -> Option<(Limit, String)> {
    let denied = state.limiter.denied()?;
    Some(match denied {
        Denied::Memory { wanted } => {
            let (most, wanted) = (state.settings.memory_limit_bytes() >> 10, wanted >> 10);
            let message = format!("it may have {most} KiB of memory and was refused {wanted} KiB");
            (Limit::Memory, message)
        }
        Denied::Table { wanted } => {
            let most = state.settings.max_table_elements;
            let message =
                format!("its tables may have {most} elements each and one was refused {wanted}");
            (Limit::TableElements, message)
        }
    })
}

fn trap_message(error: &Error) -> String {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return trap.to_string();
    }
    if let Some(I32Exit(status)) = error.downcast_ref::<I32Exit>() {
        return format!("the scorer exited with status {status}");
    }
    shortened(error.root_cause().to_string())
}
