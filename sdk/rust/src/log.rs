//! The scorer's log: one line on standard error for each message, which the platform keeps with the request's id.
//!
//! ```
//! use mlwasm_sdk::log;
//!
//! let threshold = 0.5;
//! log::info(format_args!("threshold {threshold}"));
//! log::warn("no calibration: probabilities are raw");
//! ```

use std::fmt::Display;
use std::io::Write as _;

/// Something that helps to find a fault.
pub fn debug(message: impl Display) {
    write("DEBUG", &message);
}

/// Something that happened as planned.
pub fn info(message: impl Display) {
    write("INFO", &message);
}

/// Something that went wrong and was handled.
pub fn warn(message: impl Display) {
    write("WARN", &message);
}

/// Something that went wrong.
pub fn error(message: impl Display) {
    write("ERROR", &message);
}

fn write(level: &str, message: &dyn Display) {
    // A scorer that can not log still scores: there is nobody left to tell.
    drop(std::io::stderr().write_all(line(level, message).as_bytes()));
}

fn line(level: &str, message: &dyn Display) -> String {
    // A message stays one line: a client's text inside it must not be able to forge another.
    let message = message
        .to_string()
        .replace('\r', "\\r")
        .replace('\n', "\\n");
    format!("{level} {message}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_with_its_level() {
        assert_eq!(line("WARN", &"two\nlines"), "WARN two\\nlines\n");
    }
}
