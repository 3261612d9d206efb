//! The suite is in `main.rs`; a library target is needed by nothing.
