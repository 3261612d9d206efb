//! Execution providers: what computes a model's runs.
//!
//! One is either set up or refused. Falling back to the processor would serve at a hundredth of the speed that the
//! operator asked for, and nobody would be told.

use mlwasm_types::ExecutionProvider;
use ort::{
    ep::{self, ExecutionProvider as _, ExecutionProviderDispatch},
    session::builder::{AutoDevicePolicy, SessionBuilder},
};

use crate::{error::LoadError, native};

/// Whether the sessions of a provider may be run from many threads at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Any number of runs at once: see `native`.
    Shared,
    /// One run at a time.
    OneAtATime,
}

pub(crate) fn sharing(provider: ExecutionProvider) -> Sharing {
    match provider {
        ExecutionProvider::Cpu => Sharing::Shared,
        ExecutionProvider::Cuda
        | ExecutionProvider::Tensorrt
        | ExecutionProvider::Openvino
        | ExecutionProvider::Migraphx
        | ExecutionProvider::Coreml => Sharing::OneAtATime,
    }
}

/// Refuses a provider that the loaded library was built without.
pub(crate) fn check(wanted: ExecutionProvider) -> Result<(), LoadError> {
    let has = native::available_providers().map_err(|error| LoadError::ProviderFailed {
        wanted,
        message: error.message().to_owned(),
    })?;
    if has.iter().any(|name| name == library_name(wanted)) {
        return Ok(());
    }
    Err(LoadError::ProviderMissing { wanted, has })
}

/// Makes the builder's sessions use `provider`.
pub(crate) fn register(
    builder: SessionBuilder,
    provider: ExecutionProvider,
) -> ort::Result<SessionBuilder> {
    let dispatch: ExecutionProviderDispatch = match provider {
        // Sharing a session between threads is sound on the processor only. No other provider may slip in.
        ExecutionProvider::Cpu => {
            return Ok(builder
                .with_auto_device(AutoDevicePolicy::PreferCPU)?
                .with_execution_providers([ep::CPU::default()
                    .with_arena_allocator(true)
                    .build()])?);
        }
        ExecutionProvider::Cuda => ep::CUDA::default().build(),
        ExecutionProvider::Tensorrt => ep::TensorRT::default().build(),
        ExecutionProvider::Openvino => ep::OpenVINO::default().build(),
        ExecutionProvider::Migraphx => ep::MIGraphX::default().build(),
        ExecutionProvider::Coreml => ep::CoreML::default().build(),
    };
    // Operators that the provider lacks still run on the processor, as ONNX Runtime divides the model.
    Ok(builder.with_execution_providers([dispatch.error_on_failure()])?)
}

fn library_name(provider: ExecutionProvider) -> &'static str {
    match provider {
        ExecutionProvider::Cpu => ep::CPU::NAME,
        ExecutionProvider::Cuda => ep::CUDA::NAME,
        ExecutionProvider::Tensorrt => ep::TensorRT::NAME,
        ExecutionProvider::Openvino => ep::OpenVINO::NAME,
        ExecutionProvider::Migraphx => ep::MIGraphX::NAME,
        ExecutionProvider::Coreml => ep::CoreML::NAME,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_is_asked_for_by_the_librarys_own_name() {
        for (provider, name) in [
            (ExecutionProvider::Cpu, "CPUExecutionProvider"),
            (ExecutionProvider::Cuda, "CUDAExecutionProvider"),
            (ExecutionProvider::Tensorrt, "TensorrtExecutionProvider"),
            (ExecutionProvider::Openvino, "OpenVINOExecutionProvider"),
            (ExecutionProvider::Migraphx, "MIGraphXExecutionProvider"),
            (ExecutionProvider::Coreml, "CoreMLExecutionProvider"),
        ] {
            assert_eq!(library_name(provider), name);
            let is_shared = sharing(provider) == Sharing::Shared;
            assert_eq!(is_shared, provider == ExecutionProvider::Cpu);
        }
    }
}
