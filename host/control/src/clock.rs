//! The time of day, asked for at the edge: what changes the state gets it as a value.

use jiff::Timestamp;

/// This second. The state keeps whole seconds, so that what is in memory is what a restart finds.
pub(crate) fn this_second() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
