//! A tensor's `data` in JSON, flat or nested as its shape is, into the tensor's bytes.

use std::fmt;

use mlwasm_types::{ElementType, tensor::element_count};
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use super::{
    super::json::{Elements, check_has_json},
    place::Place,
};

/// The bytes of one tensor while they are read.
#[derive(Debug)]
pub(super) struct Sink<'a> {
    shape: &'a [u32],
    expected: usize,
    found: usize,
    /// At which depth the first element stood; all others must stand there too.
    depth: Option<usize>,
    elements: Elements,
}

impl<'a> Sink<'a> {
    /// For a tensor of this type and shape. `spare` bytes may be taken for it at once: what JSON of this length can at most
    /// come to, less what other tensors have taken.
    pub(super) fn new(
        element: ElementType,
        shape: &'a [u32],
        spare: &mut usize,
    ) -> Result<Self, String> {
        check_has_json(element)?;
        let expected = element_count(shape).ok_or("the shape has more elements than memory")?;
        let size = element.size_in_bytes().unwrap_or(4);
        let room = expected.saturating_mul(size).min(*spare);
        *spare -= room;
        Ok(Self {
            shape,
            expected,
            found: 0,
            depth: None,
            elements: Elements::new(element, room),
        })
    }

    pub(super) fn into_bytes(self) -> Result<Vec<u8>, String> {
        if self.found == self.expected {
            return Ok(self.elements.bytes);
        }
        Err(format!(
            "expected {} elements, found {}",
            self.expected, self.found
        ))
    }

    /// Takes note of an element at this depth of lists.
    fn count(&mut self, depth: usize) -> Result<(), String> {
        if depth == 0 {
            return Err("expected a list".to_owned());
        }
        let first = *self.depth.get_or_insert(depth);
        if first != depth || (depth != 1 && depth != self.shape.len()) {
            let rank = self.shape.len();
            return Err(format!(
                "expected elements in one flat list, or all in {rank} nested ones as the shape has"
            ));
        }
        if self.found == self.expected {
            return Err(format!("expected {} elements, found more", self.expected));
        }
        self.found += 1;
        Ok(())
    }

    /// A list at this depth has ended, with so many items.
    fn close(&self, depth: usize, items: usize) -> Result<(), String> {
        let is_nested = self.depth.is_some_and(|elements| elements > 1);
        let expected = self.shape.get(depth).map(|size| *size as usize);
        if is_nested && expected != Some(items) {
            let expected = expected.unwrap_or_default();
            return Err(format!(
                "expected {expected} items as the shape has, found {items}"
            ));
        }
        Ok(())
    }
}

/// Reads one item of the data: a list or an element.
pub(super) struct Item<'s, 'a> {
    pub(super) sink: &'s mut Sink<'a>,
    pub(super) place: Place<'s>,
    pub(super) depth: usize,
}

impl Item<'_, '_> {
    fn element<E: Error>(
        self,
        shown: impl fmt::Display,
        put: impl FnOnce(&mut Elements) -> Option<()>,
    ) -> Result<(), E> {
        let place = self.place;
        let told = |what| E::custom(format_args!("{place}: {what}"));
        self.sink.count(self.depth).map_err(told)?;
        let datatype = self.sink.elements.element.datatype();
        put(&mut self.sink.elements)
            .ok_or_else(|| E::custom(format_args!("{place}: expected {datatype}, found {shown}")))
    }
}

impl<'de> DeserializeSeed<'de> for Item<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let datatype = self.sink.elements.element.datatype();
        write!(f, "{datatype} in {}", self.place)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.element(value, |elements| elements.put_truth(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.element(value, |elements| elements.put_integer(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.element(value, |elements| elements.put_integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.element(value, |elements| elements.put_float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.element(super::super::malformed::shown(value), |elements| {
            elements.put_text(value)
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { sink, place, depth } = self;
        let told = |what| A::Error::custom(format_args!("{place}: {what}"));
        if depth >= sink.shape.len().max(1) {
            let rank = sink.shape.len();
            return Err(told(format!(
                "expected an element, found a list: the shape has {rank} dimensions"
            )));
        }
        let mut count = 0;
        loop {
            let item = Item {
                sink: &mut *sink,
                place: Place::Item(&place, count),
                depth: depth + 1,
            };
            if items.next_element_seed(item)?.is_none() {
                break;
            }
            count += 1;
        }
        sink.close(depth, count).map_err(told)
    }
}
