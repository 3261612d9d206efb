//! Makes the table of places out of a component's debug information (DWARF).
//!
//! Runs where compiling does, under its limits. What is malformed is left out: a component is none the worse for it.

use std::{
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
};

use addr2line::{
    Context, Frame,
    gimli::{Dwarf, EndianSlice, Error, LittleEndian},
};
use wasmparser::{Encoding, Parser, Payload};

use super::{Places, Row, Spot, paths::shortened_path};

/// Debug information that is read, in bytes, of a whole component: that of a large program.
const MOST_BYTES: usize = 128 << 20;
/// Rows of a table, which is 8 MiB of them: a server holds the table as long as the component.
const MOST_ROWS: usize = 1 << 20;
/// Calls that were put in place within one another, of one spot.
const MOST_DEPTH: usize = 64;
/// Longest name of a function. Generic ones grow without end.
const MOST_NAME: usize = 512;

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// The table of `component`; empty if it has no debug information, or none that makes sense.
pub(crate) fn gather(component: &[u8]) -> Places {
    let mut table = Table::default();
    for module in modules(component) {
        // The reader is careful. Should it ever not be, that is no reason to refuse a scorer.
        let reading = AssertUnwindSafe(|| table.add(&module).ok());
        if catch_unwind(reading).is_err() {
            return Places::default();
        }
    }
    table.finish()
}

/// The debug information of one core module.
#[derive(Default)]
struct Module<'a> {
    /// Where its code begins and ends in the component.
    code: std::ops::Range<usize>,
    sections: BTreeMap<&'a str, &'a [u8]>,
}

/// The modules that have code and debug information.
fn modules(component: &[u8]) -> Vec<Module<'_>> {
    let mut modules: Vec<Module<'_>> = Vec::new();
    let mut bytes = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version {
                encoding: Encoding::Module,
                ..
            }) => modules.push(Module::default()),
            Ok(Payload::CodeSectionStart { range, .. }) => {
                if let Some(module) = modules.last_mut() {
                    module.code = range;
                }
            }
            Ok(Payload::CustomSection(section)) if section.name().starts_with(".debug_") => {
                bytes += section.data().len();
                if bytes > MOST_BYTES {
                    return Vec::new();
                }
                if let Some(module) = modules.last_mut() {
                    module.sections.insert(section.name(), section.data());
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    modules.retain(|module| !module.code.is_empty() && !module.sections.is_empty());
    modules
}

#[derive(Default)]
struct Table {
    /// Beginning, end and spot.
    stretches: Vec<(u32, u32, u32)>,
    spots: Numbered<Spot>,
    texts: Numbered<Box<str>>,
}

impl Table {
    fn add(&mut self, module: &Module<'_>) -> Result<(), Error> {
        let section = |name: &str| module.sections.get(name).copied().unwrap_or_default();
        let dwarf = Dwarf::load(|id| Ok::<_, Error>(Bytes::new(section(id.name()), LittleEndian)))?;
        let context = Context::from_dwarf(dwarf)?;
        // Addresses are counted from the beginning of the code.
        let base = module.code.start as u64;
        for (begins, length, _) in context.find_location_range(0, module.code.len() as u64)? {
            if self.stretches.len() >= MOST_ROWS {
                break;
            }
            let ends = begins.saturating_add(length).min(module.code.len() as u64);
            let spot = self.spot(&context, begins)?;
            let at = |address: u64| u32::try_from(base + address).unwrap_or(u32::MAX);
            self.stretches.push((at(begins), at(ends), spot));
        }
        Ok(())
    }

    /// The number of the spot at which the instruction at `address` stands.
    fn spot(&mut self, context: &Context<Bytes<'_>>, address: u64) -> Result<u32, Error> {
        let unit = context.find_dwarf_and_unit(address).skip_all_loads();
        let compiled_in = unit
            .and_then(|unit| unit.comp_dir)
            .map(|folder| folder.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut frames = context.find_frames(address).skip_all_loads()?;
        let mut inner_first = Vec::new();
        while let Some(frame) = frames.next()? {
            if inner_first.len() == MOST_DEPTH {
                break;
            }
            inner_first.push(frame);
        }
        let mut caller = 0;
        for frame in inner_first.iter().rev() {
            caller = self.called(frame, &compiled_in, caller);
        }
        Ok(caller)
    }

    fn called(&mut self, frame: &Frame<'_, Bytes<'_>>, compiled_in: &str, caller: u32) -> u32 {
        let name = frame
            .function
            .as_ref()
            .and_then(|name| name.raw_name().ok());
        let function = name.map_or(0, |name| {
            let end = name.floor_char_boundary(MOST_NAME);
            self.texts.number(name[..end].into())
        });
        let location = frame.location.as_ref();
        let file = location.and_then(|location| location.file);
        let file = file.map_or(0, |file| {
            self.texts.number(shortened_path(file, compiled_in).into())
        });
        self.spots.number(Spot {
            function,
            file,
            line: location.and_then(|location| location.line).unwrap_or(0),
            column: location.and_then(|location| location.column).unwrap_or(0),
            caller,
        })
    }

    fn finish(mut self) -> Places {
        self.stretches.sort_unstable();
        let mut rows: Vec<Row> = Vec::new();
        let mut until = 0;
        for (begins, ends, spot) in self.stretches {
            // Of what is told twice, the first counts.
            let begins = begins.max(until);
            if begins >= ends {
                continue;
            }
            if begins > until && until > 0 {
                rows.push(Row {
                    begins: until,
                    spot: 0,
                });
            }
            until = ends;
            let goes_on = rows.last().is_some_and(|row| row.spot == spot);
            if !goes_on {
                rows.push(Row { begins, spot });
            }
        }
        if until > 0 {
            rows.push(Row {
                begins: until,
                spot: 0,
            });
        }
        Places {
            rows,
            spots: self.spots.items,
            texts: self.texts.items,
        }
    }
}

/// Items without doubles, numbered from 1 in their order.
struct Numbered<T> {
    items: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn number(&mut self, item: T) -> u32 {
        if let Some(number) = self.numbers.get(&item) {
            return *number;
        }
        self.items.push(item.clone());
        let number = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.numbers.insert(item, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(stretches: &[(u32, u32, u32)]) -> Vec<(u32, u32)> {
        let table = Table {
            stretches: stretches.to_vec(),
            ..Table::default()
        };
        let rows = table.finish().rows;
        rows.iter().map(|row| (row.begins, row.spot)).collect()
    }

    #[test]
    fn stretches_become_rows_that_do_not_overlap() {
        assert_eq!(rows(&[]), []);
        assert_eq!(rows(&[(5, 9, 1)]), [(5, 1), (9, 0)]);
        assert_eq!(rows(&[(9, 12, 1), (5, 9, 1)]), [(5, 1), (12, 0)]);
        assert_eq!(rows(&[(5, 9, 1), (9, 12, 2)]), [(5, 1), (9, 2), (12, 0)]);
        assert_eq!(
            rows(&[(5, 9, 1), (11, 12, 2)]),
            [(5, 1), (9, 0), (11, 2), (12, 0)]
        );
        assert_eq!(rows(&[(5, 9, 1), (7, 12, 2)]), [(5, 1), (9, 2), (12, 0)]);
        assert_eq!(rows(&[(5, 9, 1), (6, 8, 2)]), [(5, 1), (9, 0)]);
    }

    #[test]
    fn what_has_no_debug_information_has_no_table() {
        for bytes in [&b""[..], b"\0asm\x0d\0\x01\0", b"\0asm\x0d\0\x01\0\x01\xff"] {
            assert_eq!(gather(bytes), Places::default());
        }
    }
}
