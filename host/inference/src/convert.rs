//! Checks what a caller hands over, before native code sees any of it.
//!
//! A [`CheckedInput`] can only be made here: holding one proves that name, type, shape and length fit the model, that
//! the data is aligned for its elements, and that each byte of a boolean is one that C++ allows in a `bool`.

use mlwasm_types::{ElementType, TensorSpec, tensor::element_count};

use crate::{
    backend::InputView,
    error::{InvalidInput, StringsFault},
};

/// What a model takes as one of its inputs.
#[derive(Debug)]
pub(crate) struct ExpectedInput {
    pub(crate) spec: TensorSpec,
    pub(crate) rank: Rank,
}

/// How many dimensions an input has. The contract has no word for "any", so the spec of such an input has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    OfSpec,
    Any,
}

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
    expected: &[ExpectedInput],
    views: &[InputView<'a>],
) -> Result<Vec<CheckedInput<'a>>, InvalidInput> {
    let mut arranged = Vec::with_capacity(expected.len());
    for (position, input) in expected.iter().enumerate() {
        let name = input.spec.name.as_str();
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
fn wrong_names(expected: &[ExpectedInput], views: &[InputView<'_>]) -> InvalidInput {
    let is_known = |name: &str| expected.iter().any(|input| input.spec.name == name);
    if let Some(view) = views.iter().find(|view| !is_known(view.name)) {
        return InvalidInput::Unknown {
            name: view.name.to_owned(),
            expected: expected
                .iter()
                .map(|input| input.spec.name.clone())
                .collect(),
        };
    }
    let is_given = |name: &str| views.iter().any(|view| view.name == name);
    if let Some(input) = expected.iter().find(|input| !is_given(&input.spec.name)) {
        return InvalidInput::Missing {
            expected: input.spec.clone(),
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
    expected: &ExpectedInput,
    view: &InputView<'a>,
) -> Result<CheckedInput<'a>, InvalidInput> {
    if view.element != expected.spec.element || !shape_fits(expected, view.shape) {
        return Err(InvalidInput::Mismatch {
            expected: expected.spec.clone(),
            element: view.element,
            shape: view.shape.to_vec(),
        });
    }
    let count = element_count(view.shape).ok_or_else(|| too_many(view))?;
    let data = match view.element.size_in_bytes() {
        Some(size) => check_fixed(view, count, size)?,
        None => CheckedData::Strings(split_strings(view, count)?),
    };
    Ok(CheckedInput {
        element: view.element,
        dimensions: view.shape.iter().map(|&size| i64::from(size)).collect(),
        data,
    })
}

fn shape_fits(expected: &ExpectedInput, shape: &[u32]) -> bool {
    let wanted = &expected.spec.shape;
    expected.rank == Rank::Any
        || wanted.len() == shape.len()
            && wanted
                .iter()
                .zip(shape)
                .all(|(wanted, size)| wanted.is_none_or(|wanted| wanted == *size))
}

fn too_many(view: &InputView<'_>) -> InvalidInput {
    InvalidInput::TooManyElements {
        name: view.name.to_owned(),
        shape: view.shape.to_vec(),
    }
}

fn check_fixed<'a>(
    view: &InputView<'a>,
    count: usize,
    size: usize,
) -> Result<CheckedData<'a>, InvalidInput> {
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
    if view.data.as_ptr().addr().is_multiple_of(size) {
        return Ok(CheckedData::InPlace(view.data));
    }
    let words = view.data.chunks(8).map(word).collect();
    Ok(CheckedData::Copied {
        words,
        length: view.data.len(),
    })
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

fn split_string(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(name: &str, element: ElementType, shape: &[Option<u32>]) -> ExpectedInput {
        ExpectedInput {
            spec: TensorSpec {
                name: name.to_owned(),
                element,
                shape: shape.to_vec(),
            },
            rank: Rank::OfSpec,
        }
    }

    fn view<'a>(
        name: &'a str,
        element: ElementType,
        shape: &'a [u32],
        data: &'a [u8],
    ) -> InputView<'a> {
        InputView {
            name,
            element,
            shape,
            data,
        }
    }

    fn refusal(expected: &[ExpectedInput], views: &[InputView<'_>]) -> String {
        arrange(expected, views).unwrap_err().to_string()
    }

    const HUGE: &[u32] = &[u32::MAX, u32::MAX, u32::MAX];

    #[test]
    fn an_input_that_does_not_fit_is_refused_in_words_that_say_what_fits() {
        use ElementType::{Boolean, Float32, Int64};
        let x = [expected("x", Float32, &[None, Some(4)])];
        let flags = [expected("f", Boolean, &[Some(3)])];
        let any = [expected("x", Float32, &[None, None, None])];
        let cases = [
            (
                &x,
                view("x", Int64, &[2, 4], &[]),
                r#"input "x": expected float32 [?,4], got int64 [2,4]"#,
            ),
            (
                &x,
                view("x", Float32, &[2, 3], &[]),
                r#"input "x": expected float32 [?,4], got float32 [2,3]"#,
            ),
            (
                &x,
                view("x", Float32, &[4], &[]),
                r#"input "x": expected float32 [?,4], got float32 [4]"#,
            ),
            (
                &x,
                view("x", Float32, &[], &[]),
                r#"input "x": expected float32 [?,4], got float32 []"#,
            ),
            (
                &x,
                view("x", Float32, &[1, 4], &[0; 15]),
                r#"input "x": float32 [1,4] takes 16 bytes, got 15"#,
            ),
            (
                &x,
                view("x", Float32, &[1, 4], &[0; 17]),
                r#"input "x": float32 [1,4] takes 16 bytes, got 17"#,
            ),
            (
                &x,
                view("x", Float32, &[0, 4], &[0; 1]),
                r#"input "x": float32 [0,4] takes 0 bytes, got 1"#,
            ),
            (
                &any,
                view("x", Float32, HUGE, &[]),
                r#"input "x": shape [4294967295,4294967295,4294967295] has too many elements"#,
            ),
            (
                &flags,
                view("f", Boolean, &[3], &[0, 1, 2]),
                r#"input "f": element 2 is 2, a boolean is 0 or 1"#,
            ),
        ];
        for (expected, view, text) in cases {
            assert_eq!(refusal(expected, &[view]), text);
        }
    }

    #[test]
    fn names_must_match_one_to_one() {
        let model = [
            expected("a", ElementType::Uint8, &[Some(1)]),
            expected("b", ElementType::Uint8, &[None]),
        ];
        let given = |name| view(name, ElementType::Uint8, &[1], &[7]);
        let cases: [(&[&str], &str); 5] = [
            (&[], r#"input "a": missing, expected uint8 [1]"#),
            (&["a"], r#"input "b": missing, expected uint8 [?]"#),
            (
                &["a", "B"],
                r#"input "B": the model has no such input, it has ["a", "b"]"#,
            ),
            (
                &["a", "b", "c"],
                r#"input "c": the model has no such input, it has ["a", "b"]"#,
            ),
            (&["a", "b", "a"], r#"input "a": given more than once"#),
        ];
        for (names, text) in cases {
            let views: Vec<_> = names.iter().map(|name| given(*name)).collect();
            assert_eq!(refusal(&model, &views), text, "{names:?}");
        }
    }

    #[test]
    fn inputs_come_in_any_order() {
        let model = [
            expected("a", ElementType::Uint8, &[Some(1)]),
            expected("b", ElementType::Uint8, &[Some(2)]),
        ];
        let views = [
            view("b", ElementType::Uint8, &[2], &[1, 2]),
            view("a", ElementType::Uint8, &[1], &[3]),
        ];
        let arranged = arrange(&model, &views).unwrap();
        assert_eq!(arranged[0].dimensions(), [1]);
        assert_eq!(arranged[1].dimensions(), [2]);
    }

    #[test]
    fn aligned_data_stays_in_place_and_other_data_is_copied() {
        let model = [expected("x", ElementType::Float32, &[Some(3)])];
        let words = [0_u32; 4].map(u32::to_ne_bytes);
        let bytes = words.as_flattened();
        let aligned = bytes.as_ptr().align_offset(4);
        for (start, in_place) in [(aligned, true), (aligned + 1, false)] {
            let data = &bytes[start..start + 12];
            let arranged = arrange(&model, &[view("x", ElementType::Float32, &[3], data)]).unwrap();
            assert_eq!(
                matches!(arranged[0].data(), CheckedData::InPlace(_)),
                in_place
            );
        }
    }

    #[test]
    fn strings_must_fill_the_data_exactly() {
        let model = [expected("s", ElementType::Bytes, &[None])];
        let cases: [(&[u32], &[u8], &str); 5] = [
            (&[1], &[1, 0, 0], "the data ends within string 0"),
            (&[1], &[2, 0, 0, 0, 9], "the data ends within string 0"),
            (&[2], &[1, 0, 0, 0, 9], "the data ends within string 1"),
            (&[1], &[0, 0, 0, 0, 9], "1 bytes follow the last"),
            (&[u32::MAX], &[0xff; 8], "the data ends within string 0"),
        ];
        for (shape, data, fault) in cases {
            let text = refusal(&model, &[view("s", ElementType::Bytes, shape, data)]);
            assert!(text.ends_with(fault), "{text}");
        }
    }
}
