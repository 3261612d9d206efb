//! What a typed scorer takes and gives.
//!
//! A signature comes from a scorer, so nothing of it is believed before [`Signature::check`]: clients, metrics and
//! documents show its names.

use serde::{Deserialize, Serialize};

use super::TensorSpec;

/// Tensors on one side. Language models with a cache for each layer have some hundreds.
const MAX_TENSORS: usize = 1_024;
/// Bytes of a name. Exporters that name a tensor by its place in the network come to about 100.
const MAX_NAME: usize = 256;
/// Dimensions of a tensor: as many as numpy allows.
const MAX_RANK: usize = 64;

/// The tensors that a typed scorer takes and gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// What it takes: each of them in every request.
    pub inputs: Vec<TensorSpec>,
    /// What it gives: each of them in every answer.
    pub outputs: Vec<TensorSpec>,
}

/// Why a signature can not be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSignature {
    /// Nothing comes out.
    #[error("it has no outputs")]
    NoOutputs,
    /// More tensors than anyone hands over.
    #[error("it has {count} {side}s, at most {MAX_TENSORS} are allowed")]
    TooMany {
        /// `input` or `output`.
        side: &'static str,
        /// How many.
        count: usize,
    },
    /// A name that is empty, too long, or not to be shown.
    #[error(
        "the name of {side} {index} is {name:?}: expected 1 to {MAX_NAME} bytes without control characters"
    )]
    Name {
        /// `input` or `output`.
        side: &'static str,
        /// Which one, from 0.
        index: usize,
        /// The beginning of it.
        name: String,
    },
    /// Two tensors of one name.
    #[error("two {side}s are named {name:?}")]
    Duplicate {
        /// `input` or `output`.
        side: &'static str,
        /// The name.
        name: String,
    },
    /// More dimensions than anyone counts.
    #[error("{side} {name:?} has {rank} dimensions, at most {MAX_RANK} are allowed")]
    Rank {
        /// `input` or `output`.
        side: &'static str,
        /// The tensor.
        name: String,
        /// How many.
        rank: usize,
    },
}

impl Signature {
    /// Checks that the tensors can be told apart and shown. A scorer may take none, and gives at least one.
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`] names the first tensor that can not be.
    pub fn check(&self) -> Result<(), InvalidSignature> {
        if self.outputs.is_empty() {
            return Err(InvalidSignature::NoOutputs);
        }
        check_side("input", &self.inputs)?;
        check_side("output", &self.outputs)
    }
}

fn check_side(side: &'static str, specs: &[TensorSpec]) -> Result<(), InvalidSignature> {
    let count = specs.len();
    if count > MAX_TENSORS {
        return Err(InvalidSignature::TooMany { side, count });
    }
    let mut names: Vec<&str> = Vec::with_capacity(count);
    for (index, spec) in specs.iter().enumerate() {
        if !is_name(&spec.name) {
            return Err(InvalidSignature::Name {
                side,
                index,
                name: spec.name.chars().take(64).collect(),
            });
        }
        if spec.shape.len() > MAX_RANK {
            return Err(InvalidSignature::Rank {
                side,
                name: spec.name.clone(),
                rank: spec.shape.len(),
            });
        }
        names.push(&spec.name);
    }
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(InvalidSignature::Duplicate {
            side,
            name: pair[0].to_owned(),
        }),
    }
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ElementType;

    fn spec(name: &str) -> TensorSpec {
        TensorSpec {
            name: name.to_owned(),
            element: ElementType::Float32,
            shape: vec![None, Some(4)],
        }
    }

    fn verdict(inputs: Vec<TensorSpec>, outputs: Vec<TensorSpec>) -> String {
        match (Signature { inputs, outputs }).check() {
            Ok(()) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    fn many(count: usize) -> Vec<TensorSpec> {
        (0..count).map(|index| spec(&index.to_string())).collect()
    }

    fn of_rank(rank: usize) -> TensorSpec {
        TensorSpec {
            shape: vec![None; rank],
            ..spec("x")
        }
    }

    #[test]
    fn a_signature_names_its_tensors_apart() {
        let longest = "n".repeat(MAX_NAME);
        let too_long = "n".repeat(MAX_NAME + 1);
        for (inputs, outputs, expected) in [
            (vec![spec("x")], vec![spec("x")], "fine"),
            (vec![], vec![spec("a b"), spec("größe")], "fine"),
            (vec![spec("x")], vec![], "it has no outputs"),
            (
                vec![spec("x"), spec("y"), spec("x")],
                vec![spec("z")],
                "two inputs are named \"x\"",
            ),
            (
                vec![],
                vec![spec("z"), spec("z")],
                "two outputs are named \"z\"",
            ),
            (
                vec![spec("x")],
                vec![spec("z"), spec("")],
                "the name of output 1 is \"\": expected 1 to 256 bytes without control characters",
            ),
            (
                vec![spec("a\nb")],
                vec![spec("z")],
                "the name of input 0 is \"a\\nb\": expected 1 to 256 bytes without control characters",
            ),
            (vec![spec(&longest)], vec![spec("z")], "fine"),
        ] {
            assert_eq!(verdict(inputs, outputs), expected);
        }
        assert_ne!(verdict(vec![spec(&too_long)], vec![spec("z")]), "fine");
    }

    #[test]
    fn tensors_and_dimensions_are_counted() {
        for (count, fits) in [
            (MAX_TENSORS - 1, true),
            (MAX_TENSORS, true),
            (MAX_TENSORS + 1, false),
        ] {
            assert_eq!(verdict(many(count), many(1)) == "fine", fits, "{count}");
            assert_eq!(verdict(many(1), many(count)) == "fine", fits, "{count}");
        }
        for (rank, fits) in [
            (MAX_RANK - 1, true),
            (MAX_RANK, true),
            (MAX_RANK + 1, false),
        ] {
            assert_eq!(
                verdict(vec![of_rank(rank)], many(1)) == "fine",
                fits,
                "{rank}"
            );
        }
    }
}
