//! The calls that there are.

/// A call, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    ServerLive,
    ServerReady,
    ServerMetadata,
    ModelReady,
    ModelMetadata,
    ModelConfig,
    ModelStatistics,
    ModelInfer,
    ModelStreamInfer,
    RepositoryIndex,
    RepositoryModelLoad,
    RepositoryModelUnload,
    HealthCheck,
    HealthWatch,
}

impl Method {
    /// The path, if a scorer is asked.
    pub(crate) fn scoring_route(self) -> Option<&'static str> {
        match self {
            Self::ModelInfer => Some("/inference.GRPCInferenceService/ModelInfer"),
            Self::ModelStreamInfer => Some("/inference.GRPCInferenceService/ModelStreamInfer"),
            _ => None,
        }
    }

    /// The call of this path; none if we have none such.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        Some(match (service, method) {
            ("inference.GRPCInferenceService", method) => match method {
                "ServerLive" => Self::ServerLive,
                "ServerReady" => Self::ServerReady,
                "ServerMetadata" => Self::ServerMetadata,
                "ModelReady" => Self::ModelReady,
                "ModelMetadata" => Self::ModelMetadata,
                "ModelConfig" => Self::ModelConfig,
                "ModelStatistics" => Self::ModelStatistics,
                "ModelInfer" => Self::ModelInfer,
                "ModelStreamInfer" => Self::ModelStreamInfer,
                "RepositoryIndex" => Self::RepositoryIndex,
                "RepositoryModelLoad" => Self::RepositoryModelLoad,
                "RepositoryModelUnload" => Self::RepositoryModelUnload,
                _ => return None,
            },
            ("grpc.health.v1.Health", "Check") => Self::HealthCheck,
            ("grpc.health.v1.Health", "Watch") => Self::HealthWatch,
            _ => return None,
        })
    }
}
