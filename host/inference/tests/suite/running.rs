//! Running models: the right answers, from any thread, until the deadline.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use mlwasm_inference::{InferenceError, InputView, Model};
use mlwasm_types::{ElementType, Tensor};

use crate::{MAX_OUTPUT_BYTES, floats, later, load};

fn float32<'a>(name: &'a str, shape: &'a [u32], data: &'a [u8]) -> InputView<'a> {
    InputView {
        name,
        element: ElementType::Float32,
        shape,
        data,
    }
}

fn identity(element: ElementType, shape: &[u32], data: &[u8]) -> Result<Tensor, InferenceError> {
    let model = load(&format!("identity-{element}"));
    let mut outputs = model.infer(
        &[InputView {
            name: "x",
            element,
            shape,
            data,
        }],
        later(),
    )?;
    assert_eq!(outputs.len(), 1);
    Ok(outputs.remove(0))
}

#[test]
fn elements_of_every_type_come_back_as_they_went_in() {
    for element in ElementType::ALL {
        let data = match element {
            ElementType::Boolean => vec![1, 0, 0, 1, 1, 0],
            // Not all of it is text: what it means is between the scorer and the model.
            ElementType::Bytes => {
                b"\x02\0\0\0hi\0\0\0\0\x03\0\0\0a\0b\x01\0\0\0\xff\0\0\0\0\0\0\0\0".to_vec()
            }
            other => (1..).take(6 * other.size_in_bytes().unwrap()).collect(),
        };
        let expected = Tensor {
            name: "y".to_owned(),
            element,
            shape: vec![2, 3],
            data: data.clone(),
        };
        assert_eq!(identity(element, &[2, 3], &data).unwrap(), expected);
    }
}

#[test]
fn probabilities_are_those_of_an_export_without_maps() {
    let decks = b"\x05\0\0\0upper\x06\0\0\0middle";
    let fares: Vec<u8> = [75.0_f32, 25.0]
        .iter()
        .flat_map(|fare| fare.to_le_bytes())
        .collect();
    let inputs = [
        InputView {
            name: "deck",
            element: ElementType::Bytes,
            shape: &[2, 1],
            data: decks,
        },
        float32("fare", &[2, 1], &fares),
    ];
    let maps = load("travellers").infer(&inputs, later()).unwrap();
    let tensors = load("travellers-tensors").infer(&inputs, later()).unwrap();

    assert_eq!(maps[0].data, b"\x05\0\0\0saved\x07\0\0\0unknown");
    assert_eq!((&maps[1].shape, maps[1].data.len()), (&vec![2, 3], 24));
    assert_eq!(maps[1].data, tensors[1].data);
    assert!(
        load("labels")
            .infer(&[float32("x", &[1, 2], &fares)], later())
            .is_ok()
    );
}

#[test]
fn data_that_is_not_aligned_is_read_too() {
    for element in ElementType::ALL
        .into_iter()
        .filter(|element| element.size_in_bytes().is_some_and(|size| size > 1))
    {
        let size = element.size_in_bytes().unwrap();
        let data: Vec<u8> = (0..=255).cycle().take(64 * size + 8).collect();
        for start in 0..size {
            let input = &data[start..start + 15 * size];
            assert_eq!(
                identity(element, &[3, 5], input).unwrap().data,
                input,
                "{element} at {start}"
            );
        }
    }
}

#[test]
fn tensors_may_be_empty() {
    for element in ElementType::ALL {
        let output = identity(element, &[0, 3], &[]).unwrap();
        assert_eq!(
            (output.shape, output.data),
            (vec![0, 3], vec![]),
            "{element}"
        );
    }
}

#[test]
fn inputs_are_matched_by_name_and_outputs_keep_the_models_order() {
    let model = load("two-inputs");
    let (a, b) = (floats(&[5.0, 7.0]), floats(&[1.0, 2.0]));
    let given = [float32("b", &[1, 2], &b), float32("a", &[1, 2], &a)];
    let outputs = model.infer(&given, later()).unwrap();
    let names: Vec<_> = outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["sum", "difference"]);
    assert_eq!(outputs[0].data, floats(&[6.0, 9.0]));
    assert_eq!(outputs[1].data, floats(&[4.0, 5.0]));
}

#[test]
fn an_input_without_a_declared_shape_takes_any() {
    let model = load("any-rank");
    for shape in [&[][..], &[1], &[1, 1, 1]] {
        let outputs = model
            .infer(&[float32("x", shape, &floats(&[2.0]))], later())
            .unwrap();
        assert_eq!(
            (outputs[0].shape.as_slice(), &outputs[0].data),
            (shape, &floats(&[-2.0]))
        );
    }
}

#[test]
fn a_model_may_return_its_input() {
    let model = load("returned-input");
    let data = floats(&[1.0, 2.0]);
    // Not aligned, so that the output borrows a copy that only the run knows of.
    let unaligned = [&[0], data.as_slice()].concat();
    for given in [&data, &unaligned[1..]] {
        let outputs = model.infer(&[float32("x", &[2], given)], later()).unwrap();
        assert_eq!((outputs[0].name.as_str(), &outputs[0].data), ("x", &data));
        assert_eq!(
            (outputs[1].name.as_str(), &outputs[1].data),
            ("y", &floats(&[-1.0, -2.0]))
        );
    }
}

#[test]
fn an_input_that_does_not_fit_is_refused_before_anything_runs() {
    let model = load("classifier");
    let typical = model.typical_run();
    let error = model
        .infer(&[float32("x", &[1, 5], &[0; 20])], later())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"input "x": expected float32 [?,4], got float32 [1,5]"#
    );
    assert_eq!(model.typical_run(), typical);
}

#[test]
fn a_model_that_fails_says_why() {
    let model = load("two-inputs");
    let (a, b) = (floats(&[0.0; 4]), floats(&[0.0; 6]));
    let error = model
        .infer(
            &[float32("a", &[2, 2], &a), float32("b", &[3, 2], &b)],
            later(),
        )
        .unwrap_err();
    assert!(
        matches!(&error, InferenceError::Failed { message } if !message.is_empty()),
        "{error}"
    );
}

#[test]
fn outputs_are_limited_to_the_byte() {
    let model = load("expand");
    let run = |elements: usize| {
        let wanted = i64::try_from(elements).unwrap().to_le_bytes();
        let shape = InputView {
            name: "shape",
            element: ElementType::Int64,
            shape: &[1],
            data: &wanted,
        };
        model.infer(&[float32("x", &[1], &floats(&[1.0])), shape], later())
    };
    let most = MAX_OUTPUT_BYTES / 4;
    for elements in [0, 1, most - 1, most] {
        assert_eq!(run(elements).unwrap()[0].data.len(), 4 * elements);
    }
    let error = run(most + 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"output "y" brings the outputs above 1048576 bytes"#
    );
}

#[test]
fn strings_are_limited_to_the_byte() {
    let run = |length: usize| {
        let mut data = u32::try_from(length).unwrap().to_le_bytes().to_vec();
        data.resize(4 + length, b'x');
        identity(ElementType::Bytes, &[1, 1], &data)
    };
    assert_eq!(
        run(MAX_OUTPUT_BYTES - 4).unwrap().data.len(),
        MAX_OUTPUT_BYTES
    );
    assert!(matches!(
        run(MAX_OUTPUT_BYTES - 3),
        Err(InferenceError::OutputTooLarge { .. })
    ));
}

/// Runs `loop` for so many rounds; a round takes about a microsecond.
fn run_loop(
    model: &dyn Model,
    rounds: i64,
    deadline: Instant,
) -> Result<Vec<Tensor>, InferenceError> {
    let rounds = rounds.to_le_bytes();
    let rounds = InputView {
        name: "rounds",
        element: ElementType::Int64,
        shape: &[],
        data: &rounds,
    };
    model.infer(&[rounds, float32("x", &[1], &floats(&[0.0]))], deadline)
}

#[test]
fn a_run_is_stopped_at_its_deadline_and_the_next_is_not() {
    let model = load("loop");
    for _ in 0..3 {
        let deadline = Instant::now() + Duration::from_millis(50);
        let error = run_loop(&*model, i64::MAX, deadline).unwrap_err();
        assert_eq!(error, InferenceError::DeadlineExceeded);
        // A tick of the watchdog takes 5 ms; the rest is for a busy machine.
        let late = deadline.elapsed();
        assert!(
            late < Duration::from_millis(500),
            "stopped {late:?} after the deadline"
        );
        assert_eq!(
            run_loop(&*model, 3, later()).unwrap()[0].data,
            floats(&[3.0])
        );
    }
}

#[test]
fn a_run_whose_deadline_has_passed_does_not_start() {
    let model = load("loop");
    let typical = model.typical_run();
    assert_eq!(
        run_loop(&*model, 1, Instant::now()),
        Err(InferenceError::DeadlineExceeded)
    );
    assert_eq!(model.typical_run(), typical);
}

#[test]
fn the_end_of_one_run_is_not_the_end_of_its_neighbours() {
    let model = load("loop");
    let stop = Instant::now() + Duration::from_secs(1);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while Instant::now() < stop {
                    let deadline = Instant::now() + Duration::from_millis(7);
                    let error = run_loop(&*model, i64::MAX, deadline).unwrap_err();
                    assert_eq!(error, InferenceError::DeadlineExceeded);
                }
            });
            scope.spawn(|| {
                while Instant::now() < stop {
                    assert_eq!(
                        run_loop(&*model, 100, later()).unwrap()[0].data,
                        floats(&[100.0])
                    );
                }
            });
        }
    });
}

#[test]
fn many_threads_get_right_answers_from_one_model() {
    let model = load("classifier");
    let input = |seed: usize| {
        let rows = 1 + seed % 9;
        let values: Vec<f32> = (0..4 * rows)
            .map(|i| f32::from(u8::try_from((i * 7 + seed) % 13).unwrap()))
            .collect();
        (u32::try_from(rows).unwrap(), floats(&values))
    };
    let run = |model: &Arc<dyn Model>, seed: usize| {
        let (rows, data) = input(seed);
        model
            .infer(&[float32("x", &[rows, 4], &data)], later())
            .unwrap()
    };
    let alone: Vec<_> = (0..64).map(|seed| run(&model, seed)).collect();
    thread::scope(|scope| {
        for offset in 0..8 {
            let (model, alone, run) = (&model, &alone, &run);
            scope.spawn(move || {
                for round in 0..2000 {
                    let seed = (round * 5 + offset) % 64;
                    assert_eq!(run(model, seed), alone[seed]);
                }
            });
        }
    });
}

#[test]
fn the_typical_run_tells_slow_models_from_quick_ones() {
    let model = load("loop");
    for _ in 0..50 {
        run_loop(&*model, 1, later()).unwrap();
    }
    let quick = model.typical_run();
    for _ in 0..10 {
        run_loop(&*model, 20_000, later()).unwrap();
    }
    assert!(
        model.typical_run() > 10 * quick,
        "{quick:?}, then {:?}",
        model.typical_run()
    );
}
