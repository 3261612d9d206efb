//! Tells the language of texts: `{"texts": ["Können Sie mir sagen, wo die nächste Apotheke ist?"]}` to `{"predictions": [{"label": "de", "probability": 0.99}]}`.
//!
//! Read `scorer` first. The vocabulary and the labels are files beside the model, so the same scorer serves any classifier
//! that was trained on the pieces of words that `tokenizer` makes.

mod features;
mod scorer;
mod tokenizer;

pub use scorer::TextClassifier;

mlwasm_sdk::scorer!(TextClassifier);
