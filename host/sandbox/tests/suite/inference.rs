//! Native inference as a scorer sees it, with models of the test's own making.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use http::HeaderMap;
use mlwasm_inference::{InferenceError, InputView, Model};
use mlwasm_sandbox::{LeaseError, RunError, RunReport, SandboxPool, ScoringRequest};
use mlwasm_types::{ElementType, Tensor, TensorSpec};
use serde_json::{Value, json};

use crate::support::{PATIENCE, ask, later, lines, pool, report, request, text, with_model};

/// Doubles each byte of each input, unless it is told to do otherwise.
pub(crate) struct Doubler {
    specs: Vec<TensorSpec>,
    typical: Duration,
    late: bool,
    pub(crate) panics: AtomicBool,
}

impl Default for Doubler {
    fn default() -> Self {
        let spec = TensorSpec {
            name: "x".to_owned(),
            element: ElementType::Uint8,
            shape: vec![None],
        };
        Self {
            specs: vec![spec],
            typical: Duration::ZERO,
            late: false,
            panics: AtomicBool::new(false),
        }
    }
}

impl Model for Doubler {
    fn inputs(&self) -> &[TensorSpec] {
        assert!(!self.panics.load(Ordering::Relaxed), "a bug of the host");
        &self.specs
    }

    fn outputs(&self) -> &[TensorSpec] {
        &self.specs
    }

    fn infer(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> Result<Vec<Tensor>, InferenceError> {
        assert!(!self.panics.load(Ordering::Relaxed), "a bug of the host");
        if self.late || Instant::now() >= deadline {
            return Err(InferenceError::DeadlineExceeded);
        }
        if inputs.is_empty() {
            let message = "no inputs".to_owned();
            return Err(InferenceError::Failed { message });
        }
        let double = |input: &InputView<'_>| Tensor {
            name: format!("{} doubled", input.name),
            element: input.element,
            shape: input.shape.to_vec(),
            data: input.data.iter().map(|byte| byte.wrapping_mul(2)).collect(),
        };
        Ok(inputs.iter().map(double).collect())
    }

    fn typical_run(&self) -> Duration {
        self.typical
    }
}

async fn infer(pool: &Arc<SandboxPool>, body: &Value) -> RunReport {
    let headers = HeaderMap::new();
    let body = body.to_string();
    let request = ScoringRequest {
        body: body.as_bytes(),
        ..request(&headers)
    };
    let lease = pool.lease(later()).await.unwrap();
    lease.run(request, later()).await
}

fn tensor(name: &str, element: &str, shape: &[u32], data: &str) -> Value {
    json!({"name": name, "element": element, "shape": shape, "data": data})
}

#[tokio::test]
async fn tensors_of_every_type_go_in_and_come_out() {
    let pool = pool("infer", with_model(Arc::new(Doubler::default()))).await;
    for element in ElementType::ALL {
        let element = element.name();
        let inputs = json!({"inputs": [
            tensor("one", element, &[2, 2], "0102030405060708"),
            tensor("größe", element, &[], ""),
        ]});
        let report = infer(&pool, &inputs).await;
        assert!(!report.infer.is_zero());
        let answer: Value = serde_json::from_str(&text(report.outcome)).unwrap();
        let expected = json!({"outputs": [
            tensor("one doubled", element, &[2, 2], "020406080a0c0e10"),
            tensor("größe doubled", element, &[], ""),
        ]});
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn an_unknown_model_is_told_with_those_that_exist() {
    let pool = pool("infer", with_model(Arc::new(Doubler::default()))).await;
    let answer = text(
        infer(&pool, &json!({"model": "nope", "inputs": []}))
            .await
            .outcome,
    );
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let text = "no model \"nope\": the deployment has model";
    assert_eq!(
        answer,
        json!({"error": {"kind": "unknown-model", "text": text}})
    );
}

#[tokio::test]
async fn a_model_that_fails_is_the_scorer_s_to_handle() {
    let pool = pool("infer", with_model(Arc::new(Doubler::default()))).await;
    let answer = text(infer(&pool, &json!({"inputs": []})).await.outcome);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let text = "model failed: no inputs";
    assert_eq!(answer, json!({"error": {"kind": "failed", "text": text}}));
    assert_eq!(pool.counts().idle, 1);
}

#[tokio::test]
async fn opened_models_are_let_go_of() {
    let pool = pool("infer", with_model(Arc::new(Doubler::default()))).await;
    let inputs = json!({"inputs": [tensor("x", "uint8", &[1], "01")]});
    // More often than a sandbox may hold handles.
    for _ in 0..1_100 {
        infer(&pool, &inputs).await.outcome.unwrap();
    }
    assert_eq!(pool.recycles(), Default::default());
}

#[tokio::test]
async fn a_native_run_that_reaches_the_deadline_ends_the_request() {
    let late = Doubler {
        late: true,
        ..Doubler::default()
    };
    let pool = pool("many_infer", with_model(Arc::new(late))).await;
    assert_eq!(ask(&pool, "times=1").await, Err(RunError::DeadlineExceeded));
    assert_eq!(pool.recycles().deadline, 1);
}

#[tokio::test]
async fn a_long_model_runs_on_a_runtime_of_one_thread() {
    long_model_answers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_long_model_runs_on_a_runtime_of_many_threads() {
    // In a task, not in the test itself: only a task has a thread to give away.
    let task: tokio::task::JoinSet<_> = [long_model_answers()].into_iter().collect();
    task.join_all().await;
}

async fn long_model_answers() {
    let long = Doubler {
        typical: Duration::MAX,
        ..Doubler::default()
    };
    let pool = pool("many_infer", with_model(Arc::new(long))).await;
    let done = report(&pool, "times=3", PATIENCE).await;
    assert_eq!(text(done.outcome), "{\"done\":3}");
}

#[tokio::test]
async fn a_panic_of_the_host_costs_one_request_and_the_pool_comes_back() {
    let model = Arc::new(Doubler::default());
    let settings = with_model(Arc::clone(&model) as Arc<dyn Model>);
    let log = Arc::clone(&settings.log);
    let pool = pool("many_infer", settings).await;

    model.panics.store(true, Ordering::Relaxed);
    let outcome = ask(&pool, "times=1").await;
    assert_eq!(
        outcome,
        Err(RunError::Host {
            message: "a bug of the host".to_owned()
        })
    );
    assert_eq!(pool.recycles().host_error, 1);

    // Its successor fails in `init`: whoever waits for it is told, and so is whoever comes later.
    assert_eq!(
        pool.lease(later()).await.unwrap_err(),
        LeaseError::NoLiveSandbox
    );
    assert_eq!(
        pool.lease(later()).await.unwrap_err(),
        LeaseError::NoLiveSandbox
    );
    assert_eq!(pool.counts().refilling, 1);
    let told = lines(&log);
    assert!(
        told.iter().any(|line| line.text.contains("no new sandbox")),
        "{told:?}"
    );

    model.panics.store(false, Ordering::Relaxed);
    while pool.counts().idle == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(text(ask(&pool, "times=1").await), "{\"done\":1}");
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_sandbox_that_can_not_be_made() {
    let model = Arc::new(Doubler::default());
    let settings = with_model(Arc::clone(&model) as Arc<dyn Model>);
    let tasks = settings.tasks.clone();
    let pool = pool("many_infer", settings).await;
    model.panics.store(true, Ordering::Relaxed);
    ask(&pool, "times=1").await.unwrap_err();
    pool.lease(later()).await.unwrap_err();

    tasks.shutdown().await;
    assert_eq!(pool.counts().refilling, 1);
}
