//! Where in its author's files the instructions of a component stand.
//!
//! A table of our own, made beside the machine code, in the process that has limits. Debug information is whatever a stranger
//! wrote, and reading it recurses as deep as that says; the process that serves reads only this table, which is plain numbers,
//! and reads it only when a scorer fails.

mod gather;
mod paths;

use std::fmt;

pub(crate) use gather::gather;
pub(crate) use paths::{is_authors, shortened_path};

/// Bytes of the texts' and rows' numbers.
const NUMBER: usize = size_of::<u32>();

/// The table of one component. Empty if it was built without debug information.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// In the order of their beginnings; each lasts until the next.
    rows: Vec<Row>,
    spots: Vec<Spot>,
    /// Files and functions.
    texts: Vec<Box<str>>,
}

/// Instructions that stand at one spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    /// The first one, in bytes from the beginning of the component.
    begins: u32,
    /// The number of the spot, from 1; 0 if they stand nowhere.
    spot: u32,
}

/// A spot in a file. Texts and spots are named by their numbers, from 1; 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Spot {
    function: u32,
    file: u32,
    line: u32,
    column: u32,
    /// Where the function was called that the compiler put in place here. Lower than the spot's own number, so that following
    /// callers ends.
    caller: u32,
}

/// One spot, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The function as debug information names it, which may be mangled.
    pub(crate) function: Option<&'a str>,
    /// The file: of the author's own from the project's folder, of others' by a mark of whose it is.
    pub(crate) file: &'a str,
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column, from 1, if the compiler told.
    pub(crate) column: Option<u32>,
}

impl Place<'_> {
    /// Whether the file is one of the author's.
    pub(crate) fn is_authors(&self) -> bool {
        is_authors(self.file)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Places {
    /// Where the instruction at `offset`, in bytes from the beginning of the component, stands: first the function that it is part
    /// of, then those in which the compiler put that one in place of a call.
    pub(crate) fn at(&self, offset: u64) -> Vec<Place<'_>> {
        let mut places = Vec::new();
        let Ok(offset) = u32::try_from(offset) else {
            return places;
        };
        let after = self.rows.partition_point(|row| row.begins <= offset);
        let row = after.checked_sub(1).and_then(|row| self.rows.get(row));
        let mut number = row.map_or(0, |row| row.spot);
        while let Some(spot) = before(&self.spots, number) {
            if let Some(file) = self.text(spot.file).filter(|_| spot.line > 0) {
                places.push(Place {
                    function: self.text(spot.function),
                    file,
                    line: spot.line,
                    column: Some(spot.column).filter(|column| *column > 0),
                });
            }
            // Only ever down.
            number = spot.caller.min(number - 1);
        }
        places
    }

    /// The bytes that the table takes in memory, about.
    pub(crate) fn bytes(&self) -> u64 {
        let texts: usize = self
            .texts
            .iter()
            .map(|text| text.len() + size_of::<Box<str>>())
            .sum();
        let numbers = self.rows.len() * size_of::<Row>() + self.spots.len() * size_of::<Spot>();
        (numbers + texts) as u64
    }

    fn text(&self, number: u32) -> Option<&str> {
        before(&self.texts, number).map(|text| &**text)
    }

    /// The table as [`Places::read`] reads it.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Each fits: `gather` stops long before.
        let length = |length: usize| u32::try_from(length).unwrap_or_default();
        let lengths = [self.rows.len(), self.spots.len(), self.texts.len()].map(length);
        let rows = self.rows.iter().flat_map(|row| [row.begins, row.spot]);
        let spots = self.spots.iter().flat_map(|spot| {
            let Spot {
                function,
                file,
                line,
                column,
                caller,
            } = *spot;
            [function, file, line, column, caller]
        });
        let texts = self.texts.iter().map(|text| length(text.len()));
        let numbers = lengths.into_iter().chain(rows).chain(spots).chain(texts);
        let texts = self.texts.iter().flat_map(|text| text.bytes());
        numbers.flat_map(u32::to_le_bytes).chain(texts).collect()
    }

    /// The table of these bytes; an empty one if they are none.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Reader(bytes).table().unwrap_or_default()
    }
}

/// The item with this number, from 1.
fn before<T>(items: &[T], number: u32) -> Option<&T> {
    items.get((number as usize).checked_sub(1)?)
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn table(&mut self) -> Option<Places> {
        let [rows, spots, texts] = self.numbers()?;
        let rows = self.many(rows, |[begins, spot]| Row { begins, spot })?;
        let spots = self.many(spots, |[function, file, line, column, caller]| Spot {
            function,
            file,
            line,
            column,
            caller,
        })?;
        let lengths = self.many(texts, |[length]| length)?;
        let texts = lengths.into_iter().map(|length| {
            let text = self.take(length as usize)?;
            std::str::from_utf8(text).ok().map(Box::from)
        });
        let texts = texts.collect::<Option<_>>()?;
        Some(Places { rows, spots, texts })
    }

    fn many<const N: usize, T>(
        &mut self,
        count: u32,
        item: impl Fn([u32; N]) -> T,
    ) -> Option<Vec<T>> {
        // Not made before it is known to be there.
        let size = (count as usize).checked_mul(N * NUMBER)?;
        if size > self.0.len() {
            return None;
        }
        (0..count).map(|_| self.numbers().map(&item)).collect()
    }

    fn numbers<const N: usize>(&mut self) -> Option<[u32; N]> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = u32::from_le_bytes(self.take(NUMBER)?.try_into().ok()?);
        }
        Some(numbers)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `helper` at lib.rs:7, in place of a call at lib.rs:12; then lib.rs:13; then nowhere.
    fn table() -> Places {
        let spot = |function, line, caller| Spot {
            function,
            file: 1,
            line,
            column: 0,
            caller,
        };
        Places {
            rows: vec![
                Row {
                    begins: 10,
                    spot: 2,
                },
                Row {
                    begins: 20,
                    spot: 3,
                },
                Row {
                    begins: 30,
                    spot: 0,
                },
            ],
            spots: vec![spot(3, 12, 0), spot(2, 7, 1), spot(3, 13, 0)],
            texts: ["src/lib.rs", "helper", "run"].map(Box::from).to_vec(),
        }
    }

    fn shown(places: &Places, offset: u64) -> Vec<String> {
        let places = places.at(offset).into_iter();
        places
            .map(|place| format!("{} {place}", place.function.unwrap_or("?")))
            .collect()
    }

    #[test]
    fn an_instruction_stands_where_the_last_row_before_it_says() {
        let places = table();
        for (offset, expected) in [
            (9, &[][..]),
            (10, &["helper src/lib.rs:7", "run src/lib.rs:12"]),
            (19, &["helper src/lib.rs:7", "run src/lib.rs:12"]),
            (20, &["run src/lib.rs:13"]),
            (29, &["run src/lib.rs:13"]),
            (30, &[]),
            (u64::MAX, &[]),
        ] {
            assert_eq!(shown(&places, offset), expected, "{offset}");
        }
        assert!(Places::default().at(10).is_empty());
    }

    #[test]
    fn a_table_reads_back_and_a_part_of_one_is_none() {
        let bytes = table().to_bytes();
        assert_eq!(Places::read(&bytes), table());
        assert_eq!(
            Places::read(&Places::default().to_bytes()),
            Places::default()
        );
        for length in 0..bytes.len() {
            assert_eq!(
                Places::read(&bytes[..length]),
                Places::default(),
                "{length}"
            );
        }
    }

    #[test]
    fn a_table_that_lies_ends_and_reserves_nothing() {
        assert_eq!(Places::read(&[0xff; 64]), Places::default());
        let mut places = table();
        // A caller that is itself, and texts that are not there.
        places.spots[1].caller = 2;
        places.spots[0].file = 99;
        assert_eq!(shown(&places, 10), ["helper src/lib.rs:7"]);
    }
}
