//! The one way in which the harness gives up.

/// Fails the test that called, with `text`.
#[track_caller]
#[expect(
    clippy::panic,
    reason = "the harness serves tests, and a test fails by panicking"
)]
pub(crate) fn fail(text: impl AsRef<str>) -> ! {
    panic!("{}", text.as_ref())
}

/// A result whose error fails the test, saying what was being done.
pub(crate) trait OrFail<T> {
    /// The value, or the end of the test.
    #[track_caller]
    fn or_fail(self, doing: &str) -> T;
}

impl<T, E: std::fmt::Debug> OrFail<T> for Result<T, E> {
    #[track_caller]
    fn or_fail(self, doing: &str) -> T {
        match self {
            Ok(value) => value,
            Err(error) => fail(format!("{doing}: {error:?}")),
        }
    }
}
