//! Where a scorer was when it failed.

use std::{iter, sync::Arc};

use mlwasm_types::failure::Frame;
use rustc_demangle::demangle;
use wasmtime::{FrameInfo, WasmBacktrace};

use crate::{
    guard::Halt,
    log::escaped,
    places::{Place, Places},
};

/// Calls of one backtrace: the engine collects no more.
pub(crate) const MAX_FRAMES: usize = 50;
/// Longest name of a function. Generic ones grow without end, and their beginning tells them apart.
const MAX_NAME: usize = 256;
/// Calls of the author's own that a line of the log names.
const TOLD: usize = 5;

/// The calls that a guest was in, innermost first, with names as the component has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    calls: Vec<Call>,
    places: Arc<Places>,
}

#[derive(Clone, Debug)]
struct Call {
    module: Option<String>,
    function: Option<String>,
    index: u32,
    offset: Option<u64>,
}

impl Trace {
    /// Of a call that did not return, into a scorer whose instructions stand at `places`. Empty if the guest's code was not running
    /// when it ended.
    pub(crate) fn of(halt: &Halt, places: &Arc<Places>) -> Self {
        match halt {
            Halt::Error(error) => {
                let frames = error
                    .downcast_ref::<WasmBacktrace>()
                    .map_or(&[][..], WasmBacktrace::frames);
                Self {
                    calls: frames.iter().map(Call::from).collect(),
                    places: Arc::clone(places),
                }
            }
            Halt::Deadline | Halt::Panic(_) => Self::default(),
        }
    }

    /// The calls as they are shown: names readable, and harmless to a terminal.
    pub(super) fn frames(&self) -> Vec<Frame> {
        let frames = self.calls.iter().flat_map(|call| call.frames(&self.places));
        frames.take(MAX_FRAMES).collect()
    }

    /// The innermost line of the author's own, as `score.c:12`; none if the component does not tell.
    pub(crate) fn author_place(&self) -> Option<String> {
        let places = self.places_of_author().next();
        places.map(|(_, place)| shown(&place.to_string()))
    }

    /// The innermost calls of the author's own, as `parse (score.c:12), run (score.c:31)`; none if the component does not tell.
    pub(crate) fn author_calls(&self) -> Option<String> {
        let told = self.places_of_author().take(TOLD);
        let told = told.map(|(function, place)| match function {
            Some(function) => format!("{} ({})", readable(function), shown(&place.to_string())),
            None => shown(&place.to_string()),
        });
        Some(told.collect::<Vec<_>>().join(", ")).filter(|told| !told.is_empty())
    }

    fn places_of_author(&self) -> impl Iterator<Item = (Option<&str>, Place<'_>)> {
        let places = self.calls.iter().flat_map(|call| call.places(&self.places));
        places.filter(|(_, place)| place.is_authors())
    }
}

impl Call {
    /// Where it was, with the names of functions: its own, after those that the compiler put in place within it.
    fn places<'a>(
        &'a self,
        places: &'a Places,
    ) -> impl Iterator<Item = (Option<&'a str>, Place<'a>)> {
        let places = self
            .offset
            .map_or_else(Vec::new, |offset| places.at(offset));
        let outermost = places.len().saturating_sub(1);
        // The name within the component is whole, that of debug information often without its modules.
        let name = move |number, place: &Place<'a>| match &self.function {
            Some(own) if number == outermost => Some(own.as_str()),
            Some(_) | None => place.function,
        };
        let named = places.into_iter().enumerate();
        named.map(move |(number, place)| (name(number, &place), place))
    }

    fn frames(&self, places: &Places) -> Vec<Frame> {
        let frame = |function: Option<&str>| Frame {
            module: self.module.as_deref().map(shown),
            function: function.map(readable),
            index: self.index,
            offset: self.offset,
            file: None,
            line: None,
            column: None,
            is_inlined: false,
        };
        let mut frames: Vec<Frame> = self
            .places(places)
            .map(|(function, place)| Frame {
                file: Some(shown(place.file)),
                line: Some(place.line),
                column: place.column,
                is_inlined: true,
                ..frame(function)
            })
            .collect();
        match frames.last_mut() {
            Some(own) => own.is_inlined = false,
            None => frames.extend(iter::once(frame(self.function.as_deref()))),
        }
        frames
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
            let trace = Trace {
                calls: vec![call.clone(); calls],
                places: Arc::default(),
            };
            assert_eq!(trace.frames().len(), shown);
            assert_eq!((trace.author_place(), trace.author_calls()), (None, None));
        }
    }

    #[test]
    fn a_call_that_ended_outside_of_the_guest_has_no_trace() {
        let places = Arc::default();
        let panicked = Halt::Panic("x".to_owned());
        assert!(Trace::of(&Halt::Deadline, &places).frames().is_empty());
        assert!(Trace::of(&panicked, &places).frames().is_empty());
    }
}
