//! The administration API as its callers see it, without a socket and without a scorer.
//!
//! What needs a scorer that runs is in the workspace's suite.

#[cfg(test)]
mod artifacts;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod server;
