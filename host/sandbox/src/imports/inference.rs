//! Native inference: models opened by name. A short run reads tensors where they lie; for a long one the guest waits, and
//! its thread serves others.

use std::{borrow::Cow, future::ready, sync::Arc};

use mlwasm_inference::{Begun, InferenceError as ModelError, InputView, Model, Ran};
use wasmtime::{
    Result, StoreContextMut, bail,
    component::{LinkerInstance, Resource, ResourceType},
};

use crate::{
    bindings::{InferenceError, OutputTensor, TensorSpec, TensorView},
    host_state::{HostState, Models, Stop},
};

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
    interface.func_wrap_async("[method]model.infer", infer)
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

/// Boxed, as wasmtime asks for. One that is ready at once costs an allocation of a few words, and no switch.
type Answering<'a> = Box<dyn Future<Output = Result<(Answer<Vec<OutputTensor>>,)>> + Send + 'a>;

fn infer(
    mut store: StoreContextMut<'_, HostState>,
    (model, inputs): (Resource<OpenModel>, Vec<TensorView>),
) -> Answering<'_> {
    match begin(&mut store, &model, &inputs) {
        Ok(Begun::Ended(ran)) => {
            let answer = finish(store.data_mut(), ran);
            Box::new(ready(answer.map(|answer| (answer,))))
        }
        Ok(Begun::Elsewhere(run)) => Box::new(async move {
            let ran = run.await;
            store.data().page.native_ran_elsewhere(ran.cpu);
            Ok((finish(store.data_mut(), ran)?,))
        }),
        Err(error) => Box::new(ready(Err(error))),
    }
}

/// Runs the model if that is short, on what lies in the guest's memory, which can not change meanwhile: the guest waits
/// for this.
fn begin(
    store: &mut StoreContextMut<'_, HostState>,
    model: &Resource<OpenModel>,
    inputs: &[TensorView],
) -> Result<Begun> {
    if !store.data_mut().count_infer() {
        bail!("too many native runs in one request");
    }
    let state = store.data();
    let OpenModel(model) = state.table.get(model)?;
    let names: Vec<Cow<'_, str>> = inputs
        .iter()
        .map(|input| input.name.to_str(&*store))
        .collect::<Result<_>>()?;
    let views: Vec<InputView<'_>> = inputs
        .iter()
        .zip(&names)
        .map(|(input, name)| InputView {
            name,
            element: input.element.into(),
            shape: &input.shape,
            data: input.data.as_le_slice(&*store),
        })
        .collect();
    let work = state.page.native_begins();
    let begun = model.begin(&views, state.call.deadline);
    if let Begun::Ended(ran) = &begun {
        state.page.native_ended(work, ran.took);
    }
    Ok(begun)
}

fn finish(state: &mut HostState, ran: Ran) -> Result<Answer<Vec<OutputTensor>>> {
    let call = &mut state.call;
    call.infer += ran.took;
    match ran.result {
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
}
