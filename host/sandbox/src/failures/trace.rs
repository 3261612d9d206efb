//! Where a scorer was when it failed.

use mlwasm_types::failure::Frame;
use rustc_demangle::demangle;
use wasmtime::{FrameInfo, WasmBacktrace};

use crate::{guard::Halt, log::escaped};

/// Calls of one backtrace: the engine collects no more.
pub(crate) const MAX_FRAMES: usize = 50;
/// Longest name of a function. Generic ones grow without end, and their beginning tells them apart.
const MAX_NAME: usize = 256;

/// The calls that a guest was in, innermost first, with names as the component has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Vec<Call>);

#[derive(Clone, Debug)]
struct Call {
    module: Option<String>,
    function: Option<String>,
    index: u32,
    offset: Option<u64>,
}

impl Trace {
    /// Of a call that did not return. Empty if the guest's code was not running when it ended.
    pub(crate) fn of(halt: &Halt) -> Self {
        match halt {
            Halt::Error(error) => {
                let frames = error
                    .downcast_ref::<WasmBacktrace>()
                    .map_or(&[][..], WasmBacktrace::frames);
                Self(frames.iter().map(Call::from).collect())
            }
            Halt::Deadline | Halt::Panic(_) => Self::default(),
        }
    }

    /// The calls as they are shown: names readable, and harmless to a terminal.
    pub(super) fn frames(&self) -> Vec<Frame> {
        let shown = |call: &Call| Frame {
            module: call.module.as_deref().map(shown),
            function: call.function.as_deref().map(readable),
            index: call.index,
            offset: call.offset,
        };
        self.0.iter().take(MAX_FRAMES).map(shown).collect()
    }
}

impl From<&FrameInfo> for Call {
    fn from(frame: &FrameInfo) -> Self {
        Self {
            module: frame.module().name().map(str::to_owned),
            function: frame.func_name().map(str::to_owned),
            index: frame.func_index(),
            offset: frame.module_offset().map(|offset| offset as u64),
        }
    }
}

/// The name as its author wrote it, if it is Rust's; else as it is.
fn readable(name: &str) -> String {
    // Without the hash at its end, which is for linkers.
    shown(&format!("{:#}", demangle(name)))
}

fn shown(name: &str) -> String {
    escaped(name, MAX_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_and_harmless() {
        let long = "x".repeat(MAX_NAME + 1);
        let cut = "x".repeat(MAX_NAME) + "…";
        for (name, readable_name) in [
            (
                "_ZN4iris6scorer6Scorer5score17h0123456789abcdefE",
                "iris::scorer::Scorer::score",
            ),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("std::process::abort", "std::process::abort"),
            ("main", "main"),
            ("", ""),
            ("evil\u{1b}[31m", "evil\\u{1b}[31m"),
            (&long[1..], &long[1..]),
            (&long, &cut),
        ] {
            assert_eq!(readable(name), readable_name);
        }
    }

    #[test]
    fn a_trace_has_so_many_calls() {
        let call = Call {
            module: None,
            function: None,
            index: 7,
            offset: None,
        };
        for (calls, shown) in [
            (MAX_FRAMES - 1, MAX_FRAMES - 1),
            (MAX_FRAMES, MAX_FRAMES),
            (MAX_FRAMES + 1, MAX_FRAMES),
        ] {
            assert_eq!(Trace(vec![call.clone(); calls]).frames().len(), shown);
        }
    }

    #[test]
    fn a_call_that_ended_outside_of_the_guest_has_no_trace() {
        assert!(Trace::of(&Halt::Deadline).frames().is_empty());
        assert!(Trace::of(&Halt::Panic("x".to_owned())).frames().is_empty());
    }
}
