//! A typed scorer whose `init` has run, and what the real host compares with its signature.

use super::{check, fake_host::FakeHost};
use crate::{Request, Response, ScoreError, Signature, Tensor, TensorScorer, Tensors};

/// A typed scorer whose `init` has run.
#[derive(Debug)]
pub struct FakeTypedSandbox<T> {
    host: FakeHost,
    scorer: T,
}

impl<T: TensorScorer> FakeTypedSandbox<T> {
    pub(super) fn new(host: FakeHost, scorer: T) -> Self {
        Self { host, scorer }
    }

    /// What the scorer takes and gives.
    pub fn describe(&self) -> Signature {
        self.host.enter(|| self.scorer.describe())
    }

    /// Scores tensors, given in any order, which are compared with the signature before and after.
    ///
    /// # Errors
    ///
    /// [`ScoreError::BadRequest`] for inputs that do not fit; [`ScoreError::Internal`] for outputs that do not; else what
    /// `infer` answers.
    pub fn infer(&mut self, inputs: &[Tensor]) -> Result<Tensors, ScoreError> {
        let signature = self.describe();
        let inputs = check::in_order(&signature.inputs, inputs).map_err(ScoreError::BadRequest)?;
        let Self { host, scorer } = self;
        let outputs = host.enter(|| scorer.infer(inputs.into()))?;
        check::in_order(&signature.outputs, &outputs)
            .map(Tensors::from)
            .map_err(|reason| {
                ScoreError::Internal(format!("the scorer broke its signature: {reason}"))
            })
    }

    /// Answers one request that is no tensors yet.
    ///
    /// # Errors
    ///
    /// What `run` answers.
    pub fn run(&mut self, request: Request) -> Result<Response, ScoreError> {
        let Self { host, scorer } = self;
        host.enter(|| scorer.run(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ElementType, InitError, TensorSpec};

    /// Says that it gives `y`, and gives what it gets.
    struct Liar;

    impl TensorScorer for Liar {
        fn init() -> Result<Self, InitError> {
            Ok(Self)
        }

        fn describe(&self) -> Signature {
            Signature::new()
                .input(TensorSpec::new("x", ElementType::Uint8, [None]))
                .output(TensorSpec::new("y", ElementType::Uint8, [None]))
        }

        fn infer(&mut self, inputs: Tensors) -> Result<Vec<Tensor>, ScoreError> {
            Ok(inputs.into_vec())
        }
    }

    #[test]
    fn tensors_that_break_the_signature_are_found_out() {
        let mut sandbox = FakeHost::new().init_typed::<Liar>().unwrap();
        let wrong = Tensor::new("x", &[1], &[1_i64]).unwrap();
        let right = Tensor::new("x", &[1], &[1_u8]).unwrap();

        assert_eq!(
            sandbox.infer(&[wrong]),
            Err(ScoreError::bad_request(
                "tensor `x` holds int64, expected uint8"
            ))
        );
        assert_eq!(
            sandbox.infer(&[right]),
            Err(ScoreError::internal(
                "the scorer broke its signature: no tensor `x`, expected [\"y\"]"
            ))
        );
    }
}
