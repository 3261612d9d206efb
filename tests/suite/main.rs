//! The promises of mlwasm, each held by a test: a module is a promise, a test's name is a claim.
//!
//! Everything goes through the front door: the built binary, real components, real models, real sockets. Each test
//! starts a platform of its own, so they run in any order and at once.

#[cfg(test)]
mod access;
#[cfg(test)]
mod access_log;
#[cfg(test)]
mod administration;
#[cfg(test)]
mod anonymous;
#[cfg(test)]
mod apply;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod auth;
#[cfg(test)]
mod autoscale;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batching;
#[cfg(test)]
mod classifiers;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod cohorts;
#[cfg(test)]
mod collection;
#[cfg(test)]
mod compiling;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod egress;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod faults_by_language;
#[cfg(test)]
mod files;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod hot_swap;
#[cfg(test)]
mod inference;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod instance_types;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod kserve_v1;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod logs_on_disk;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod monitoring;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod parallel;
#[cfg(test)]
mod powers;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod recycling;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod revisions;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod sdks;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod shadow;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod start;
#[cfg(test)]
mod status_codes;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tensors;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod traffic;
#[cfg(test)]
mod two_operators;
#[cfg(test)]
mod v2_grpc;
#[cfg(test)]
mod v2_malformed;
#[cfg(test)]
mod v2_rest;
