//! A typed scorer that keeps to its signature: gives back what it gets, and the number of rows. Writes a line for each
//! request.

use mlwasm_sdk::{
    ElementType, InitError, ScoreError, Signature, Tensor, TensorScorer, TensorSpec, Tensors, log,
};

struct Typed;

impl TensorScorer for Typed {
    fn init() -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(&self) -> Signature {
        let rows = |name: &str| TensorSpec::new(name, ElementType::Float32, [None, Some(2)]);
        let words = |name: &str| TensorSpec::new(name, ElementType::Bytes, [None]);
        Signature::new()
            .input(rows("rows"))
            .input(words("words"))
            .output(rows("same_rows"))
            .output(words("same_words"))
            .output(TensorSpec::new("count", ElementType::Int64, []))
    }

    fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
        let (rows, words) = (inputs.get("rows")?, inputs.get("words")?);
        let count = rows.shape().first().copied().unwrap_or_default();
        log::info(format_args!("{count} rows"));
        let renamed = |tensor: &Tensor| {
            Tensor::from_bytes(
                format!("same_{}", tensor.name()),
                tensor.element(),
                tensor.shape().to_vec(),
                tensor.as_bytes().to_vec(),
            )
        };
        // Not in the order of the signature, which a scorer need not keep.
        Ok(vec![
            Tensor::new("count", &[], &[i64::from(count)])?,
            renamed(words),
            renamed(rows),
        ])
    }
}

mlwasm_sdk::tensor_scorer!(Typed);
