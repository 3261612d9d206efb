//! Checks what a caller hands over, before native code sees any of it.
//!
//! A [`CheckedInput`] can only be made here: holding one proves that name, type, shape and length fit the model, that
//! the data is aligned for its elements, and that each byte of a boolean is one that C++ allows in a `bool`.

use mlwasm_types::{ElementType, TensorSpec, tensor::element_count};

use crate::{
    backend::InputView,
    error::{InvalidInput, StringsFault},
};

/// An input that fits its model.
#[derive(Debug)]
pub(crate) struct CheckedInput<'a> {
    element: ElementType,
    dimensions: Vec<i64>,
    data: CheckedData<'a>,
}

/// The elements of an input that fits its model, each valid for its type.
#[derive(Debug)]
pub(crate) enum CheckedData<'a> {
    /// Aligned where it lies.
    InPlace(&'a [u8]),
    /// Copied into words, as it was not aligned where it lay: `length` bytes of them count.
    Copied { words: Vec<u64>, length: usize },
    /// One slice for each element of the shape.
    Strings(Vec<&'a [u8]>),
}

impl<'a> CheckedInput<'a> {
    pub(crate) fn element(&self) -> ElementType {
        self.element
    }

    pub(crate) fn dimensions(&self) -> &[i64] {
        &self.dimensions
    }

    pub(crate) fn data(&self) -> &CheckedData<'a> {
        &self.data
    }
}

/// The inputs of one run in the order of the model's inputs, or what is wrong with them.
pub(crate) fn arrange<'a>(
    expected: &[TensorSpec],
    views: &[InputView<'a>],
) -> Result<Vec<CheckedInput<'a>>, InvalidInput> {
    each(expected, views, check)
}

/// The same checks, for inputs that are copied elsewhere before they are used: the views in the order of the model's
/// inputs.
pub(crate) fn in_order<'a>(
    expected: &[TensorSpec],
    views: &[InputView<'a>],
) -> Result<Vec<InputView<'a>>, InvalidInput> {
    each(expected, views, |input, view| {
        validate(input, view)?;
        Ok(*view)
    })
}

/// What `check` makes of each input's view, in the order of the model's inputs.
fn each<'a, T>(
    expected: &[TensorSpec],
    views: &[InputView<'a>],
    check: impl Fn(&TensorSpec, &InputView<'a>) -> Result<T, InvalidInput>,
) -> Result<Vec<T>, InvalidInput> {
    let mut arranged = Vec::with_capacity(expected.len());
    for (position, input) in expected.iter().enumerate() {
        let name = input.name.as_str();
        // Callers mostly keep the model's order, so that the first look finds it.
        let view = match views.get(position) {
            Some(view) if view.name == name => Some(view),
            _ => views.iter().find(|view| view.name == name),
        };
        let Some(view) = view else {
            return Err(wrong_names(expected, views));
        };
        arranged.push(check(input, view)?);
    }
    // Names of model inputs are distinct: as many views as inputs, each input found, leaves no view over.
    if views.len() != expected.len() {
        return Err(wrong_names(expected, views));
    }
    Ok(arranged)
}

/// What is wrong with names that do not match one to one. An unknown name first: it is mostly a misspelt missing one.
fn wrong_names(expected: &[TensorSpec], views: &[InputView<'_>]) -> InvalidInput {
    let is_known = |name: &str| expected.iter().any(|input| input.name == name);
    if let Some(view) = views.iter().find(|view| !is_known(view.name)) {
        return InvalidInput::Unknown {
            name: view.name.to_owned(),
            expected: expected.iter().map(|input| input.name.clone()).collect(),
        };
    }
    let is_given = |name: &str| views.iter().any(|view| view.name == name);
    if let Some(input) = expected.iter().find(|input| !is_given(&input.name)) {
        return InvalidInput::Missing {
            expected: input.clone(),
        };
    }
    let twice = views.iter().enumerate().find(|(position, view)| {
        views[..*position]
            .iter()
            .any(|earlier| earlier.name == view.name)
    });
    let (_, view) =
        twice.expect("names that are all known, all there and not one to one repeat one");
    InvalidInput::Duplicate {
        name: view.name.to_owned(),
    }
}

fn check<'a>(
    expected: &TensorSpec,
    view: &InputView<'a>,
) -> Result<CheckedInput<'a>, InvalidInput> {
    let data = match validate(expected, view)? {
        Valid::Fixed { size } => in_place_or_copied(view, size),
        Valid::Strings(strings) => CheckedData::Strings(strings),
    };
    Ok(CheckedInput {
        element: view.element,
        dimensions: view.shape.iter().map(|&size| i64::from(size)).collect(),
        data,
    })
}

/// The data of a view that fits its input.
enum Valid<'a> {
    /// Elements of `size` bytes each.
    Fixed {
        size: usize,
    },
    Strings(Vec<&'a [u8]>),
}

fn validate<'a>(expected: &TensorSpec, view: &InputView<'a>) -> Result<Valid<'a>, InvalidInput> {
    if view.element != expected.element || !expected.accepts_shape(view.shape) {
        return Err(InvalidInput::Mismatch {
            expected: expected.clone(),
            element: view.element,
            shape: view.shape.to_vec(),
        });
    }
    let count = element_count(view.shape).ok_or_else(|| too_many(view))?;
    match view.element.size_in_bytes() {
        Some(size) => {
            validate_fixed(view, count, size)?;
            Ok(Valid::Fixed { size })
        }
        None => split_strings(view, count).map(Valid::Strings),
    }
}

fn too_many(view: &InputView<'_>) -> InvalidInput {
    InvalidInput::TooManyElements {
        name: view.name.to_owned(),
        shape: view.shape.to_vec(),
    }
}

fn validate_fixed(view: &InputView<'_>, count: usize, size: usize) -> Result<(), InvalidInput> {
    let expected = count.checked_mul(size).ok_or_else(|| too_many(view))?;
    if view.data.len() != expected {
        return Err(InvalidInput::DataLength {
            name: view.name.to_owned(),
            element: view.element,
            shape: view.shape.to_vec(),
            expected,
            actual: view.data.len(),
        });
    }
    if view.element == ElementType::Boolean
        && let Some((index, &value)) = view.data.iter().enumerate().find(|(_, byte)| **byte > 1)
    {
        return Err(InvalidInput::NotBoolean {
            name: view.name.to_owned(),
            index,
            value,
        });
    }
    Ok(())
}

fn in_place_or_copied<'a>(view: &InputView<'a>, size: usize) -> CheckedData<'a> {
    if view.data.as_ptr().addr().is_multiple_of(size) {
        return CheckedData::InPlace(view.data);
    }
    CheckedData::Copied {
        words: view.data.chunks(8).map(word).collect(),
        length: view.data.len(),
    }
}

/// Up to eight bytes as they lie in memory.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_ne_bytes(word)
}

fn split_strings<'a>(view: &InputView<'a>, count: usize) -> Result<Vec<&'a [u8]>, InvalidInput> {
    let fault = |found| InvalidInput::Strings {
        name: view.name.to_owned(),
        expected: count,
        found,
    };
    // Four bytes at least are behind each string, so a short body can not ask for a long list.
    let mut strings = Vec::with_capacity(count.min(view.data.len() / 4));
    let mut rest = view.data;
    for index in 0..count {
        let (string, after) =
            split_string(rest).ok_or_else(|| fault(StringsFault::EndsWithin { index }))?;
        strings.push(string);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(fault(StringsFault::Trailing { bytes: rest.len() }));
    }
    Ok(strings)
}

/// The first string of `data` without its length, and what follows it; none if `data` ends within it.
pub(crate) fn split_string(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests;
