//! A sandbox lent and given back, unused: by one task, and by many that wait for each other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion};
use mlwasm_bench::PoolOf;
use mlwasm_harness::plugins;
use mlwasm_sandbox::SandboxPool;
use mlwasm_types::Isolation;
use tokio::{runtime::Runtime, task::JoinSet};

const SANDBOXES: u32 = 4;

pub(crate) fn benches(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("threads can be started");
    let pool = PoolOf {
        scorer: plugins::path("echo"),
        instances: SANDBOXES,
        isolation: Isolation::Deployment,
        model: None,
    };
    let pool = runtime.block_on(pool.start()).expect("echo starts");
    let mut group = criterion.benchmark_group(format!("lease and return, {SANDBOXES} sandboxes"));
    for tasks in [1_u64, 4, 16] {
        let name = BenchmarkId::new("tasks", tasks);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| runtime.block_on(lease(&pool, tasks, times)));
        });
    }
    group.finish();
}

/// How long `tasks` at once take for `times` leases together.
async fn lease(pool: &Arc<SandboxPool>, tasks: u64, times: u64) -> Duration {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let pool = Arc::clone(pool);
        running.spawn(async move {
            let until = start + Duration::from_secs(600);
            for _ in 0..times.div_ceil(tasks) {
                drop(pool.lease(until).await.expect("a sandbox comes free"));
                // Else one task would be done before the next one starts.
                tokio::task::yield_now().await;
            }
        });
    }
    running.join_all().await;
    start.elapsed()
}
