use super::*;

fn spec(name: &str, element: ElementType, shape: &[Option<u32>]) -> TensorSpec {
    TensorSpec {
        name: name.to_owned(),
        element,
        shape: shape.to_vec(),
    }
}

fn tensor(name: &str, element: ElementType, shape: &[u32], data: &[u8]) -> Tensor {
    Tensor {
        name: name.to_owned(),
        element,
        shape: shape.to_vec(),
        data: data.to_vec(),
    }
}

fn rows(shape: &[u32], bytes: usize) -> Tensor {
    tensor("rows", ElementType::Float32, shape, &vec![0; bytes])
}

fn words(count: u32, data: &[u8]) -> Tensor {
    tensor("words", ElementType::Bytes, &[count], data)
}

fn specs() -> Vec<TensorSpec> {
    vec![
        spec("rows", ElementType::Float32, &[None, Some(2)]),
        spec("words", ElementType::Bytes, &[None]),
    ]
}

#[test]
fn outputs_come_in_the_order_of_the_signature() {
    for outputs in [
        vec![rows(&[1, 2], 8), words(0, b"")],
        vec![words(0, b""), rows(&[1, 2], 8)],
    ] {
        let names = |outputs: &[Tensor]| -> Vec<String> {
            outputs.iter().map(|output| output.name.clone()).collect()
        };
        let arranged = arranged(outputs, &specs()).unwrap();
        assert_eq!(names(&arranged), ["rows", "words"]);
    }
}

#[test]
fn whatever_the_signature_does_not_say_is_refused_by_name() {
    let right = || rows(&[1, 2], 8);
    let none = || words(0, b"");
    for (outputs, wrong) in [
        (vec![], "output \"rows\" is missing"),
        (vec![right()], "output \"words\" is missing"),
        (vec![none()], "output \"rows\" is missing"),
        (
            vec![right(), none(), right()],
            "output \"rows\" is given twice",
        ),
        (
            vec![
                right(),
                none(),
                tensor("more", ElementType::Int8, &[0], b""),
            ],
            "output \"more\" is not in the scorer's signature",
        ),
        (
            vec![tensor("rows", ElementType::Int32, &[1, 2], &[0; 8]), none()],
            "output \"rows\" is int32 [1,2], and not float32 [?,2]",
        ),
        (
            vec![rows(&[2], 8), none()],
            "output \"rows\" is float32 [2], and not float32 [?,2]",
        ),
        (
            vec![rows(&[1, 3], 12), none()],
            "output \"rows\" is float32 [1,3], and not float32 [?,2]",
        ),
        (
            vec![rows(&[1, 2], 7), none()],
            "output \"rows\" is float32 [1,2] and has 7 bytes, expected 2 elements of 4 bytes",
        ),
        (
            vec![rows(&[1, 2], 9), none()],
            "output \"rows\" is float32 [1,2] and has 9 bytes, expected 2 elements of 4 bytes",
        ),
        (
            vec![rows(&[u32::MAX, 2], 8), none()],
            "output \"rows\" is float32 [4294967295,2] and has 8 bytes, expected 8589934590 elements of 4 bytes",
        ),
    ] {
        assert_eq!(arranged(outputs, &specs()), Err(wrong.to_owned()));
    }
}

#[test]
fn strings_fill_their_shape_exactly() {
    for (count, data, fits) in [
        (0, &b""[..], true),
        (1, b"\x02\0\0\0ab", true),
        (2, b"\x01\0\0\0a\0\0\0\0", true),
        (1, b"", false),
        (1, b"\x02\0\0\0a", false),
        (1, b"\x02\0\0", false),
        (1, b"\x01\0\0\0ab", false),
        (2, b"\x02\0\0\0ab", false),
        (0, b"\0\0\0\0", false),
        (1, b"\xff\xff\xff\xffab", false),
    ] {
        let outputs = vec![rows(&[0, 2], 0), words(count, data)];
        assert_eq!(arranged(outputs, &specs()).is_ok(), fits, "{data:?}");
    }
}

#[test]
fn a_boolean_is_0_or_1() {
    let specs = [spec("b", ElementType::Boolean, &[Some(2)])];
    for (data, wrong) in [
        ([0, 1], None),
        (
            [1, 2],
            Some("output \"b\" has a boolean at 1 that is 2, expected 0 or 1"),
        ),
    ] {
        let outputs = vec![tensor("b", ElementType::Boolean, &[2], &data)];
        assert_eq!(arranged(outputs, &specs).err().as_deref(), wrong);
    }
}

#[test]
fn a_shape_of_the_guest_s_making_is_shown_in_part() {
    let specs = [spec("x", ElementType::Int8, &[])];
    let outputs = vec![tensor("x", ElementType::Int8, &[1; 1_000], b"\0")];
    let wrong = arranged(outputs, &specs).unwrap_err();
    assert!(wrong.len() < 100, "{wrong}");
}

#[test]
fn any_number_of_outputs_too_many_is_one_too_many() {
    let mut outputs = vec![rows(&[1, 2], 8), words(0, b"")];
    outputs.resize(100_000, tensor("more", ElementType::Int8, &[0], b""));
    assert_eq!(
        arranged(outputs, &specs()),
        Err("output \"more\" is not in the scorer's signature".to_owned())
    );
}
