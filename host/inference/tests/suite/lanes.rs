//! Long runs: elsewhere, in turn, stopped when nobody waits for them.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use mlwasm_inference::{
    Begun, InferenceBackend, InferenceError, InputView, LaneCounts, ModelOptions,
};
use mlwasm_types::ElementType;
use tokio::{task::JoinSet, time::timeout_at};

use crate::{
    bytes_of, floats, later,
    rows::{Request, all, elsewhere, keep_busy, model, until, with_lanes},
};

#[tokio::test]
async fn short_runs_stay_and_long_ones_leave() {
    let runtime = with_lanes(1);
    let short = runtime.load(&bytes_of("classifier")).unwrap();
    let data = floats(&[1.0; 4]);
    let view = InputView {
        name: "x",
        element: ElementType::Float32,
        shape: &[1, 4],
        data: &data,
    };
    // The first runs on a busy machine may have taken long.
    while short.typical_run() > Duration::from_micros(100) {
        short.infer(&[view], later()).unwrap();
    }
    let Begun::Ended(ran) = short.begin(&[view], later()) else {
        panic!("it went to a lane");
    };
    assert_eq!(ran.result, short.infer(&[view], later()));
    assert!(!ran.took.is_zero() && ran.cpu == ran.took, "{ran:?}");

    let long = model(&runtime, None);
    let request = Request::new(1, 3, 2).rounds(20_000);
    let ran = request.begin(&long).await;
    assert_eq!(ran.result, request.alone(&*long));
    assert!(!ran.cpu.is_zero() && ran.took >= ran.cpu, "{ran:?}");
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_run_and_what_runs_is_stopped() {
    let runtime = with_lanes(1);
    let model = model(&runtime, None);
    let running = keep_busy(&runtime, &model).await;
    let waiting = Request::endless().begin(&model);
    let counts = |busy, waiting| LaneCounts {
        lanes: 1,
        busy,
        waiting,
    };
    assert_eq!(runtime.lanes(), counts(1, 1));
    drop(waiting);
    assert_eq!(runtime.lanes(), counts(1, 0));
    drop(running);
    until(|| runtime.lanes() == counts(0, 0)).await;
}

#[tokio::test]
async fn a_stopped_run_does_not_stop_the_next_one_with_the_same_deadline() {
    let runtime = with_lanes(1);
    let model = model(&runtime, None);
    let deadline = later();
    for _ in 0..100 {
        let stopped = Request::endless().until(deadline).begin(&model);
        let next = Request::new(1, 1, 2)
            .rounds(5_000)
            .until(deadline)
            .begin(&model);
        until(|| runtime.lanes().busy == 1).await;
        drop(stopped);
        assert!(next.await.result.is_ok());
    }
}

#[tokio::test]
async fn a_model_at_saturation_does_not_hold_up_another() {
    let runtime = with_lanes(1);
    let (greedy, modest) = (model(&runtime, None), model(&runtime, None));
    let busy = keep_busy(&runtime, &greedy).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    let greedy_ones = (0..6).map(|seed| ("greedy", &greedy, seed));
    for (name, model, seed) in greedy_ones.chain([("modest", &modest, 9)]) {
        let run = Request::new(seed, 1, 2).rounds(5_000).begin(model);
        let order = Arc::clone(&order);
        tasks.spawn(async move {
            run.await.result.unwrap();
            order.lock().unwrap().push(name);
        });
    }
    drop(busy);
    tasks.join_all().await;
    let order = order.lock().unwrap();
    assert_eq!(order.len(), 7);
    assert_eq!(order[0], "modest", "{order:?}");
}

#[tokio::test]
async fn runs_of_one_model_are_served_in_the_order_in_which_they_came() {
    let runtime = with_lanes(1);
    let model = model(&runtime, None);
    let busy = keep_busy(&runtime, &model).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for seed in 0..8 {
        let run = Request::new(seed, 1, 2).rounds(5_000).begin(&model);
        let order = Arc::clone(&order);
        tasks.spawn(async move {
            run.await.result.unwrap();
            order.lock().unwrap().push(seed);
        });
    }
    drop(busy);
    tasks.join_all().await;
    assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_operator_that_nothing_stops_keeps_its_lane_and_not_its_caller() {
    let runtime = with_lanes(1);
    let options = ModelOptions {
        // Large enough that the model is a slow one.
        sample: Some(
            br#"{"inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]},
                {"name": "size", "datatype": "INT64", "shape": [1], "data": [800]}]}"#,
        ),
        ..ModelOptions::default()
    };
    let model = runtime
        .load_as(&bytes_of("one-operator"), &options)
        .unwrap();
    let (x, size) = (floats(&[1.0]), 3_000_i64.to_le_bytes());
    let inputs = [
        ("x", ElementType::Float32, &x[..]),
        ("size", ElementType::Int64, &size),
    ]
    .map(|(name, element, data)| InputView {
        name,
        element,
        shape: &[1],
        data,
    });
    let deadline = Instant::now() + Duration::from_millis(100);
    let run = elsewhere(model.begin(&inputs, deadline));
    // As the guard around a request does it.
    let ended = timeout_at(deadline.into(), run).await;
    let counts = runtime.lanes();
    assert!(ended.is_err() && counts.busy == 1, "{ended:?}, {counts:?}");
    until(|| runtime.lanes().busy == 0).await;
}

#[tokio::test]
async fn runs_on_lanes_end_at_their_deadline() {
    let runtime = with_lanes(2);
    let model = model(&runtime, None);
    let deadline = Instant::now() + Duration::from_millis(50);
    let runs: Vec<_> = (0..3)
        .map(|_| Request::endless().until(deadline).begin(&model))
        .collect();
    for ran in all(runs).await {
        assert_eq!(ran.result, Err(InferenceError::DeadlineExceeded));
    }
    assert!(Instant::now() >= deadline);
}
