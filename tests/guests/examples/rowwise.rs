//! A typed scorer whose rows do not depend on each other: gives back each row of `x` doubled, and beside it the number of rows
//! in the call. Fails in the way that the first number of any row asks for.

use std::hint::black_box;

use mlwasm_sdk::{
    ElementType, InitError, ScoreError, Signature, Tensor, TensorScorer, TensorSpec, Tensors, log,
};

struct Rowwise;

impl TensorScorer for Rowwise {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(&self) -> Signature {
        let rows = |name: &str| TensorSpec::new(name, ElementType::Float32, [None, None]);
        Signature::new()
            .input(rows("x"))
            .output(rows("doubled"))
            .output(TensorSpec::new("in_call", ElementType::Int64, [None]))
    }

    #[expect(clippy::panic, reason = "what this guest is for")]
    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        let x = inputs.get("x")?;
        let (rows, width) = match x.shape() {
            [rows, width] => (*rows as usize, (*width as usize).max(1)),
            other => return Err(ScoreError::internal(format!("x has the shape {other:?}"))),
        };
        log::info(format_args!("{rows} rows"));
        let values = x.values::<f32>()?;
        let mut given = rows;
        for first in values.chunks(width).filter_map(<[f32]>::first) {
            match *first {
                -1.0 => loop {
                    black_box(());
                },
                -2.0 => panic!("on purpose"),
                -3.0 => return Err(ScoreError::bad_request("no such row")),
                -4.0 => given = 1,
                _ => {}
            }
        }
        let doubled: Vec<f32> = values[..given * width].iter().map(|it| it * 2.0).collect();
        Ok(vec![
            Tensor::new("doubled", &[given, width], &doubled)?,
            Tensor::new("in_call", &[rows], &vec![rows as i64; rows])?,
        ])
    }
}

mlwasm_sdk::tensor_scorer!(Rowwise);
