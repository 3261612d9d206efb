//! One request in a sandbox: the echo scorer, with bodies of three sizes, reused and fresh.

use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput};
use mlwasm_bench::{PoolOf, run};
use mlwasm_harness::plugins;
use mlwasm_types::Isolation;
use tokio::runtime::Runtime;

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("threads can be started");
    for isolation in [Isolation::Deployment, Isolation::Request] {
        let mut group = criterion.benchmark_group(format!("echo, isolation {isolation:?}"));
        let pool = PoolOf {
            scorer: plugins::path("echo"),
            instances: 2,
            isolation,
            model: None,
        };
        let pool = runtime.block_on(pool.start()).expect("echo starts");
        for size in [100_u32, 10_000, 1_000_000] {
            let body = vec![b'x'; size as usize];
            group.throughput(Throughput::Bytes(size.into()));
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter_custom(|times| {
                    runtime.block_on(async {
                        let start = Instant::now();
                        for _ in 0..times {
                            run(&pool, "", &body).await.expect("echo answers");
                        }
                        start.elapsed()
                    })
                });
            });
        }
        group.finish();
    }
}
