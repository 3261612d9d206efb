//! One request in tensors, and whether what comes back is what the scorer has said that it gives.
//!
//! Whoever asks has compared the inputs with the scorer's signature: the guest gets them as they are. The outputs are
//! compared here, since clients are told the signature and codecs rely on it.

use std::time::Instant;

use bytes::Bytes;
use mlwasm_types::{ElementType, Signature, Tensor, TensorSpec, tensor::element_count};

use crate::{
    bindings::tensor_scorer,
    error::RunError,
    keep::Keep,
    limits::Limit,
    request::{RunReport, too_large},
};

/// A tensor for a scorer. Borrowed: its only copy is the one in the guest's memory.
#[derive(Clone, Copy, Debug)]
pub struct TensorInput<'a> {
    /// The scorer's name for it.
    pub name: &'a str,
    /// The type of its elements.
    pub element: ElementType,
    /// The size of each dimension, outermost first.
    pub shape: &'a [u32],
    /// The elements, row-major and little-endian.
    pub data: &'a [u8],
}

/// A tensor as a request brought it, which those who hold it share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTensor {
    /// The scorer's name for it.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The size of each dimension, outermost first.
    pub shape: Vec<u32>,
    /// The elements, row-major and little-endian.
    pub data: Bytes,
}

impl NamedTensor {
    /// The same, for a scorer.
    pub fn lend(&self) -> TensorInput<'_> {
        TensorInput {
            name: &self.name,
            element: self.element,
            shape: &self.shape,
            data: &self.data,
        }
    }
}

/// A request for a typed scorer.
#[derive(Clone, Copy, Debug)]
pub struct TensorRequest<'a> {
    /// The request's identity, for the log.
    pub id: &'a str,
    /// The deployment that answers.
    pub deployment: &'a str,
    /// Whether this is a copy of live traffic, whose answer nobody waits for.
    pub is_mirror: bool,
    /// The moment from which it waited for its sandbox.
    pub queued_at: Instant,
    /// One tensor for each input of the scorer's signature, which they fit.
    pub inputs: &'a [TensorInput<'a>],
    /// What is to be kept of the request. Of its tensors nothing is: there is no body as a client sent it.
    pub keep: Keep<'a>,
}

/// How a run in tensors went. Its answer holds one tensor for each output of the signature, in the signature's order.
pub type InferReport = RunReport<Vec<Tensor>>;

/// The answer as the client may get it, of at most `max_bytes`.
pub(crate) fn checked(
    outputs: Vec<tensor_scorer::Tensor>,
    signature: &Signature,
    max_bytes: u64,
) -> Result<Vec<Tensor>, RunError> {
    let outputs: Vec<Tensor> = outputs.into_iter().map(Tensor::from).collect();
    let size: usize = outputs.iter().map(|output| output.data.len()).sum();
    if size as u64 > max_bytes {
        return Err(RunError::LimitExceeded {
            limit: Limit::ResponseBytes,
            message: too_large(max_bytes),
        });
    }
    arranged(outputs, &signature.outputs).map_err(|message| RunError::InvalidResponse { message })
}

/// The outputs in the order of `specs`, or what is wrong with them.
fn arranged(mut outputs: Vec<Tensor>, specs: &[TensorSpec]) -> Result<Vec<Tensor>, String> {
    // One too many tells as much as a hundred thousand, through which the search would take a second.
    outputs.truncate(specs.len() + 1);
    for (place, spec) in specs.iter().enumerate() {
        // Scorers mostly keep their own order, so that the first look finds it.
        let found = outputs[place.min(outputs.len())..]
            .iter()
            .position(|output| output.name == spec.name)
            .ok_or_else(|| format!("output {:?} is missing", spec.name))?;
        outputs.swap(place, place + found);
        let output = &outputs[place];
        check(output, spec).map_err(|wrong| format!("output {:?} {wrong}", spec.name))?;
    }
    // Names of a signature are distinct, and each of them was found.
    match outputs.get(specs.len()) {
        None => Ok(outputs),
        Some(output) => {
            let name: String = output.name.chars().take(64).collect();
            let is_known = specs.iter().any(|spec| spec.name == output.name);
            let wrong = if is_known {
                "is given twice"
            } else {
                "is not in the scorer's signature"
            };
            Err(format!("output {name:?} {wrong}"))
        }
    }
}

fn check(output: &Tensor, spec: &TensorSpec) -> Result<(), String> {
    if output.element != spec.element || !spec.accepts_shape(&output.shape) {
        let (element, shape) = (output.element, Shown(&output.shape));
        return Err(format!("is {element} {shape}, and not {spec}"));
    }
    let length = output.data.len();
    let wrong = |expected: &str| {
        let (element, shape) = (output.element, Shown(&output.shape));
        Err(format!(
            "is {element} {shape} and has {length} bytes, expected {expected}"
        ))
    };
    let Some(count) = element_count(&output.shape) else {
        return wrong("as many as no memory holds");
    };
    match output.element.size_in_bytes() {
        Some(size) if count.checked_mul(size) != Some(length) => {
            wrong(&format!("{count} elements of {size} bytes"))
        }
        Some(_) if output.element == ElementType::Boolean => {
            match output.data.iter().position(|byte| *byte > 1) {
                None => Ok(()),
                Some(index) => Err(format!(
                    "has a boolean at {index} that is {}, expected 0 or 1",
                    output.data[index]
                )),
            }
        }
        Some(_) => Ok(()),
        None if strings(&output.data) != Some(count) => {
            wrong(&format!("{count} strings, each behind its length"))
        }
        None => Ok(()),
    }
}

/// How many strings `data` holds, each behind its length; none if it ends within one.
fn strings(mut data: &[u8]) -> Option<usize> {
    let mut count = 0;
    while let Some((length, rest)) = data.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        (_, data) = rest.split_at_checked(length)?;
        count += 1;
    }
    data.is_empty().then_some(count)
}

/// A shape as a spec shows its own, `[2,4]`. A guest's may have any number of dimensions.
struct Shown<'a>(&'a [u32]);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MOST: usize = 16;
        let sizes = self.0.iter().take(MOST).map(u32::to_string);
        let more = if self.0.len() > MOST { ",…" } else { "" };
        write!(f, "[{}{more}]", sizes.collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests;
