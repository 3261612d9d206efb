//! Collections: records of what a scorer did between request and answer, kept by the platform beside the request's bodies.

use serde::Serialize;

use crate::CollectionError;

#[cfg(not(target_family = "wasm"))]
use crate::testing as host;
#[cfg(target_family = "wasm")]
use crate::wasm as host;

/// A collection of records, by its name.
///
/// The deployment's settings say which collections are kept, and of which share of the requests:
/// `data_collector.collections.features.enabled`. Records carry the ids of the request that made them, so a record of
/// `features` is found beside the request's body and its answer. Where nothing is kept, a record costs two short calls to the host.
///
/// ```
/// use mlwasm_sdk::{Collection, InitError, Request, Response, ScoreError, Scorer};
///
/// struct Risk {
///     features: Collection,
/// }
///
/// #[derive(serde::Serialize)]
/// struct Features {
///     income: f32,
///     age: f32,
/// }
///
/// impl Scorer for Risk {
///     fn init() -> Result<Self, InitError> {
///         Ok(Self { features: Collection::named("features") })
///     }
///
///     fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
///         let [income, age]: [f32; 2] = request.json()?;
///         self.features.record(&Features { income, age })?;
///         Response::json(&(income > 100.0 * age))
///     }
/// }
/// # let host = mlwasm_sdk::testing::FakeHost::new().with_collection("features");
/// # let mut sandbox = host.init::<Risk>().unwrap();
/// # sandbox.run(mlwasm_sdk::testing::post_json("[1.5, 2]")).unwrap();
/// # assert_eq!(sandbox.records()[0].data, br#"{"income":1.5,"age":2.0}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    name: String,
}

impl Collection {
    /// The collection of this name: 1 to 32 letters, digits, `-` or `_`, as in Azure's `model_inputs`.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// Whether records of this request are kept. Ask before making what is costly and serves nothing else. Never so in `init`.
    pub fn is_enabled(&self) -> bool {
        host::is_collected(&self.name)
    }

    /// Adds a record as JSON. If nothing is kept, `record` is not even written as JSON.
    ///
    /// # Errors
    ///
    /// [`CollectionError`], also where nothing is kept if the name is none. That a record was dropped since the server had too
    /// much to do is no error.
    pub fn record<T: Serialize + ?Sized>(&self, record: &T) -> Result<(), CollectionError> {
        let json = match self.is_enabled() {
            true => serde_json::to_vec(record)
                .map_err(|error| CollectionError::Invalid(error.to_string()))?,
            false => Vec::new(),
        };
        self.record_bytes("application/json", &json)
    }

    /// Adds a record of any media type.
    ///
    /// # Errors
    ///
    /// As [`Collection::record`], and [`CollectionError::Invalid`] if HTTP does not allow the media type.
    pub fn record_bytes(&self, content_type: &str, data: &[u8]) -> Result<(), CollectionError> {
        host::collect(&self.name, content_type, data)
    }
}
