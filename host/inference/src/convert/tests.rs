use super::*;

fn expected(name: &str, element: ElementType, shape: &[Option<u32>]) -> TensorSpec {
    TensorSpec {
        name: name.to_owned(),
        element,
        shape: shape.to_vec(),
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

fn refusal(expected: &[TensorSpec], views: &[InputView<'_>]) -> String {
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
