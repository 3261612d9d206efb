//! What the host calls: keeps the scorer between `init` and `run`.

use std::any::Any;
use std::cell::RefCell;
use std::error::Error;
use std::marker::PhantomData;

use mlwasm_tensor_world::exports::mlwasm::scoring as typed;
use mlwasm_tensor_world::mlwasm::scoring::inference as imported;

use super::bindings::exports::mlwasm::scoring::scorer;
use super::convert;
use crate::{InitError, ScoreError, Scorer, Tensor, TensorScorer};

thread_local! {
    /// The sandbox's one scorer. Of any type, since a generic type can not have a static of its own.
    static SCORER: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Gives the generated export macro a type that calls `T`.
#[derive(Debug)]
pub struct Exported<T>(PhantomData<T>);

impl<T: Scorer> scorer::Guest for Exported<T> {
    fn init() -> Result<(), String> {
        keep(T::init())
    }

    fn run(request: scorer::Request) -> Result<scorer::Response, scorer::ScoreError> {
        with_kept(|made: &mut T| made.run(convert::raw::request(request)))
            .map(convert::raw::response)
            .map_err(convert::raw::score_error)
    }
}

/// As [`Exported`], of a typed scorer.
#[derive(Debug)]
pub struct ExportedTensors<T>(PhantomData<T>);

impl<T: TensorScorer> typed::scorer::Guest for ExportedTensors<T> {
    fn init() -> Result<(), String> {
        keep(T::init())
    }

    fn run(
        request: typed::scorer::Request,
    ) -> Result<typed::scorer::Response, typed::scorer::ScoreError> {
        with_kept(|made: &mut T| made.run(convert::typed::request(request)))
            .map(convert::typed::response)
            .map_err(convert::typed::score_error)
    }
}

impl<T: TensorScorer> typed::tensor_scorer::Guest for ExportedTensors<T> {
    fn describe() -> typed::tensor_scorer::Signature {
        let signature = with_kept(|made: &mut T| Ok(made.describe()));
        // The host calls `init` first, and no further if that fails.
        convert::signature(signature.unwrap_or_default())
    }

    fn infer(
        inputs: Vec<imported::TensorResult>,
    ) -> Result<Vec<imported::TensorResult>, typed::tensor_scorer::ScoreError> {
        let inputs: Vec<Tensor> = inputs.into_iter().map(convert::tensor).collect();
        with_kept(|made: &mut T| made.infer(inputs.into()))
            .map(|outputs| outputs.into_iter().map(convert::give_tensor).collect())
            .map_err(convert::typed::score_error)
    }
}

fn keep<T: 'static>(made: Result<T, InitError>) -> Result<(), String> {
    let made = made.map_err(|error| with_sources(&*error))?;
    SCORER.set(Some(Box::new(made)));
    Ok(())
}

/// What `call` makes of the sandbox's scorer.
fn with_kept<T: 'static, R>(
    call: impl FnOnce(&mut T) -> Result<R, ScoreError>,
) -> Result<R, ScoreError> {
    SCORER.with_borrow_mut(|made| {
        let Some(made) = made.as_mut().and_then(|made| made.downcast_mut::<T>()) else {
            return Err(ScoreError::internal(
                "a request came before `init` succeeded",
            ));
        };
        call(made)
    })
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
