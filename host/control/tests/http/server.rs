//! A server without a socket, and its answers.

use std::{path::Path, sync::Arc};

use axum::{Router, body::Body};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use mlwasm_control::{
    AllowedOrigins, AnonymousCallers, AuditRetention, Control, ControlSettings, DataDir,
    EgressRules, LogRetention, SecretSources,
};
use mlwasm_inference::{InferenceBackend, LoadError, Model, ModelOptions};
use mlwasm_routing::TableReader;
use mlwasm_sandbox::{Authorities, Compiler, Engine, EngineSettings, TaskGroup};
use mlwasm_types::{Digest, InstanceTypes};
use serde_json::Value;
use tower::ServiceExt as _;

pub(crate) const MOST_ARTIFACT_BYTES: u64 = 1_000;

struct NoModels;

impl InferenceBackend for NoModels {
    fn load_as(
        &self,
        _bytes: &[u8],
        _options: &ModelOptions<'_>,
    ) -> Result<Arc<dyn Model>, LoadError> {
        Err(LoadError::NotOnnx {
            reason: "no model is loaded here",
        })
    }

    fn version(&self) -> &str {
        "none"
    }
}

pub(crate) struct Server {
    router: Router,
    pub(crate) table: TableReader,
    tasks: TaskGroup,
    // Kept to the end: the folder's lock is in it.
    _control: Control,
}

impl Server {
    pub(crate) async fn start(folder: &Path) -> Self {
        let data = DataDir::open(folder.join("data")).unwrap();
        let engine = Engine::new(EngineSettings {
            max_sandboxes: 2,
            max_memory_mb: 64,
            max_stack_kb: 512,
            max_component_bytes: 800,
            compiled_cache: None,
            compiler: Compiler::InProcess,
        });
        let (publisher, table) = mlwasm_routing::channel();
        let settings = ControlSettings {
            scoring_base: "http://127.0.0.1:8080/".to_owned(),
            admin_token: "an-admin-token-for-tests".to_owned(),
            allowed_hosts: vec!["admin.example".to_owned()],
            max_artifact_bytes: MOST_ARTIFACT_BYTES,
            max_component_bytes: 800,
            max_files_bytes: 1 << 20,
            instance_types: InstanceTypes::default(),
            kept_failures: 20,
            anonymous_callers: AnonymousCallers::Refused,
            audit: AuditRetention::default(),
            max_collected_bytes: 1 << 20,
            logs: LogRetention {
                max_deployment_bytes: 1 << 20,
                max_bytes: 1 << 20,
            },
            secrets: SecretSources::default(),
            egress: EgressRules {
                allowed: AllowedOrigins::These(Vec::new()),
                authorities: Authorities::public_and(Vec::new()).unwrap(),
            },
            version: "1.2.3".to_owned(),
            data,
        };
        let tasks = TaskGroup::new();
        let control = Control::open(
            settings,
            engine.unwrap(),
            Arc::new(NoModels),
            publisher,
            tasks.clone(),
        )
        .unwrap();
        control.restore().await;
        Self {
            router: control.router(),
            table,
            tasks,
            _control: control,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: &str) -> Answer {
        let request = request(method, path)
            .body(Body::from(body.to_owned()))
            .unwrap();
        Answer::of(self.send(request).await).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, "").await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, &body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PATCH, path, &body.to_string()).await
    }

    pub(crate) async fn upload(&self, bytes: &[u8]) -> Answer {
        let path = format!("/v1/artifacts/{}", Digest::of(bytes));
        let request = request(Method::PUT, &path)
            .body(Body::from(bytes.to_vec()))
            .unwrap();
        Answer::of(self.send(request).await).await
    }

    pub(crate) async fn stop(self) {
        self.tasks.shutdown().await;
    }
}

pub(crate) fn request(method: Method, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:8090")
        .header(header::AUTHORIZATION, "Bearer an-admin-token-for-tests")
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) tag: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if !parts.status.is_success() {
            let kind = &parts.headers[header::CONTENT_TYPE];
            assert_eq!(kind, "application/problem+json", "{}", parts.status);
            assert_eq!(body["status"], parts.status.as_u16());
            assert_eq!(
                body["request_id"],
                parts.headers["x-request-id"].to_str().unwrap()
            );
        }
        assert_eq!(parts.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(parts.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        Self {
            status: parts.status,
            tag: parts
                .headers
                .get(header::ETAG)
                .map(|tag| tag.to_str().unwrap().to_owned()),
            body,
        }
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    pub(crate) fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }
}
