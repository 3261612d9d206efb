//! What a scorer author implements, and the macro that exports it.

use crate::{InitError, Request, Response, ScoreError};

/// A scorer: made once per sandbox, then asked once per request.
///
/// # Concurrency
///
/// Calls to one scorer never overlap, hence `&mut self`. A deployment has many sandboxes, each with a scorer of its own;
/// they share nothing. What `run` leaves in `self` may or may not be there for the next request, which may belong
/// to another client: keep caches there, never answers.
pub trait Scorer: Sized + 'static {
    /// Makes the scorer: opens models, reads settings.
    ///
    /// # Errors
    ///
    /// Any error, by `?` or by `Err("no threshold set".into())`. The deployment does not start, and whoever
    /// deployed it reads the text.
    fn init() -> Result<Self, InitError>;

    /// Answers one request.
    ///
    /// # Errors
    ///
    /// [`ScoreError::BadRequest`] for a mistake of the client, who reads the text;
    /// [`ScoreError::Internal`] for everything else.
    fn run(&mut self, request: Request) -> Result<Response, ScoreError>;
}

/// Exports a [`Scorer`] from a crate of type `cdylib`. Say it once per crate.
///
/// On targets other than WebAssembly it only checks that the type is a scorer, so that the crate can be tested natively.
#[macro_export]
macro_rules! scorer {
    ($scorer:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::wasm::Exported<$scorer>;
            $crate::wasm::bindings::__export_scoring!(Exported with_types_in $crate::wasm::bindings);
        };

        #[cfg(not(target_family = "wasm"))]
        const _: fn() = $crate::testing::assert_scorer::<$scorer>;
    };
}
