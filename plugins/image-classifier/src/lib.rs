//! Tells what is on an image: PNG or JPEG to `{"label": "7", "probability": 0.98}`.
//!
//! Only the sandbox's build has the decoders, and with them the scorer. Read `scorer` first. `decode` takes whatever a client may send; `shrink` makes of it what the model was trained on.

#[cfg(target_family = "wasm")]
mod decode;
#[cfg(any(target_family = "wasm", test))]
mod grey;
#[cfg(target_family = "wasm")]
mod scorer;
#[cfg(any(target_family = "wasm", test))]
mod shrink;

#[cfg(target_family = "wasm")]
pub use scorer::ImageClassifier;

#[cfg(target_family = "wasm")]
mlwasm_sdk::scorer!(ImageClassifier);
