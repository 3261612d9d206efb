//! Joined runs: each request gets its own rows, as if it had run alone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use mlwasm_inference::{
    BatchCounts, Begun, InferenceBackend, InferenceError, InputView, Model, ModelOptions,
};
use mlwasm_types::{Batching, ElementType, Tensor};

use crate::{
    bytes_of, floats, later,
    rows::{Request, Run, all, elsewhere, joining, keep_busy, model, until, with_lanes},
};

fn counts(model: &Arc<dyn Model>) -> BatchCounts {
    model.batches().unwrap()
}

/// Lets `requests` gather while the only lane is busy, and returns how they ended and how many runs that took.
async fn gathered(
    max_batch_size: u32,
    requests: &[Request],
) -> (Vec<Result<Vec<Tensor>, InferenceError>>, u64) {
    let runtime = with_lanes(1);
    let model = joining(&runtime, max_batch_size);
    let busy = keep_busy(&runtime, &model).await;
    let runs: Vec<Run> = requests
        .iter()
        .map(|request| request.begin(&model))
        .collect();
    drop(busy);
    let ran = all(runs).await;
    let results = ran.into_iter().map(|ran| ran.result).collect();
    (results, counts(&model).batches - 1)
}

#[tokio::test]
async fn each_request_gets_its_own_rows_whatever_it_was_joined_with() {
    let plain = model(&with_lanes(1), None);
    for round in 0..8_u8 {
        // 1 to 7 rows, in another order each time: some jobs fill up to the row, some do not.
        let requests: Vec<_> = (0..12_u8)
            .map(|n| Request::new(n * 7 + round, u32::from((n * 5 + round * 3) % 7) + 1, 2))
            .collect();
        let (results, batches) = gathered(8, &requests).await;
        for (request, result) in requests.iter().zip(results) {
            assert_eq!(result, request.alone(&*plain));
        }
        assert!(batches < 12, "{batches} runs for 12 requests");
    }
}

#[tokio::test]
async fn runs_are_joined_up_to_the_largest_size_and_no_further() {
    for (rows, batches) in [
        (&[1, 1, 1][..], 1),
        (&[1, 1, 1, 1], 1),
        (&[1, 1, 1, 1, 1], 2),
        (&[4, 1], 2),
        (&[3, 2, 1], 2),
        // More than fits at all is run as it came.
        (&[9], 1),
        (&[9, 1], 2),
    ] {
        let requests: Vec<_> = rows.iter().map(|rows| Request::new(1, *rows, 2)).collect();
        let (results, found) = gathered(4, &requests).await;
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(found, batches, "{rows:?}");
    }
}

#[tokio::test]
async fn other_shapes_are_not_joined() {
    let plain = model(&with_lanes(1), None);
    let requests = [
        Request::new(1, 1, 2),
        Request::new(2, 1, 3),
        Request::new(3, 2, 2),
        Request::new(4, 1, 3),
        // What has no number of rows of its own runs alone.
        Request::new(5, 2, 2).one_round_for_all(),
    ];
    let (results, batches) = gathered(8, &requests).await;
    for (request, result) in requests.iter().zip(results) {
        assert_eq!(result, request.alone(&*plain));
    }
    assert_eq!(batches, 3);
}

#[tokio::test]
async fn a_row_that_makes_the_model_fail_fails_alone() {
    let plain = model(&with_lanes(1), None);
    let requests = [
        Request::new(1, 2, 2),
        Request::new(2, 1, 2).spoiled(),
        Request::new(3, 3, 2),
    ];
    let (results, batches) = gathered(8, &requests).await;
    assert_eq!(batches, 1);
    assert_eq!(results[0], requests[0].alone(&*plain));
    assert!(
        matches!(&results[1], Err(InferenceError::Failed { message }) if message.contains('7'))
    );
    assert_eq!(results[2], requests[2].alone(&*plain));
}

#[tokio::test]
async fn an_input_that_does_not_fit_is_refused_before_it_meets_others() {
    let runtime = with_lanes(1);
    let model = joining(&runtime, 8);
    let busy = keep_busy(&runtime, &model).await;
    let good = Request::new(1, 1, 2);
    let run = good.begin(&model);
    let wrong = InputView {
        name: "x",
        element: ElementType::Float32,
        shape: &[1, 2],
        data: &[0; 7],
    };
    let Begun::Ended(ran) = model.begin(&[wrong], later()) else {
        panic!("it was let in");
    };
    assert!(matches!(ran.result, Err(InferenceError::InvalidInput(_))));
    drop(busy);
    assert_eq!(run.await.result, good.alone(&*model));
    let expected = BatchCounts {
        batches: 2,
        rows: 2,
    };
    assert_eq!(counts(&model), expected);
}

#[tokio::test]
async fn whoever_leaves_takes_its_rows_along_and_nobody_else_s() {
    let plain = model(&with_lanes(1), None);
    let runtime = with_lanes(1);
    let model = joining(&runtime, 16);
    let busy = keep_busy(&runtime, &model).await;
    let requests: Vec<_> = (0..5)
        .map(|n| Request::new(n, u32::from(n) + 1, 2))
        .collect();
    let runs: Vec<Run> = requests
        .iter()
        .map(|request| request.begin(&model))
        .collect();
    let mut staying = Vec::new();
    for (position, run) in runs.into_iter().enumerate() {
        match position {
            0 | 2 => drop(run),
            _ => staying.push((position, run)),
        }
    }
    drop(busy);
    for (position, run) in staying {
        assert_eq!(run.await.result, requests[position].alone(&*plain));
    }
    let expected = BatchCounts {
        batches: 2,
        rows: 1 + 2 + 4 + 5,
    };
    assert_eq!(counts(&model), expected);
}

#[tokio::test]
async fn whoever_leaves_a_run_that_has_begun_does_not_end_it_for_the_others() {
    let runtime = with_lanes(1);
    let model = joining(&runtime, 8);
    let busy = keep_busy(&runtime, &model).await;
    let stays = Request::new(1, 1, 2).rounds(300_000);
    let (stay, leave) = (
        stays.begin(&model),
        Request::new(2, 1, 2).rounds(300_000).begin(&model),
    );
    drop(busy);
    until(|| counts(&model).batches == 2).await;
    drop(leave);
    assert_eq!(stay.await.result, stays.alone(&*model));
}

#[tokio::test]
async fn a_run_that_everybody_left_is_stopped() {
    let runtime = with_lanes(1);
    let model = joining(&runtime, 8);
    let busy = keep_busy(&runtime, &model).await;
    let runs = [
        Request::endless().begin(&model),
        Request::endless().begin(&model),
    ];
    drop(busy);
    until(|| counts(&model).batches == 2).await;
    drop(runs);
    until(|| runtime.lanes().busy == 0).await;
}

#[tokio::test]
async fn whoever_is_late_is_answered_without_a_run() {
    let runtime = with_lanes(1);
    let model = joining(&runtime, 8);
    let busy = keep_busy(&runtime, &model).await;
    let deadline = Instant::now() + Duration::from_millis(20);
    let late = Request::new(1, 1, 2).until(deadline).begin(&model);
    let in_time = Request::new(2, 1, 2).begin(&model);
    until(|| Instant::now() > deadline).await;
    drop(busy);
    assert_eq!(late.await.result, Err(InferenceError::DeadlineExceeded));
    assert!(in_time.await.result.is_ok());
    let expected = BatchCounts {
        batches: 2,
        rows: 2,
    };
    assert_eq!(counts(&model), expected);
}

#[tokio::test]
async fn a_joined_run_ends_at_the_latest_deadline_of_its_members() {
    let runtime = with_lanes(1);
    let model = joining(&runtime, 8);
    let busy = keep_busy(&runtime, &model).await;
    let deadline = Instant::now() + Duration::from_millis(300);
    let runs = [deadline - Duration::from_millis(100), deadline]
        .map(|deadline| Request::endless().until(deadline).begin(&model));
    drop(busy);
    for ran in all(runs).await {
        assert_eq!(ran.result, Err(InferenceError::DeadlineExceeded));
    }
    assert!(Instant::now() >= deadline);
}

#[tokio::test]
async fn a_run_may_wait_for_company_while_another_is_under_way() {
    let runtime = with_lanes(2);
    let batching = Batching {
        max_batch_size: 2,
        max_queue_delay_us: 1_000_000,
    };
    let model = model(&runtime, Some(batching));
    let busy = keep_busy(&runtime, &model).await;
    // The second lane is free, and leaves the first row alone until the second comes.
    let runs = [1, 2].map(|seed| Request::new(seed, 1, 2).begin(&model));
    for ran in all(runs).await {
        assert!(ran.result.is_ok());
    }
    drop(busy);
    let expected = BatchCounts {
        batches: 2,
        rows: 3,
    };
    assert_eq!(counts(&model), expected);
}

#[tokio::test]
async fn joined_sums_are_those_of_single_rows_but_for_the_last_digits() {
    let runtime = with_lanes(1);
    // Enough rows to make this small model a slow one.
    let sample = format!(
        r#"{{"inputs": [{{"name": "x", "datatype": "FP32", "shape": [20000, 4], "data": [{}]}}]}}"#,
        ["1, 2, 3, 4"; 20_000].join(",")
    );
    let options = ModelOptions {
        batching: Some(Batching::default()),
        sample: Some(sample.as_bytes()),
        ..ModelOptions::default()
    };
    let classifier = runtime.load_as(&bytes_of("classifier"), &options).unwrap();
    let busy = keep_busy(&runtime, &model(&runtime, None)).await;
    let inputs: Vec<_> = (0..20_u8)
        .map(|n| floats(&[0.1, 0.7, 1.3, 2.9].map(|it| it * f32::from(n))))
        .collect();
    fn view(data: &[u8]) -> InputView<'_> {
        InputView {
            name: "x",
            element: ElementType::Float32,
            shape: &[1, 4],
            data,
        }
    }
    let runs: Vec<Run> = inputs
        .iter()
        .map(|data| elsewhere(classifier.begin(&[view(data)], later())))
        .collect();
    drop(busy);
    for (data, ran) in inputs.iter().zip(all(runs).await) {
        let joined = values(&ran.result.unwrap()[0]);
        let alone = values(&classifier.infer(&[view(data)], later()).unwrap()[0]);
        for (joined, alone) in joined.iter().zip(&alone) {
            // A product of many rows may be summed in another order than one of a single row.
            assert!((joined - alone).abs() <= 1e-6, "{joined} {alone}");
        }
    }
    let expected = BatchCounts {
        batches: 1,
        rows: 20,
    };
    assert_eq!(counts(&classifier), expected);
}

fn values(tensor: &Tensor) -> Vec<f32> {
    let (values, _) = tensor.data.as_chunks();
    values.iter().map(|it| f32::from_le_bytes(*it)).collect()
}
