//! Why a call into a guest has no result: read off the error, the store, and what the host noted during the call.

use wasmtime::{Error, Store, Trap, component::ResourceTableError};
use wasmtime_wasi::I32Exit;

use crate::{
    failures::Trace,
    guard::Halt,
    host_state::{HostState, Stop},
    limits::{Denied, Limit},
    log::{escaped, shortened},
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

/// Bytes of a trap's message: whoever called reads it.
const MOST: usize = 512;

impl Fault {
    /// The same, a trap told so that its author finds the line: by the last words of the scorer, and by where it was.
    pub(crate) fn told(self, words: Option<String>, trace: &Trace) -> Self {
        match self {
            Self::Trap { message } => Self::Trap {
                message: escaped(&told(message, words, trace.author_place()), MOST),
            },
            Self::Deadline | Self::Limit { .. } | Self::Host { .. } => self,
        }
    }
}

fn told(trap: String, words: Option<String>, place: Option<String>) -> String {
    let mut text = match words {
        // The instruction by which languages end: it says no more than that there was a reason.
        Some(words) if trap == Trap::UnreachableCodeReached.to_string() => words,
        Some(words) => format!("{trap}: {words}"),
        None => trap,
    };
    // Many messages name the line themselves, some with the function between the two.
    let file = place.as_deref().and_then(|place| place.split(':').next());
    if let (Some(place), Some(file)) = (&place, file)
        && !text.contains(file)
    {
        text.push_str(" at ");
        text.push_str(place);
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_is_told_by_its_last_words_and_its_line() {
        let unreachable = Trap::UnreachableCodeReached.to_string();
        let divided = Trap::IntegerDivisionByZero.to_string();
        let exited = "the scorer exited with status 2";
        for (trap, words, place, expected) in [
            (
                unreachable.as_str(),
                Some("panicked at src/lib.rs:3:9: no"),
                Some("src/lib.rs:3"),
                "panicked at src/lib.rs:3:9: no".to_owned(),
            ),
            (
                &unreachable,
                Some("Assertion failed: x (score.c: run: 12)"),
                Some("score.c:12"),
                "Assertion failed: x (score.c: run: 12)".to_owned(),
            ),
            (
                &unreachable,
                Some("terminating due to uncaught exception"),
                Some("score.cpp:4"),
                "terminating due to uncaught exception at score.cpp:4".to_owned(),
            ),
            (&unreachable, None, None, unreachable.clone()),
            (
                &unreachable,
                None,
                Some("score.c:9"),
                format!("{unreachable} at score.c:9"),
            ),
            (
                &divided,
                None,
                Some("score.c:9"),
                format!("{divided} at score.c:9"),
            ),
            (
                exited,
                Some("fatal error: deadlock"),
                None,
                "the scorer exited with status 2: fatal error: deadlock".to_owned(),
            ),
        ] {
            let told = told(
                trap.to_owned(),
                words.map(str::to_owned),
                place.map(str::to_owned),
            );
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn what_a_client_reads_of_a_trap_has_a_limit() {
        for (length, is_cut) in [(MOST - 1, false), (MOST, false), (MOST + 1, true)] {
            let message = "x".repeat(length);
            let told = Fault::Trap { message }.told(None, &Trace::default());
            assert!(
                matches!(&told, Fault::Trap { message } if message.ends_with('…') == is_cut),
                "{length}"
            );
        }
    }
}
