#[path = "suite/support.rs"]
#[allow(dead_code)]
mod support;
use std::time::Instant;
use http::HeaderMap;
use mlwasm_sandbox::*;
use support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bench() {
    let pool = pool("echo", settings()).await;
    let headers = HeaderMap::new();
    let mut four = HeaderMap::new();
    for n in ["accept", "user-agent", "x-request-id", "traceparent"] { four.insert(n, "some-value-here".parse().unwrap()); }
    for (label, size, h) in [("100 B", 100, &headers), ("100 B + 4 headers", 100, &four), ("10 KB", 10_000, &headers), ("1 MB", 1_000_000, &headers)] {
        let body = vec![1u8; size];
        let n = if size > 100_000 { 5_000 } else { 300_000 };
        let mut best = f64::MAX;
        let mut bl = f64::MAX;
        for _ in 0..5 {
            let t = Instant::now();
            for _ in 0..n {
                let lease = pool.lease(later()).await.unwrap();
                let r = lease.run(ScoringRequest { body: &body, content_type: Some("application/json"), ..request(h) }, later()).await;
                assert!(r.outcome.is_ok());
            }
            best = best.min(t.elapsed().as_secs_f64() / n as f64 * 1e6);
            let t = Instant::now();
            for _ in 0..n { drop(pool.lease(later()).await.unwrap()); }
            bl = bl.min(t.elapsed().as_secs_f64() / n as f64 * 1e6);
        }
        println!("{label}: lease+run {best:.3} us, lease alone {bl:.3} us");
    }
    // fresh sandboxes
    let engine = engine(8);
    let s = scorer(&engine, "echo");
    let n = 2000;
    let t = Instant::now();
    for _ in 0..n {
        let p = SandboxPool::start(s.clone(), settings()).await.unwrap();
        drop(p);
    }
    println!("pool of one: start+drop {:.2} us", t.elapsed().as_secs_f64() / n as f64 * 1e6);
}
