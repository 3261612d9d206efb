//! What the operator may set about the data plane.

use std::time::Duration;

/// Limits of the data plane, for all endpoints together.
///
/// Limits of one deployment stand in its own settings, in the routing table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Largest request body in bytes; a larger one is refused with 413.
    pub max_body_bytes: u64,
    /// Most header fields of a request; more are refused with 431. Above 100, each HTTP/1 request costs one more
    /// allocation.
    pub max_headers: usize,
    /// Largest head of a request in bytes, request line included; a larger one is refused with 431.
    pub max_header_bytes: u32,
    /// Longest that the head of a request may take to arrive; a slower connection is closed.
    pub header_timeout: Duration,
    /// Longest that the body of a request may take to arrive, counted from its head; a slower one gets 408.
    pub body_timeout: Duration,
    /// Longest that a connection stays open without a request.
    pub idle_timeout: Duration,
    /// Most connections at once; further ones wait to be accepted. Keep it below half the limit of open files.
    pub max_connections: u32,
    /// Most mirrored requests in flight, over all endpoints; further ones are shed.
    pub max_mirrored_requests: usize,
    /// Most bytes of mirrored request bodies in flight, over all endpoints; what exceeds them is shed.
    pub max_mirrored_bytes: usize,
}
