//! Native inference as a scorer sees it, with models of the test's own making.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use http::HeaderMap;
use mlwasm_inference::{Begun, InferenceError, InputView, Model, Ran};
use mlwasm_sandbox::{LeaseError, RunError, RunReport, SandboxPool, ScoringRequest};
use mlwasm_types::{ElementType, Tensor, TensorSpec};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::{PATIENCE, ask, later, lines, pool, report, request, text, with_model};

/// Doubles each byte of each input, unless it is told to do otherwise.
pub(crate) struct Doubler {
    specs: Vec<TensorSpec>,
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
        Duration::ZERO
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

/// Runs of this model take place elsewhere, where they wait for a permit each.
struct Distant {
    near: Doubler,
    permits: Arc<Semaphore>,
    /// Runs that somebody waits for.
    waited_for: Arc<()>,
}

impl Distant {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            near: Doubler::default(),
            permits: Arc::new(Semaphore::new(0)),
            waited_for: Arc::new(()),
        })
    }

    fn waiting(&self) -> usize {
        Arc::strong_count(&self.waited_for) - 1
    }
}

impl Model for Distant {
    fn inputs(&self) -> &[TensorSpec] {
        self.near.inputs()
    }

    fn outputs(&self) -> &[TensorSpec] {
        self.near.outputs()
    }

    fn infer(
        &self,
        inputs: &[InputView<'_>],
        deadline: Instant,
    ) -> Result<Vec<Tensor>, InferenceError> {
        self.near.infer(inputs, deadline)
    }

    fn begin(&self, inputs: &[InputView<'_>], deadline: Instant) -> Begun {
        let result = self.near.infer(inputs, deadline);
        let (permits, waited_for) = (Arc::clone(&self.permits), Arc::clone(&self.waited_for));
        Begun::Elsewhere(Box::pin(async move {
            permits.acquire().await.unwrap().forget();
            drop(waited_for);
            Ran {
                result,
                took: Duration::from_millis(7),
                cpu: Duration::from_millis(5),
            }
        }))
    }

    fn typical_run(&self) -> Duration {
        Duration::MAX
    }
}

#[tokio::test]
async fn a_guest_that_waits_for_a_native_run_leaves_its_thread_to_others() {
    let distant = Distant::new();
    let waiting = pool("many_infer", with_model(distant.clone())).await;
    let other = pool("many_infer", with_model(Arc::new(Doubler::default()))).await;
    let run = report(&waiting, "times=2", PATIENCE);
    // On the only thread of this test, and while the first one waits.
    let beside = async {
        while distant.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(text(ask(&other, "times=3").await), "{\"done\":3}");
        distant.permits.add_permits(2);
    };
    let (done, ()) = tokio::join!(run, beside);
    assert_eq!(text(done.outcome), "{\"done\":2}");
    assert_eq!(done.infer, Duration::from_millis(14));
    assert_eq!(waiting.counts().idle, 1);
}

#[tokio::test]
async fn a_request_does_not_wait_for_a_native_run_past_its_deadline() {
    let distant = Distant::new();
    let pool = pool("many_infer", with_model(distant.clone())).await;
    let late = report(&pool, "times=1", Duration::from_millis(50)).await;
    assert_eq!(late.outcome, Err(RunError::DeadlineExceeded));
    assert_eq!(pool.recycles().deadline, 1);
    while distant.waiting() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nobody_waits_for_the_native_run_of_a_request_that_was_dropped() {
    let distant = Distant::new();
    let pool = pool("many_infer", with_model(distant.clone())).await;
    {
        let begun = async {
            while distant.waiting() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = ask(&pool, "times=1") => panic!("it did not wait: {answer:?}"),
            () = begun => {}
        }
    }
    while distant.waiting() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pool.recycles().cancelled, 1);
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
