//! The last words of a scorer: what the runtime of its language prints before it ends the program.
//!
//! Languages print them to standard error and then end by the same instruction, so that a trap by itself tells nothing. They go to
//! whoever called, too: hence only what is known to be such a message is taken, from its beginning to its end, and nothing of what
//! the author printed before.

use super::clean::escaped;
use crate::places::shortened_path;

/// Bytes of words. A client reads them: the rest is in the log.
const MOST: usize = 400;

/// How the words of a runtime begin, and what stands before them that nobody needs.
const BEGINNINGS: [(&str, Before); 11] = [
    // Rust: `thread 'main' panicked at src/lib.rs:3:9:`, the message in the lines below.
    ("panicked at ", Before::Anything),
    ("memory allocation of ", Before::Nothing),
    // Go.
    ("panic: ", Before::Nothing),
    ("fatal error: ", Before::Nothing),
    // WASI's C library: `Assertion failed: x > 0 (score.c: run: 12)`.
    ("Assertion failed: ", Before::Nothing),
    // libc++ of C++: what is thrown without exceptions, and with them what nobody catches.
    ("was thrown in -fno-exceptions mode", Before::Kept),
    ("terminating due to ", Before::Anything),
    ("terminate called ", Before::Anything),
    ("Pure virtual function called", Before::Anything),
    // Python, and QuickJS of JavaScript, where their libraries could not answer themselves.
    ("Fatal Python error: ", Before::Nothing),
    ("Uncaught ", Before::Nothing),
];

/// What may stand before a beginning in its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The line begins so.
    Nothing,
    /// Whatever nobody needs.
    Anything,
    /// A part of the message.
    Kept,
}

/// How lines begin that are no part of the message any more: notes and stacks.
const ENDS: [&str; 6] = [
    "note: ",
    "stack backtrace:",
    "goroutine ",
    "[signal ",
    "runtime stack:",
    "Python runtime state",
];

/// The words of one call.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: String,
    /// Whether the next line may belong to them.
    is_open: bool,
}

impl Words {
    /// Takes in a line of standard error.
    pub(super) fn hear(&mut self, line: &str) {
        if let Some(beginning) = beginning(line) {
            // Whoever speaks again has more to say: a panic that was caught is followed by the one that was not.
            self.text.clear();
            self.text.push_str(&beginning);
            self.is_open = true;
        } else if ENDS.iter().any(|end| line.starts_with(end)) {
            self.is_open = false;
        } else if self.is_open && self.text.len() < MOST && !line.trim().is_empty() {
            self.text.push(' ');
            self.text.push_str(line.trim());
        }
    }

    /// The words, harmless to a terminal; none if there were none. Begins anew.
    pub(super) fn take(&mut self) -> Option<String> {
        let Self { text, .. } = std::mem::take(self);
        (!text.is_empty()).then(|| escaped(&text, MOST))
    }
}

/// The message that begins in `line`.
fn beginning(line: &str) -> Option<String> {
    let found = BEGINNINGS.iter().find_map(|(words, before)| {
        let at = line.find(words)?;
        match before {
            Before::Nothing => (at == 0).then_some((words, line)),
            Before::Anything => Some((words, &line[at..])),
            Before::Kept => Some((words, line)),
        }
    });
    let (words, message) = found?;
    // Of a path, only what the author knows.
    let path = message
        .strip_prefix("panicked at ")
        .filter(|_| words.starts_with("panicked"));
    Some(match path.and_then(|rest| rest.split_once(':')) {
        Some((path, rest)) => format!("panicked at {}:{rest}", shortened_path(path, "")),
        None => message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(printed: &str) -> Option<String> {
        let mut words = Words::default();
        printed.lines().for_each(|line| words.hear(line));
        words.take()
    }

    #[test]
    fn each_languages_last_words_are_known() {
        for (printed, expected) in [
            (
                "a line of the author's\n\nthread '<unnamed>' panicked at src/lib.rs:12:9:\nindex out of bounds: the len is 3\n\
                 note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
                "panicked at src/lib.rs:12:9: index out of bounds: the len is 3",
            ),
            (
                "thread 'main' (1) panicked at src/lib.rs:3:5:\nassertion `left == right` failed\n  left: 1\n right: 2",
                "panicked at src/lib.rs:3:5: assertion `left == right` failed left: 1 right: 2",
            ),
            (
                "thread 'main' panicked at /home/a/.cargo/registry/src/index-1/ndarray-0.16.1/src/lib.rs:3:5:\nno",
                "panicked at cargo:ndarray-0.16.1/src/lib.rs:3:5: no",
            ),
            (
                "panic: assignment to entry in nil map\n\ngoroutine 1 [running]:\nmain.run(...)\n\t/home/a/score.go:31 +0x2",
                "panic: assignment to entry in nil map",
            ),
            (
                "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:",
                "fatal error: all goroutines are asleep - deadlock!",
            ),
            (
                "Assertion failed: count > 0 (score.c: run: 12)",
                "Assertion failed: count > 0 (score.c: run: 12)",
            ),
            (
                "libc++abi: terminating due to uncaught exception of type std::out_of_range: vector",
                "terminating due to uncaught exception of type std::out_of_range: vector",
            ),
            (
                "out_of_range was thrown in -fno-exceptions mode with message \"vector\"",
                "out_of_range was thrown in -fno-exceptions mode with message \"vector\"",
            ),
            // The last one counts.
            ("panic: first\ngoroutine 1\npanic: second", "panic: second"),
        ] {
            assert_eq!(words(printed).as_deref(), Some(expected), "{printed}");
        }
    }

    #[test]
    fn what_the_author_prints_is_nobodys_last_words() {
        for printed in [
            "",
            "a secret",
            "the password is panic: 12",
            "key=1\nnote: nothing",
            "see: Assertion failed: x",
        ] {
            assert_eq!(words(printed), None, "{printed}");
        }
    }

    #[test]
    fn words_have_a_limit_and_can_not_speak_to_a_terminal() {
        let beginning = "panic: ";
        for (length, is_cut) in [(MOST - 1, false), (MOST, false), (MOST + 1, true)] {
            let told = words(&format!(
                "{beginning}{}",
                "x".repeat(length - beginning.len())
            ));
            assert_eq!(told.unwrap().ends_with('…'), is_cut, "{length}");
        }
        let endless = format!("panic: a\n{}", "more of it\n".repeat(10_000));
        assert!(words(&endless).unwrap().len() <= MOST + '…'.len_utf8());
        assert_eq!(words("panic: \u{1b}[31m").unwrap(), "panic: \\u{1b}[31m");
    }
}
