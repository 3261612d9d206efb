//! The open inference protocol over gRPC, and gRPC's own health checks.
//!
//! A call is turned into a request of the REST form (`request`), takes the same way, and its answer is turned back
//! (`answer`). Whom it is for stands in its message, of which therefore a beginning is read first (`open`). What there is beside
//! inference is answered in `service`; `stream` takes message after message of one call.

mod answer;
mod frame;
mod generated;
mod health;
mod method;
mod names;
mod open;
mod request;
mod service;
mod status;
mod stream;
mod timeout;
mod weight;

use http::HeaderMap;

pub(crate) use answer::close;
pub(crate) use method::Method;
pub(crate) use open::{Opened, open};
pub(crate) use request::open_request;
pub(crate) use timeout::timeout;

use crate::v2::Coding;

/// How messages of a call are compressed that are marked as compressed.
pub(crate) fn coding(headers: &HeaderMap) -> Option<Coding> {
    Coding::named(headers.get("grpc-encoding")?.to_str().ok()?)
}
