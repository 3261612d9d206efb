//! Native inference: models opened by name, tensors read where they lie.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_inference::{InferenceError as ModelError, InputView, Model};
use mlwasm_types::Tensor;
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};
use wasmtime::{
    Result, StoreContextMut, bail,
    component::{LinkerInstance, Resource, ResourceType},
};

use crate::{
    bindings::{InferenceError, OutputTensor, TensorSpec, TensorView},
    host_state::{HostState, Models, Stop},
};

/// A longer run holds up the requests that wait for the same thread by more than handing them to another one costs.
const LONG_RUN: Duration = Duration::from_millis(1);

/// The host's side of a `model` handle.
struct OpenModel(Arc<dyn Model>);

type Answer<T> = std::result::Result<T, InferenceError>;

/// Defines the functions of the interface.
pub(crate) fn add_to_linker(interface: &mut LinkerInstance<'_, HostState>) -> Result<()> {
    interface.resource(
        "model",
        ResourceType::host::<OpenModel>(),
        |mut store, handle| {
            let model = Resource::<OpenModel>::new_own(handle);
            store.data_mut().table.delete(model)?;
            Ok(())
        },
    )?;
    interface.func_wrap("[static]model.open", |mut store, (name,): (String,)| {
        Ok((open(store.data_mut(), &name)?,))
    })?;
    interface.func_wrap("[method]model.inputs", |store, (model,)| {
        Ok((specs(&store, &model, |model| model.inputs())?,))
    })?;
    interface.func_wrap("[method]model.outputs", |store, (model,)| {
        Ok((specs(&store, &model, |model| model.outputs())?,))
    })?;
    interface.func_wrap(
        "[method]model.infer",
        |store, (model, inputs): (_, Vec<TensorView>)| Ok((infer(store, &model, &inputs)?,)),
    )
}

fn open(state: &mut HostState, name: &str) -> Result<Answer<Resource<OpenModel>>> {
    let Some(model) = state.models.get(name) else {
        return Ok(Err(InferenceError::UnknownModel(unknown(
            name,
            &state.models,
        ))));
    };
    let model = OpenModel(Arc::clone(model));
    Ok(Ok(state.table.push(model)?))
}

fn unknown(name: &str, models: &Models) -> String {
    // A name of the guest's making may have any length.
    let name: String = name.chars().take(64).collect();
    if models.is_empty() {
        return format!("no model {name:?}: the deployment has no models");
    }
    let names: Vec<&str> = models.keys().map(mlwasm_types::Name::as_str).collect();
    format!("no model {name:?}: the deployment has {}", names.join(", "))
}

fn specs(
    store: &StoreContextMut<'_, HostState>,
    model: &Resource<OpenModel>,
    side: impl Fn(&dyn Model) -> &[mlwasm_types::TensorSpec],
) -> Result<Vec<TensorSpec>> {
    let OpenModel(model) = store.data().table.get(model)?;
    Ok(side(model.as_ref()).iter().map(TensorSpec::from).collect())
}

fn infer(
    mut store: StoreContextMut<'_, HostState>,
    model: &Resource<OpenModel>,
    inputs: &[TensorView],
) -> Result<Answer<Vec<OutputTensor>>> {
    if !store.data_mut().count_infer() {
        bail!("too many native runs in one request");
    }
    let begun = Instant::now();
    let work = store.data().page.native_begins();
    let result = run(&store, model, inputs)?;
    let took = begun.elapsed();
    store.data().page.native_ended(work, took);
    let call = &mut store.data_mut().call;
    call.infer += took;
    match result {
        Ok(outputs) => Ok(Ok(outputs.into_iter().map(OutputTensor::from).collect())),
        Err(ModelError::DeadlineExceeded) => {
            call.stop = Some(Stop::Deadline);
            bail!("a native run reached the request's deadline");
        }
        Err(ModelError::InvalidInput(error)) => {
            Ok(Err(InferenceError::InvalidInput(error.to_string())))
        }
        Err(error @ (ModelError::OutputTooLarge { .. } | ModelError::Failed { .. })) => {
            Ok(Err(InferenceError::Failed(error.to_string())))
        }
    }
}

/// Runs the model on what lies in the guest's memory, which can not change meanwhile: the guest waits for this.
fn run(
    store: &StoreContextMut<'_, HostState>,
    model: &Resource<OpenModel>,
    inputs: &[TensorView],
) -> Result<std::result::Result<Vec<Tensor>, ModelError>> {
    let state = store.data();
    let OpenModel(model) = state.table.get(model)?;
    let names: Vec<Cow<'_, str>> = inputs
        .iter()
        .map(|input| input.name.to_str(store))
        .collect::<Result<_>>()?;
    let views: Vec<InputView<'_>> = inputs
        .iter()
        .zip(&names)
        .map(|(input, name)| InputView {
            name,
            element: input.element.into(),
            shape: &input.shape,
            data: input.data.as_le_slice(store),
        })
        .collect();
    let deadline = state.call.deadline;
    Ok(aside(model.typical_run(), || model.infer(&views, deadline)))
}

/// Runs `work`, which takes about `typical`, without holding up the other tasks of this thread for long.
fn aside<T>(typical: Duration, work: impl FnOnce() -> T) -> T {
    // Handing the other tasks over is only possible where there is another thread to take them.
    let is_possible = || {
        Handle::try_current()
            .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
    };
    if typical > LONG_RUN && is_possible() {
        block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_model_is_answered_with_those_that_exist() {
        let none = Models::new();
        assert_eq!(
            unknown("x", &none),
            "no model \"x\": the deployment has no models"
        );
        let long = unknown(&"y".repeat(10_000), &none);
        assert!(long.len() < 200, "{long}");
    }

    #[test]
    fn long_work_runs_with_and_without_other_threads() {
        let long = LONG_RUN * 2;
        assert_eq!(aside(long, || 1), 1);
        let single = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        assert_eq!(single.block_on(async { aside(long, || 2) }), 2);
        let multi = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap();
        assert_eq!(multi.block_on(async { aside(long, || 3) }), 3);
    }
}
