//! The host itself: models and environment by name, and the scorer that runs on them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[cfg(feature = "http")]
use super::calling::Answerer;
use super::collecting::Recorded;
use super::fake_model::FakeModel;
use super::fake_typed::FakeTypedSandbox;
use crate::{InferenceError, InitError, Request, Response, ScoreError, Scorer, TensorScorer};

/// What a deployment would bring: models, environment variables, files and collections.
#[derive(Clone, Debug, Default)]
pub struct FakeHost {
    models: BTreeMap<String, Rc<FakeModel>>,
    env: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    collections: BTreeSet<String>,
    records: Rc<RefCell<Vec<Recorded>>>,
    #[cfg(feature = "http")]
    answerer: Option<Answerer>,
}

impl FakeHost {
    /// A host without models.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same host with one more model, to be opened under `name`.
    #[must_use]
    pub fn with_model(mut self, name: &str, model: FakeModel) -> Self {
        self.models.insert(name.to_owned(), Rc::new(model));
        self
    }

    /// The same host with one more environment variable, seen by [`env::var`](crate::env::var).
    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same host with one more file beside the models, seen by [`files::read`](crate::files::read).
    #[must_use]
    pub fn with_file(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), bytes.into());
        self
    }

    /// The same host, which keeps one more collection of every request: see [`FakeSandbox::records`].
    #[must_use]
    pub fn with_collection(mut self, name: &str) -> Self {
        self.collections.insert(name.to_owned());
        self
    }

    /// The same host, by which others answer calls. Without it every call is denied.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_http(
        mut self,
        answer: impl Fn(&crate::http::Request) -> Result<crate::http::Response, crate::http::CallError>
        + 'static,
    ) -> Self {
        self.answerer = Some(Answerer::new(answer));
        self
    }

    #[cfg(feature = "http")]
    pub(super) fn answerer(&self) -> Option<Answerer> {
        self.answerer.clone()
    }

    /// Makes a sandbox: runs the scorer's `init`.
    ///
    /// # Errors
    ///
    /// What `init` answers.
    pub fn init<T: Scorer>(&self) -> Result<FakeSandbox<T>, InitError> {
        let host = Self {
            records: Rc::default(),
            ..self.clone()
        };
        // There is no request that a record could belong to.
        let without_collections = Self {
            collections: BTreeSet::new(),
            ..host.clone()
        };
        let scorer = without_collections.enter(T::init)?;
        Ok(FakeSandbox { host, scorer })
    }

    /// Makes a sandbox of a typed scorer: runs its `init`.
    ///
    /// # Errors
    ///
    /// What `init` answers.
    pub fn init_typed<T: TensorScorer>(&self) -> Result<FakeTypedSandbox<T>, InitError> {
        let host = self.clone();
        let scorer = host.enter(T::init)?;
        Ok(FakeTypedSandbox::new(host, scorer))
    }

    pub(super) fn collects(&self, collection: &str) -> bool {
        self.collections.contains(collection)
    }

    pub(super) fn keep(&self, record: Recorded) {
        self.records.borrow_mut().push(record);
    }

    /// Calls into the scorer with this host as the one that it finds.
    pub(super) fn enter<R>(&self, call: impl FnOnce() -> R) -> R {
        let guard = Entered {
            former: CURRENT.replace(Some(self.clone())),
        };
        let result = call();
        drop(guard);
        result
    }
}

/// A scorer whose `init` has run.
#[derive(Debug)]
pub struct FakeSandbox<T> {
    host: FakeHost,
    scorer: T,
}

impl<T: Scorer> FakeSandbox<T> {
    /// Answers one request.
    ///
    /// # Errors
    ///
    /// What `run` answers.
    pub fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let Self { host, scorer } = self;
        host.enter(|| scorer.run(request))
    }

    /// What the requests so far have recorded, in order.
    pub fn records(&self) -> Vec<Recorded> {
        self.host.records.borrow().clone()
    }
}

thread_local! {
    /// The host of the call in progress. One per thread, since tests run side by side.
    static CURRENT: RefCell<Option<FakeHost>> = const { RefCell::new(None) };
}

/// Puts the former host back even if the scorer panics, as a failing assertion inside a fake model does.
struct Entered {
    former: Option<FakeHost>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.former.take());
    }
}

/// Calls `look` with the host of the call in progress; with none outside of one.
pub(super) fn with_current<R>(look: impl FnOnce(Option<&FakeHost>) -> R) -> R {
    CURRENT.with_borrow(|host| look(host.as_ref()))
}

pub(super) fn find_model(name: &str) -> Result<Rc<FakeModel>, InferenceError> {
    CURRENT.with_borrow(|host| {
        let Some(host) = host else {
            return Err(InferenceError::Failed(
                "no host: models open within `FakeHost::init` and `run` only".to_owned(),
            ));
        };
        let known: Vec<&String> = host.models.keys().collect();
        let found = host.models.get(name).cloned();
        found.ok_or_else(|| {
            InferenceError::UnknownModel(format!("`{name}`; this deployment has {known:?}"))
        })
    })
}

pub(crate) fn env_var(name: &str) -> Option<String> {
    CURRENT.with_borrow(|host| host.as_ref().and_then(|host| host.env.get(name).cloned()))
}

pub(crate) fn file(name: &str) -> Option<Vec<u8>> {
    CURRENT.with_borrow(|host| host.as_ref().and_then(|host| host.files.get(name).cloned()))
}

/// The names of the files; none without a host.
pub(crate) fn file_names() -> Option<Vec<String>> {
    CURRENT.with_borrow(|host| {
        let mut names: Vec<_> = host.as_ref()?.files.keys().cloned().collect();
        names.sort();
        Some(names)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::post_json;
    use crate::{ElementType, Model, Tensor, TensorSpec, env};

    struct Sum {
        model: Model,
        runs: u32,
    }

    impl Scorer for Sum {
        fn init() -> Result<Self, InitError> {
            let name = env::var("MODEL_NAME").ok_or("MODEL_NAME is not set")?;
            Ok(Self {
                model: Model::open(&name)?,
                runs: 0,
            })
        }

        fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
            self.runs += 1;
            let numbers: Vec<i64> = request.json()?;
            let outputs =
                self.model
                    .infer(&[Tensor::new("numbers", &[numbers.len()], &numbers)?])?;
            Response::json(&(self.runs, outputs.get("sum")?.values::<i64>()?))
        }
    }

    fn sum() -> FakeModel {
        FakeModel::new(|inputs| {
            let sum: i64 = inputs[0].values::<i64>().unwrap().iter().sum();
            Ok(vec![Tensor::new("sum", &[], &[sum]).unwrap()])
        })
        .input(TensorSpec::new("numbers", ElementType::Int64, [None]))
        .output(TensorSpec::new("sum", ElementType::Int64, []))
    }

    #[test]
    fn what_init_made_is_there_in_every_run() {
        let host = FakeHost::new()
            .with_model("sum", sum())
            .with_env("MODEL_NAME", "sum");
        let mut sandbox = host.init::<Sum>().unwrap();

        assert_eq!(sandbox.run(post_json("[1, 2]")).unwrap().body, b"[1,[3]]");
        assert_eq!(sandbox.run(post_json("[]")).unwrap().body, b"[2,[0]]");
    }

    #[test]
    fn an_unknown_model_names_those_that_exist() {
        let host = FakeHost::new()
            .with_model("sum", sum())
            .with_env("MODEL_NAME", "product");

        let error = host.init::<Sum>().err().unwrap();

        assert_eq!(
            error.to_string(),
            "unknown model: `product`; this deployment has [\"sum\"]"
        );
    }

    #[test]
    fn init_may_fail_with_plain_text() {
        let error = FakeHost::new().init::<Sum>().err().unwrap();

        assert_eq!(error.to_string(), "MODEL_NAME is not set");
    }

    #[test]
    fn a_fake_model_that_breaks_its_outputs_is_found_out() {
        let liar = FakeModel::new(|_| Ok(Vec::new()))
            .input(TensorSpec::new("numbers", ElementType::Int64, [None]))
            .output(TensorSpec::new("sum", ElementType::Int64, []));
        let host = FakeHost::new()
            .with_model("sum", liar)
            .with_env("MODEL_NAME", "sum");

        let error = host
            .init::<Sum>()
            .unwrap()
            .run(post_json("[1]"))
            .unwrap_err();

        assert!(
            error.to_string().ends_with("tensor `sum` is missing"),
            "{error}"
        );
    }
}
