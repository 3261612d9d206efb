//! What a component is made of, read from its bytes: nothing is compiled or run, and nothing is refused.
//!
//! Whether it is a scorer is for `precheck`; this tells its author what it asks for, where its bytes are, who made it, and
//! whether a backtrace will have names.

use std::collections::BTreeMap;

use wasmparser::{
    BinaryReaderError, ComponentExternalKind, CustomSectionReader, Encoding, KnownCustom, Parser,
    Payload, Validator,
};

use crate::{
    engine::configuration,
    error::ComponentError,
    imports::grants::{self, Grant},
    precheck::not_a_component,
};

/// The parts of a component.
#[derive(Clone, Debug, Default)]
pub struct Anatomy {
    /// The interfaces that it imports, in its order.
    pub imports: Vec<Import>,
    /// What it exports, in its order: interfaces and functions.
    pub exports: Vec<String>,
    /// Its core modules, in its order, those of nested components too.
    pub modules: Vec<CoreModule>,
    /// Who made it: names and versions, under `language`, `sdk` and `processed-by`.
    pub producers: BTreeMap<String, BTreeMap<String, String>>,
}

/// An interface that a component imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its name, with its version.
    pub interface: String,
    /// What a scorer gets by it.
    pub grant: Grant,
}

/// One core module. All sizes are in bytes of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreModule {
    /// The name that its maker gave it.
    pub name: Option<String>,
    /// All of it.
    pub bytes: u64,
    /// The bodies of its functions.
    pub code: u64,
    /// What is copied to its memory at the start.
    pub data: u64,
    /// What no program reads: names, debug information, producers.
    pub custom: u64,
    /// How many functions it has.
    pub functions: u32,
    /// Whether it names its functions, for backtraces.
    pub has_names: bool,
    /// Whether it has debug information (DWARF).
    pub has_debug_information: bool,
}

impl Anatomy {
    /// Reads `bytes`, which must be a component, whole and valid in its structure.
    ///
    /// # Errors
    ///
    /// [`ComponentError::NotAComponent`], [`ComponentError::Invalid`].
    pub fn of(bytes: &[u8]) -> Result<Self, ComponentError> {
        if let Some(found) = not_a_component(bytes) {
            return Err(ComponentError::NotAComponent { found });
        }
        let invalid = |error: BinaryReaderError| ComponentError::Invalid {
            message: error.to_string(),
        };
        Validator::new_with_features(configuration::features())
            .validate_all(bytes)
            .map_err(invalid)?;
        let mut reading = Reading::default();
        for payload in Parser::new(0).parse_all(bytes) {
            payload
                .and_then(|payload| reading.take(payload))
                .map_err(invalid)?;
        }
        Ok(reading.anatomy)
    }

    /// The bytes of all modules' functions.
    pub fn code(&self) -> u64 {
        self.modules.iter().map(|module| module.code).sum()
    }

    /// The bytes of all modules' data.
    pub fn data(&self) -> u64 {
        self.modules.iter().map(|module| module.data).sum()
    }

    /// The bytes of all modules' custom sections.
    pub fn custom(&self) -> u64 {
        self.modules.iter().map(|module| module.custom).sum()
    }
}

#[derive(Default)]
struct Reading {
    anatomy: Anatomy,
    /// What is open, outermost first: a component, or a core module.
    open: Vec<Encoding>,
}

impl Reading {
    fn take(&mut self, payload: Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::Version { encoding, .. } => self.open.push(encoding),
            Payload::End(_) => {
                self.open.pop();
            }
            Payload::ModuleSection {
                unchecked_range, ..
            } => self.anatomy.modules.push(CoreModule {
                bytes: length(&unchecked_range),
                ..CoreModule::default()
            }),
            Payload::ComponentImportSection(section) if self.open.len() == 1 => {
                for import in section {
                    let interface = import?.name.name.to_owned();
                    let grant = grants::grant(&interface);
                    self.anatomy.imports.push(Import { interface, grant });
                }
            }
            Payload::ComponentExportSection(section) if self.open.len() == 1 => {
                for export in section {
                    let export = export?;
                    if export.kind != ComponentExternalKind::Type {
                        self.anatomy.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::CodeSectionStart { count, range, .. } => {
                if let Some(module) = self.module() {
                    module.code += length(&range);
                    module.functions += count;
                }
            }
            Payload::DataSection(section) => {
                if let Some(module) = self.module() {
                    module.data += length(&section.range());
                }
            }
            Payload::CustomSection(section) => self.custom(&section)?,
            _ => {}
        }
        Ok(())
    }

    /// The core module that is being read; none within a component's own sections.
    fn module(&mut self) -> Option<&mut CoreModule> {
        (self.open.last() == Some(&Encoding::Module))
            .then(|| self.anatomy.modules.last_mut())
            .flatten()
    }

    fn custom(&mut self, section: &CustomSectionReader<'_>) -> Result<(), BinaryReaderError> {
        if let Some(module) = self.module() {
            module.custom += length(&section.range());
            module.has_debug_information |= section.name().starts_with(".debug_");
        }
        match section.as_known() {
            KnownCustom::Name(names) => {
                for name in names {
                    // A name section that is malformed is no fault of the component: it only names nothing.
                    match (name, self.module()) {
                        (Ok(wasmparser::Name::Module { name, .. }), Some(module)) => {
                            module.name = Some(name.to_owned());
                        }
                        (Ok(wasmparser::Name::Function(_)), Some(module)) => {
                            module.has_names = true;
                        }
                        _ => {}
                    }
                }
            }
            KnownCustom::Producers(fields) => {
                for field in fields {
                    let field = field?;
                    let known = self.anatomy.producers.entry(field.name.to_owned());
                    let known = known.or_default();
                    for value in field.values {
                        let value = value?;
                        known.insert(value.name.to_owned(), value.version.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn length(range: &std::ops::Range<usize>) -> u64 {
    range.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_component_has_no_anatomy() {
        for (bytes, text) in [
            (&b"\0asm\x01\0\0\0"[..], "core module"),
            (b"(component)", "text"),
            (b"\0asm\x0d\0\x01\0\x01\xff", "not a valid component"),
        ] {
            let error = Anatomy::of(bytes).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn an_empty_component_has_no_parts() {
        let anatomy = Anatomy::of(b"\0asm\x0d\0\x01\0").unwrap();
        assert!(anatomy.imports.is_empty() && anatomy.modules.is_empty());
        assert_eq!(
            (anatomy.code(), anatomy.data(), anatomy.custom()),
            (0, 0, 0)
        );
    }

    #[test]
    fn a_modules_bytes_are_told_apart() {
        // A component with one module: a function, a memory with three bytes of data, and a custom section `.debug_info`.
        let module = [
            &b"\0asm\x01\0\0\0"[..],
            b"\x01\x04\x01\x60\0\0",
            b"\x03\x02\x01\0",
            b"\x05\x03\x01\0\x01",
            b"\x0a\x04\x01\x02\0\x0b",
            b"\x0b\x09\x01\0\x41\0\x0b\x03abc",
            b"\0\x0c\x0b.debug_info",
        ]
        .concat();
        let size = u8::try_from(module.len()).unwrap();
        let component = [&b"\0asm\x0d\0\x01\0\x01"[..], &[size], &module].concat();
        let anatomy = Anatomy::of(&component).unwrap();
        let expected = CoreModule {
            bytes: u64::from(size),
            code: 4,
            data: 9,
            custom: 12,
            functions: 1,
            has_debug_information: true,
            ..CoreModule::default()
        };
        assert_eq!(anatomy.modules, [expected]);
    }
}
