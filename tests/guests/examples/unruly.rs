//! A typed scorer that breaks its signature, or fails, in the way that its input asks for.

use std::hint::black_box;

use mlwasm_sdk::{
    ElementType, InitError, ScoreError, Signature, Tensor, TensorScorer, TensorSpec, Tensors,
};

struct Unruly;

impl TensorScorer for Unruly {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(&self) -> Signature {
        Signature::new()
            .input(TensorSpec::new("how", ElementType::Bytes, [Some(1)]))
            .output(TensorSpec::new("y", ElementType::Float32, [None, Some(2)]))
            .output(TensorSpec::new("words", ElementType::Bytes, [None]))
    }

    #[expect(clippy::panic, reason = "what this guest is for")]
    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        let how = inputs.get("how")?.texts()?[0];
        let y = |shape: &[u32], bytes: usize| {
            Tensor::from_bytes("y", ElementType::Float32, shape.to_vec(), vec![0; bytes])
        };
        let words = |count: u32, data: &[u8]| {
            Tensor::from_bytes("words", ElementType::Bytes, vec![count], data.to_vec())
        };
        let (right, none) = (y(&[1, 2], 8), words(0, b""));
        Ok(match how {
            "right" => vec![right, none],
            "none" => vec![],
            "missing" => vec![right],
            "twice" => vec![right, none.clone(), none],
            "stranger" => vec![right, none, Tensor::new("more", &[], &[0_u8])?],
            "element" => vec![Tensor::new("y", &[1, 2], &[0_i32; 2])?, none],
            "rank" => vec![y(&[2], 8), none],
            "size" => vec![y(&[1, 3], 12), none],
            "short" => vec![y(&[1, 2], 7), none],
            "long" => vec![y(&[1, 2], 9), none],
            "cut string" => vec![right, words(1, b"\x05\0\0\0abc")],
            "more strings" => vec![right, words(1, b"\0\0\0\0\0\0\0\0")],
            "large" => vec![y(&[1 << 16, 2], 8 << 16), none],
            "refuse" => return Err(ScoreError::bad_request("not so")),
            "fail" => return Err(ScoreError::internal("out of luck")),
            "trap" => panic!("on purpose"),
            "spin" => loop {
                black_box(());
            },
            other => return Err(ScoreError::bad_request(format!("how is {other:?}"))),
        })
    }
}

mlwasm_sdk::tensor_scorer!(Unruly);
