//! Whether bytes are a scorer, without compiling them.
//!
//! Reads everything but the bodies of functions: what a component is, exports and imports is known then, and the answer
//! comes in milliseconds, with a reason that its author understands.

mod signatures;

use wasmparser::{
    Encoding, Parser, Payload, ValidPayload, Validator, WasmFeatures,
    component_types::ComponentEntityType, types::Types,
};

use crate::{
    bindings::{SCORER, TENSOR_SCORER},
    error::ComponentError,
    imports::{is_by_egress, is_offered},
};

/// What a component begins with: the magic number, version 13, layer 1.
const PREAMBLE: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// What a core module begins with.
const CORE_PREAMBLE: [u8; 8] = *b"\0asm\x01\0\0\0";
/// Functions of all modules together. The largest interpreters have half of this; compiling takes a fifth of a
/// millisecond for each.
const MAX_FUNCTIONS: u32 = 100_000;

/// Checks that `bytes` are a scorer of at most `max_bytes`, whatever its deployment grants it. Returns the import that needs
/// `egress`, if there is one.
pub(crate) fn check(
    bytes: &[u8],
    max_bytes: u64,
    features: WasmFeatures,
) -> Result<Option<String>, ComponentError> {
    let size = bytes.len() as u64;
    if size > max_bytes {
        return Err(ComponentError::TooLarge {
            size,
            limit: max_bytes,
        });
    }
    check_preamble(bytes)?;
    let mut imports = Vec::new();
    let types = read(bytes, features, &mut imports)?;
    check_exports(&types)?;
    let by_egress = imports.iter().find(|import| is_by_egress(import));
    let by_egress = by_egress.map(|import| (*import).to_owned());
    let mut foreign = imports.into_iter();
    match foreign.find(|import| !is_offered(import) && !is_by_egress(import)) {
        None => Ok(by_egress),
        Some(import) => Err(ComponentError::ForeignImport {
            import: import.chars().take(200).collect(),
        }),
    }
}

fn check_preamble(bytes: &[u8]) -> Result<(), ComponentError> {
    match not_a_component(bytes) {
        None => Ok(()),
        Some(found) => Err(ComponentError::NotAComponent { found }),
    }
}

/// What a file is that begins with `bytes`, and what to do about it; none if it is a component, by its first bytes.
pub fn not_a_component(bytes: &[u8]) -> Option<&'static str> {
    let found = if bytes.starts_with(&PREAMBLE) {
        return None;
    } else if bytes.starts_with(&CORE_PREAMBLE) {
        "a core module; build it for wasm32-wasip2, or make a component of it"
    } else if bytes.starts_with(b"\x7fELF") {
        "machine code, which servers make themselves; deploy the component that it was compiled from"
    } else if is_text_format(bytes) {
        "text; deploy the binary form, which wasm-tools parse makes of it"
    } else if bytes.starts_with(b"\0asm") {
        "WebAssembly of a version that this host does not know"
    } else {
        "no WebAssembly at all"
    };
    Some(found)
}

/// Whether this is WebAssembly as people write it: the first word that is no comment opens a module or component.
fn is_text_format(bytes: &[u8]) -> bool {
    let mut rest = bytes.trim_ascii_start();
    while rest.starts_with(b";;") {
        let end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(rest.len());
        rest = rest[end..].trim_ascii_start();
    }
    let open = rest.strip_prefix(b"(").map(<[u8]>::trim_ascii_start);
    open.is_some_and(|word| word.starts_with(b"module") || word.starts_with(b"component"))
}

/// The component's types; its own imports are added to `imports`.
fn read<'a>(
    bytes: &'a [u8],
    features: WasmFeatures,
    imports: &mut Vec<&'a str>,
) -> Result<Types, ComponentError> {
    let mut validator = Validator::new_with_features(features);
    let mut functions = 0_u32;
    let mut depth = 0_u32;
    let mut last = None;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(invalid)?;
        match &payload {
            Payload::Version { encoding, .. } => {
                depth += 1;
                if depth == 1 && *encoding != Encoding::Component {
                    return Err(ComponentError::NotAComponent {
                        found: "a core module; build it for wasm32-wasip2, or make a component of it",
                    });
                }
            }
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section.clone() {
                    imports.push(import.map_err(invalid)?.name.name);
                }
            }
            Payload::CodeSectionStart { count, .. } => {
                functions = functions.saturating_add(*count);
                if functions > MAX_FUNCTIONS {
                    return Err(ComponentError::TooManyFunctions {
                        limit: MAX_FUNCTIONS,
                    });
                }
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        // Function bodies come back to be checked on their own: the compiler does that.
        if let ValidPayload::End(types) = validator.payload(&payload).map_err(invalid)? {
            last = Some(types);
        }
    }
    last.ok_or_else(|| ComponentError::Invalid {
        message: "it ends too early".to_owned(),
    })
}

fn check_exports(types: &Types) -> Result<(), ComponentError> {
    if types.component_item_for_export(SCORER).is_none() {
        return Err(ComponentError::MissingExport {
            export: SCORER.to_owned(),
        });
    }
    check_interface(types, SCORER, &signatures::SCORER_FUNCTIONS)?;
    if types.component_item_for_export(TENSOR_SCORER).is_some() {
        check_interface(types, TENSOR_SCORER, &signatures::tensor_scorer_functions())?;
    }
    Ok(())
}

/// Checks an interface that is exported.
fn check_interface<T: AsRef<str>>(
    types: &Types,
    interface: &str,
    functions: &[(&str, T)],
) -> Result<(), ComponentError> {
    let missing = |export: String| ComponentError::MissingExport { export };
    let exported = types
        .component_item_for_export(interface)
        .map(|item| item.ty);
    let Some(ComponentEntityType::Instance(instance)) = exported else {
        return Err(missing(format!("{interface} as an interface")));
    };
    for (name, expected) in functions {
        let exported = types[instance].exports.get(*name).map(|item| item.ty);
        let name = format!("{interface}#{name}");
        let Some(ComponentEntityType::Func(function)) = exported else {
            return Err(missing(name));
        };
        signatures::check(types, (&name, expected.as_ref()), function)?;
    }
    Ok(())
}

fn invalid(error: wasmparser::BinaryReaderError) -> ComponentError {
    ComponentError::Invalid {
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bytes: &[u8]) -> String {
        match check(bytes, 100, WasmFeatures::default()) {
            Ok(_) => "a scorer".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn whatever_is_no_component_is_told_what_it_is() {
        let core = [&CORE_PREAMBLE[..], b"rest"].concat();
        for (bytes, text) in [
            (&b""[..], "no WebAssembly at all"),
            (b"\0as", "no WebAssembly at all"),
            (b"hello", "no WebAssembly at all"),
            (&core, "core module"),
            (b"\x7fELF\x02\x01", "machine code"),
            (b"(component)", "text"),
            (b"(module)", "text"),
            (b"\n ;; a scorer\n( component", "text"),
            (b";; nothing", "no WebAssembly at all"),
            (b"(", "no WebAssembly at all"),
            (b"\0asm\x0e\0\x01\0", "does not know"),
        ] {
            let verdict = verdict(bytes);
            assert!(
                verdict.starts_with("not a WebAssembly component"),
                "{verdict}"
            );
            assert!(verdict.contains(text), "{verdict}");
        }
    }

    #[test]
    fn an_empty_component_is_no_scorer() {
        assert_eq!(
            verdict(&PREAMBLE),
            "not a scorer: it does not export mlwasm:scoring/scorer@0.1.0"
        );
    }

    #[test]
    fn a_torn_component_is_invalid() {
        let torn = [&PREAMBLE[..], b"\x01\xff"].concat();
        assert!(
            verdict(&torn).starts_with("not a valid component"),
            "{}",
            verdict(&torn)
        );
    }

    #[test]
    fn the_number_of_functions_is_limited() {
        for (count, too_many) in [
            (MAX_FUNCTIONS - 1, false),
            (MAX_FUNCTIONS, false),
            (MAX_FUNCTIONS + 1, true),
        ] {
            let bytes = with_functions(count);
            let verdict = check(&bytes, u64::MAX, WasmFeatures::default());
            let is_too_many = matches!(verdict, Err(ComponentError::TooManyFunctions { .. }));
            assert_eq!(is_too_many, too_many, "{count}: {verdict:?}");
        }
    }

    /// A component of two modules that have `count` empty functions together.
    fn with_functions(count: u32) -> Vec<u8> {
        let one = 1_000;
        [
            PREAMBLE.to_vec(),
            section(1, &module(one)),
            section(1, &module(count - one)),
        ]
        .concat()
    }

    fn module(functions: u32) -> Vec<u8> {
        let types = vec![0; functions as usize];
        let bodies = [2, 0, 0x0b].repeat(functions as usize);
        [
            CORE_PREAMBLE.to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[number(functions), types].concat()),
            section(10, &[number(functions), bodies].concat()),
        ]
        .concat()
    }

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap();
        [vec![id], number(length), content.to_vec()].concat()
    }

    /// LEB128 in the five bytes that it may always have.
    fn number(value: u32) -> Vec<u8> {
        (0..5)
            .map(|group| {
                let low = u8::try_from(value >> (7 * group) & 0x7f).unwrap();
                if group < 4 { low | 0x80 } else { low }
            })
            .collect()
    }

    #[test]
    fn the_size_is_limited() {
        for (length, too_large) in [(99, false), (100, false), (101, true)] {
            let mut bytes = PREAMBLE.to_vec();
            bytes.resize(length, 0);
            let verdict = check(&bytes, 100, WasmFeatures::default());
            let is_too_large = matches!(verdict, Err(ComponentError::TooLarge { .. }));
            assert_eq!(is_too_large, too_large, "{length}");
        }
    }
}
