//! What the host calls: keeps the scorer between `init` and `run`.

use std::any::Any;
use std::cell::RefCell;
use std::error::Error;
use std::marker::PhantomData;

use super::bindings::exports::mlwasm::scoring::scorer;
use super::convert;
use crate::Scorer;

thread_local! {
    /// The sandbox's one scorer. Of any type, since a generic type can not have a static of its own.
    static SCORER: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Gives the generated export macro a type that calls `T`.
#[derive(Debug)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Scorer> scorer::Guest for Exported<T> {
    fn init() -> Result<(), String> {
        let made = T::init().map_err(|error| with_sources(&*error))?;
        SCORER.set(Some(Box::new(made)));
        Ok(())
    }

    fn run(request: scorer::Request) -> Result<scorer::Response, scorer::ScoreError> {
        SCORER.with_borrow_mut(|made| {
            let Some(made) = made.as_mut().and_then(|made| made.downcast_mut::<T>()) else {
                return Err(scorer::ScoreError::Internal(
                    "`run` was called before `init` succeeded".to_owned(),
                ));
            };
            made.run(convert::request(request))
                .map(convert::response)
                .map_err(convert::score_error)
        })
    }
}

/// The error's text and those of its causes: only text crosses the border.
fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
