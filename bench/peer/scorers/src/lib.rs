//! The scorers of `bench/peer`: each does what the scripts of the other servers do, no more and no less.
//!
//! They read numbers from JSON or from bytes, run the model, and write numbers as JSON: the shortest digits that give
//! the same float again, as the others' JSON libraries do.

mod echo;
mod forward;
mod iris;

pub use echo::Echo;
pub use forward::Forward;
pub use iris::Iris;
