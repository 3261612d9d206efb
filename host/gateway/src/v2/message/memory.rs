//! What reading a message takes: at most [`TIMES`] its bytes and [`BESIDE`], whatever stands in it.
//!
//! Counted, not measured: this crate's tests run on an allocator that counts what each thread holds. A buffer that grows counts
//! twice while it is copied, as it does in the worst case.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use super::{MOST_DIMENSIONS, MOST_PARAMETERS, MOST_TENSORS, read};

/// Bytes of memory for each byte of a message.
const TIMES: usize = 8;
/// For 1,024 descriptions of tensors, which can be as short as `{}`.
const BESIDE: usize = 256 << 10;

struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator has no other form")]
// SAFETY: the system's allocator does all the work; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.with(|held| held.set(held.get().wrapping_add(layout.size())));
        MOST.with(|most| most.set(most.get().max(HELD.get())));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // Another thread may have allocated it.
        HELD.with(|held| held.set(held.get().saturating_sub(layout.size())));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The most bytes that `work` held at once, beyond what was held before it.
fn most_held<T>(work: impl FnOnce() -> T) -> usize {
    let before = HELD.get();
    MOST.set(before);
    drop(work());
    MOST.get() - before
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Read,
    Refused,
}

/// Reads `json` within the bound.
#[track_caller]
fn check(what: &str, json: &str, expected: Is) {
    let held = most_held(|| {
        let message = read(json.as_bytes());
        let found = message.as_ref().map_or(Is::Refused, |_| Is::Read);
        assert_eq!(found, expected, "{what}");
        message
    });
    let most = TIMES * json.len() + BESIDE;
    assert!(held <= most, "{what}: {held} bytes for {}", json.len());
}

/// A message of one input of `count` elements in so many lists, each of them `element`.
fn filled(datatype: &str, count: usize, element: &str) -> String {
    let data = vec![element; count].join(",");
    one(datatype, &format!("[{count}]"), &format!("[{data}]"))
}

fn one(datatype: &str, shape: &str, data: &str) -> String {
    format!(
        r#"{{"inputs":[{{"name":"x","datatype":"{datatype}","shape":{shape},"data":{data}}}]}}"#
    )
}

#[test]
fn numbers_texts_and_truths_take_a_bounded_part_of_their_message() {
    for count in [0, 1, 1_000, 30_000, 1_000_000] {
        for (datatype, element) in [
            ("FP64", "0"),
            ("INT64", "0"),
            ("UINT8", "0"),
            ("BOOL", "true"),
            ("BYTES", "\"\""),
            ("BYTES", "\"a\""),
            ("BYTES", r#""\n\u00e4""#),
        ] {
            let what = format!("{count} of {datatype}, {element}");
            check(&what, &filled(datatype, count, element), Is::Read);
        }
    }
}

#[test]
fn lists_within_lists_take_no_more() {
    let rows = vec!["[0]"; 300_000].join(",");
    check(
        "rows of one",
        &one("FP64", "[300000,1]", &format!("[{rows}]")),
        Is::Read,
    );
    // Within the depth that the parser allows, the message's own included.
    let depth = 60;
    let shape = format!("[{}300000]", "1,".repeat(depth));
    let row = vec!["0"; 300_000].join(",");
    let data = format!("{}[{row}]{}", "[".repeat(depth), "]".repeat(depth));
    check(
        "a row in sixty lists",
        &one("FP64", &shape, &data),
        Is::Read,
    );
}

#[test]
fn a_text_of_escapes_takes_no_more() {
    let escapes = "\\n".repeat(1_000_000);
    check(
        "one text",
        &one("BYTES", "[1]", &format!("[\"{escapes}\"]")),
        Is::Read,
    );
    check("an id", &format!(r#"{{"id":"{escapes}"}}"#), Is::Read);
    check(
        "a name that nobody asks for",
        &format!(r#"{{"{escapes}":1}}"#),
        Is::Read,
    );
}

#[test]
fn a_shape_that_promises_more_than_follows_takes_no_more() {
    let promises = r#"{"name":"x","datatype":"FP64","shape":[4294967295],"data":[0]}"#;
    check("one", &format!(r#"{{"inputs":[{promises}]}}"#), Is::Refused);
    let padding = "0,".repeat(1_000_000);
    let data = format!("[{padding}0]");
    check(
        "one, and a long list",
        &one("FP64", "[4294967295]", &data),
        Is::Refused,
    );
    let keeps = r#"{"name":"x","datatype":"FP64","shape":[0],"data":[]}"#;
    let many = vec![keeps; MOST_TENSORS].join(",");
    check("many", &format!(r#"{{"inputs":[{many}]}}"#), Is::Read);
}

#[test]
fn a_second_pass_does_not_hold_what_the_first_has_read() {
    let numbers = vec!["0"; 1_000_000].join(",");
    let large = format!(r#"{{"name":"a","datatype":"FP64","shape":[1000000],"data":[{numbers}]}}"#);
    let early = r#"{"data":[0],"name":"b","datatype":"FP64","shape":[1]}"#;
    let json = format!(r#"{{"inputs":[{large},{early}]}}"#);
    // Each pass takes four times the message: more would be both.
    let held = most_held(|| read(json.as_bytes()).unwrap());
    assert!(held < 5 * json.len(), "{held} bytes for {}", json.len());
}

#[test]
fn many_small_descriptions_take_what_is_set_aside_for_them() {
    let dimensions = format!(r#"{{"shape":[{}]}}"#, vec!["1"; MOST_DIMENSIONS].join(","));
    let names = (0..MOST_PARAMETERS).map(|index| format!(r#""p{index}":1"#));
    let unknown = format!(
        r#"{{"parameters":{{{}}}}}"#,
        names.collect::<Vec<_>>().join(",")
    );
    for (what, description) in [
        ("nothing", "{}"),
        ("a name", r#"{"name":"x"}"#),
        ("dimensions", &dimensions),
        ("a parameter", r#"{"parameters":{"binary_data":1}}"#),
        ("parameters that nobody asks for", &unknown),
        (
            "an element",
            r#"{"name":"x","datatype":"UINT8","shape":[1],"data":[0]}"#,
        ),
    ] {
        for (count, expected) in [
            (MOST_TENSORS - 1, Is::Read),
            (MOST_TENSORS, Is::Read),
            (MOST_TENSORS + 1, Is::Refused),
        ] {
            let many = vec![description; count].join(",");
            check(what, &format!(r#"{{"inputs":[{many}]}}"#), expected);
        }
    }
}
