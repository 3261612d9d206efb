//! Scorers that are more work for a compiler than for whoever makes them: a good one, with sections added to it.

use mlwasm_harness::guests;

/// A section of a component that holds a module, and one that nobody reads.
const CORE_MODULE: u8 = 1;
const CUSTOM: u8 = 0;

/// The guest `echo` with a module of `functions` functions, each of so many `calls`: two bytes of
/// the component, and a page of code that the compiler has to allocate registers for. Nothing ever runs them.
pub(super) fn with_functions(functions: u32, calls: usize) -> Vec<u8> {
    // No locals, `local.get 0`, and then `call 0` again and again: each takes what the former left.
    let body = [
        &[0x00, 0x20, 0x00][..],
        &[0x10, 0x00].repeat(calls),
        &[0x0b],
    ]
    .concat();
    let body = [number(body.len()), body].concat();
    let count = number(functions as usize);
    let functions = functions as usize;
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[0x01, 0x60, 0x01, 0x7e, 0x01, 0x7e]),
        section(3, &[count.clone(), vec![0; functions]].concat()),
        section(10, &[count, body.repeat(functions)].concat()),
    ];
    with(&section(CORE_MODULE, &module.concat()))
}

/// The guest `echo` made to have exactly `length` bytes.
pub(super) fn of_length(length: usize) -> Vec<u8> {
    let echo = echo();
    // A name of one letter, and then whatever fills it up. Its length takes as many bytes as it takes.
    let mut filling = length - echo.len();
    loop {
        let bytes = with(&section(
            CUSTOM,
            &[&[1, b'x'][..], &vec![0; filling]].concat(),
        ));
        match bytes.len().checked_sub(length) {
            Some(0) => return bytes,
            Some(over) => filling -= over,
            None => unreachable!("it began with too much and took away what was over"),
        }
    }
}

fn with(section: &[u8]) -> Vec<u8> {
    [&echo(), section].concat()
}

fn echo() -> Vec<u8> {
    std::fs::read(guests::path("echo")).unwrap()
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &number(content.len()), content].concat()
}

/// LEB128, as WebAssembly writes numbers.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
