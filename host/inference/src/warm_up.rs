//! The first runs of a model, before anyone waits for them.
//!
//! ONNX Runtime makes some things on a session's first run, and what a run takes is not known until one has ended; a model
//! of which nothing is known is taken for a slow one. A model whose runs are to be joined also shows here whether joining
//! changes its answers.

use std::time::{Duration, Instant};

use mlwasm_types::{Batching, ElementType, Tensor};

use crate::{
    backend::ModelOptions,
    error::{InferenceError, LoadError},
    model::{Runner, Unsupervised},
    sample::Sample,
};

/// By how much a joined row may differ from a single one, as a part of the largest value: kernels add in another order.
const TOLERANCE: f64 = 1e-2;

type Outputs = Result<Vec<Tensor>, InferenceError>;

/// Runs each session once, and the model once more for its time.
///
/// # Errors
///
/// [`LoadError::SampleFailed`] if the model does not run on its sample: zeros may be no input for it, but the sample is.
/// [`LoadError::RowsDepend`] if its runs are to be joined and that changes the answers.
pub(crate) fn warm_up(
    runner: &Runner,
    sample: Option<Sample>,
    options: &ModelOptions<'_>,
) -> Result<(), LoadError> {
    let until = Instant::now() + options.warm_up_limit;
    let is_given = sample.is_some();
    let Some(inputs) = sample.or_else(|| Sample::zeros(&runner.inputs)) else {
        tracing::debug!("model is not warmed up: its inputs are too large");
        return Ok(());
    };
    let mut first = run(runner, &inputs, until);
    for _ in 1..runner.sessions.len() {
        first = run(runner, &inputs, until);
    }
    // The first run pays for what is made once, so the second is the one that tells.
    let second = run(runner, &inputs, until);
    let took = if second.0.is_ok() { second.1 } else { first.1 };
    match (&first.0, is_given) {
        (Ok(_), _) => runner.typical_run.record(took),
        (Err(error), true) => return Err(LoadError::SampleFailed(error.clone())),
        (Err(error), false) => {
            tracing::debug!(%error, "model is not warmed up: it does not run on zeros");
            return Ok(());
        }
    }
    let (Some(batching), Ok(first), Ok(second)) = (options.batching, first.0, second.0) else {
        return Ok(());
    };
    // A model that draws lots has no answer to compare with.
    let alone = (first == second).then_some(first);
    join(runner, &inputs, alone, batching, until)
}

/// Runs as many rows as will be joined at the most, and compares them with those of a run alone.
fn join(
    runner: &Runner,
    inputs: &Sample,
    alone: Option<Vec<Tensor>>,
    batching: Batching,
    until: Instant,
) -> Result<(), LoadError> {
    let Some(rows) = inputs.rows() else {
        return Ok(());
    };
    let times = (batching.max_batch_size / rows).max(2);
    let Some(joined) = inputs.repeated(times) else {
        return Ok(());
    };
    let joined = match run(runner, &joined, until).0 {
        Ok(joined) => joined,
        Err(InferenceError::Failed { message }) => {
            return Err(LoadError::NotJoined {
                rows: rows * times,
                message,
            });
        }
        Err(
            InferenceError::DeadlineExceeded
            | InferenceError::OutputTooLarge { .. }
            | InferenceError::InvalidInput(_),
        ) => return Ok(()),
    };
    for (position, output) in joined.iter().enumerate() {
        let wanted = rows * times;
        if output.shape.first() != Some(&wanted) {
            return Err(depends(
                output,
                format!("does not have {wanted} rows for {wanted} rows"),
            ));
        }
        if let Some(alone) = alone.as_ref().and_then(|alone| alone.get(position)) {
            compare(alone, output)?;
        }
    }
    Ok(())
}

/// Refuses a joined output that does not repeat the output of a run alone. Looks at fractions only: where whole numbers or
/// texts differ, a hair's breadth in what they were made of may be the reason.
fn compare(alone: &Tensor, joined: &Tensor) -> Result<(), LoadError> {
    let (Some(alone), Some(many)) = (fractions(alone), fractions(joined)) else {
        return Ok(());
    };
    let largest = alone
        .iter()
        .filter(|value| value.is_finite())
        .fold(1.0_f64, |largest, value| largest.max(value.abs()));
    let is_same = |one: f64, other: f64| {
        one == other || one.is_nan() && other.is_nan() || (one - other).abs() <= TOLERANCE * largest
    };
    let different = alone
        .iter()
        .cycle()
        .zip(&many)
        .find(|(one, other)| !is_same(**one, **other));
    match different {
        Some((one, other)) => Err(depends(
            joined,
            format!("is {other} where it is {one} alone"),
        )),
        None => Ok(()),
    }
}

fn depends(output: &Tensor, how: String) -> LoadError {
    LoadError::RowsDepend {
        output: output.name.clone(),
        how,
    }
}

fn fractions(tensor: &Tensor) -> Option<Vec<f64>> {
    match tensor.element {
        ElementType::Float32 => {
            let (values, _) = tensor.data.as_chunks();
            Some(
                values
                    .iter()
                    .map(|it| f32::from_le_bytes(*it).into())
                    .collect(),
            )
        }
        ElementType::Float64 => {
            let (values, _) = tensor.data.as_chunks();
            Some(values.iter().map(|it| f64::from_le_bytes(*it)).collect())
        }
        _ => None,
    }
}

fn run(runner: &Runner, inputs: &Sample, until: Instant) -> (Outputs, Duration) {
    let read = |values: &[crate::native::Value<'_>]| runner.tensors(values);
    runner.run(&inputs.views(), until, &Unsupervised, read)
}
