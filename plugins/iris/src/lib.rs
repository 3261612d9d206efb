//! The iris scorer: measurements of flowers in, species and probabilities out.
//!
//! ```json
//! {"data": [[5.1, 3.5, 1.4, 0.2]]}
//! {"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.98, "versicolor": 0.02, "virginica": 0.0}}]}
//! ```
//!
//! Over the Open Inference Protocol it takes and gives the model's own tensors.
//!
//! Works with any model that takes `input`, float32 `[N, 4]`, and gives `label`, int64 `[N]`, and `probabilities`,
//! float32 `[N, 3]`. Read [`IrisScorer`] first, then `flowers` (what comes in) and `prediction` (what goes out).

mod flowers;
mod prediction;
mod scorer;

pub use scorer::IrisScorer;

mlwasm_sdk::scorer!(IrisScorer);
