//! `cargo bench --bench parts`: what single parts cost, without a server and without a load.
//!
//! For finding where time goes while a part is worked on: the figures are this machine's. What is promised is
//! measured by `cargo xtask bench`.

mod choose;
mod infer;
mod pool;
mod sandbox;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    parts,
    sandbox::benches,
    pool::benches,
    infer::benches,
    choose::benches
);
criterion_main!(parts);
