//! One pass over a message's JSON.

use std::fmt;

use mlwasm_types::ElementType;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{
    super::malformed::{Malformed, shown},
    MOST_DIMENSIONS, MOST_PARAMETERS, MOST_TENSORS, Message, Parameter, Parameters, Part,
    data::{Item, Sink},
    place::Place,
};

/// What a former pass has found: types and shapes that come after their data.
#[derive(Debug, Default)]
pub(super) struct Hints {
    inputs: Vec<Hint>,
    outputs: Vec<Hint>,
}

type Hint = (Option<ElementType>, Option<Vec<u32>>);

impl Hints {
    pub(super) fn of(message: Message) -> Self {
        let hints = |parts: Option<Vec<Part>>| {
            let parts = parts.into_iter().flatten();
            parts.map(|part| (part.datatype, part.shape)).collect()
        };
        Self {
            inputs: hints(message.inputs),
            outputs: hints(message.outputs),
        }
    }
}

/// What one pass has found.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) message: Message,
    /// Some data came before its type and shape, and was not read.
    pub(super) has_early_data: bool,
}

/// Reads `json`.
pub(super) fn pass(json: &[u8], hints: &Hints) -> Result<Pass, Malformed> {
    let mut reader = Reader {
        // An element takes two bytes of JSON at least, and comes to eight at most.
        spare: json.len().saturating_mul(4),
        has_early_data: false,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let seed = MessageSeed {
        reader: &mut reader,
        hints,
    };
    let message = seed
        .deserialize(&mut deserializer)
        .and_then(|message| deserializer.end().map(|()| message))
        .map_err(|error| Malformed(error.to_string()))?;
    Ok(Pass {
        message,
        has_early_data: reader.has_early_data,
    })
}

struct Reader {
    spare: usize,
    has_early_data: bool,
}

/// Fills a field that may be given once.
fn fill<T, E: Error>(field: &mut Option<T>, place: Place<'_>, value: T) -> Result<(), E> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom(format_args!("{place}: given twice"))),
    }
}

struct MessageSeed<'r> {
    reader: &'r mut Reader,
    hints: &'r Hints,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = Message;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Message, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = Message;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body to be an object with `inputs`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message, A::Error> {
        let Self { reader, hints } = self;
        let mut message = Message::default();
        let mut parameters = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => {
                    let place = Place::Field(&Place::Whole, "id");
                    fill(&mut message.id, place, map.next_value_seed(Text(place))?)?;
                }
                "parameters" => {
                    let place = Place::Field(&Place::Whole, "parameters");
                    let value = map.next_value_seed(ParametersSeed(place))?;
                    fill(&mut parameters, place, value)?;
                }
                "inputs" => {
                    let place = Place::Field(&Place::Whole, "inputs");
                    let hints = hints.inputs.as_slice();
                    let seed = PartsSeed {
                        reader,
                        hints,
                        place,
                    };
                    fill(&mut message.inputs, place, map.next_value_seed(seed)?)?;
                }
                "outputs" => {
                    let place = Place::Field(&Place::Whole, "outputs");
                    let hints = hints.outputs.as_slice();
                    let seed = PartsSeed {
                        reader,
                        hints,
                        place,
                    };
                    fill(&mut message.outputs, place, map.next_value_seed(seed)?)?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        message.parameters = parameters.unwrap_or_default();
        Ok(message)
    }
}

struct PartsSeed<'r> {
    reader: &'r mut Reader,
    hints: &'r [Hint],
    place: Place<'r>,
}

impl<'de> DeserializeSeed<'de> for PartsSeed<'_> {
    type Value = Vec<Part>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Part>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PartsSeed<'_> {
    type Value = Vec<Part>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be a list of tensors", self.place)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Part>, A::Error> {
        let mut parts = Vec::new();
        loop {
            if parts.len() == MOST_TENSORS {
                // One more is only looked for: it is refused unread.
                return match items.next_element::<IgnoredAny>()? {
                    None => Ok(parts),
                    Some(_) => Err(A::Error::custom(format_args!(
                        "{}: more than {MOST_TENSORS} tensors",
                        self.place
                    ))),
                };
            }
            let seed = PartSeed {
                reader: &mut *self.reader,
                hint: self.hints.get(parts.len()),
                place: Place::Item(&self.place, parts.len()),
            };
            match items.next_element_seed(seed)? {
                Some(part) => parts.push(part),
                None => return Ok(parts),
            }
        }
    }
}

struct PartSeed<'r> {
    reader: &'r mut Reader,
    hint: Option<&'r Hint>,
    place: Place<'r>,
}

impl<'de> DeserializeSeed<'de> for PartSeed<'_> {
    type Value = Part;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for PartSeed<'_> {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be an object", self.place)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
        let mut part = Part::default();
        let mut parameters = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" => {
                    let place = Place::Field(&self.place, "name");
                    fill(&mut part.name, place, map.next_value_seed(Text(place))?)?;
                }
                "datatype" => {
                    let place = Place::Field(&self.place, "datatype");
                    let datatype = map.next_value_seed(Datatype(place))?;
                    fill(&mut part.datatype, place, datatype)?;
                }
                "shape" => {
                    let place = Place::Field(&self.place, "shape");
                    fill(&mut part.shape, place, map.next_value_seed(Shape(place))?)?;
                }
                "parameters" => {
                    let place = Place::Field(&self.place, "parameters");
                    let value = map.next_value_seed(ParametersSeed(place))?;
                    fill(&mut parameters, place, value)?;
                }
                "data" => {
                    let place = Place::Field(&self.place, "data");
                    let Some((element, shape)) = known(self.hint, &part) else {
                        self.reader.has_early_data = true;
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let told = |what| A::Error::custom(format_args!("{place}: {what}"));
                    let mut sink =
                        Sink::new(element, shape, &mut self.reader.spare).map_err(told)?;
                    let item = Item {
                        sink: &mut sink,
                        place,
                        depth: 0,
                    };
                    map.next_value_seed(item)?;
                    let bytes = sink.into_bytes().map_err(told)?;
                    fill(&mut part.data, place, bytes)?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        part.parameters = parameters.unwrap_or_default();
        Ok(part)
    }
}

/// The type and shape of a tensor, as far as they are known by now.
fn known<'p>(hint: Option<&'p Hint>, part: &'p Part) -> Option<(ElementType, &'p [u32])> {
    let hinted = hint.map(|(datatype, shape)| (*datatype, shape.as_deref()));
    let (datatype, shape) = hinted.unwrap_or_default();
    Some((
        part.datatype.or(datatype)?,
        part.shape.as_deref().or(shape)?,
    ))
}

struct Text<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be a string", self.0)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
}

struct Datatype<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Datatype<'_> {
    type Value = ElementType;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ElementType, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Datatype<'_> {
    type Value = ElementType;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be a string, as FP32", self.0)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<ElementType, E> {
        ElementType::of_datatype(value)
            .ok_or_else(|| E::custom(format_args!("{}: {}", self.0, unknown_datatype(value))))
    }
}

/// What is said of a datatype that there is not.
pub(crate) fn unknown_datatype(found: &str) -> String {
    let names: Vec<_> = ElementType::ALL.map(ElementType::datatype).to_vec();
    format!(
        "expected one of {}, found {}",
        names.join(" "),
        shown(found)
    )
}

struct Shape<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = Vec<u32>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<u32>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = Vec<u32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be a list of sizes", self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u32>, A::Error> {
        let mut sizes = Vec::new();
        while let Some(size) = items.next_element_seed(Size(Place::Item(&self.0, sizes.len())))? {
            if sizes.len() == MOST_DIMENSIONS {
                return Err(A::Error::custom(format_args!(
                    "{}: more than {MOST_DIMENSIONS} dimensions",
                    self.0
                )));
            }
            sizes.push(size);
        }
        Ok(sizes)
    }
}

struct Size<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for Size<'_> {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u32, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Size<'_> {
    fn of<E: Error>(self, value: impl TryInto<u32> + fmt::Display + Copy) -> Result<u32, E> {
        value.try_into().map_err(|_| {
            E::custom(format_args!(
                "{}: expected a size from 0 to {}, found {value}",
                self.0,
                u32::MAX
            ))
        })
    }
}

impl Visitor<'_> for Size<'_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be a whole number", self.0)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u32, E> {
        self.of(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u32, E> {
        self.of(value)
    }
}

struct ParametersSeed<'a>(Place<'a>);

impl<'de> DeserializeSeed<'de> for ParametersSeed<'_> {
    type Value = Parameters;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parameters, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ParametersSeed<'_> {
    type Value = Parameters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to be an object", self.0)
    }

    // What clients send that have none.
    fn visit_unit<E: Error>(self) -> Result<Parameters, E> {
        Ok(Parameters::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameters, A::Error> {
        let mut parameters = Parameters::default();
        let mut count = 0;
        while let Some(name) = map.next_key::<String>()? {
            if count == MOST_PARAMETERS {
                return Err(A::Error::custom(format_args!(
                    "{}: more than {MOST_PARAMETERS} parameters",
                    self.0
                )));
            }
            count += 1;
            parameters.keep(&name, map.next_value_seed(Value)?);
        }
        Ok(parameters)
    }
}

struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Parameter;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parameter, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Parameter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a parameter")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Parameter, E> {
        Ok(Parameter::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Parameter, E> {
        Ok(Parameter::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Parameter, E> {
        Ok(i64::try_from(value).map_or(Parameter::Other, Parameter::Integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Parameter, E> {
        Ok(Parameter::Other)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Parameter, E> {
        Ok(Parameter::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Parameter, E> {
        Ok(Parameter::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parameter, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Parameter::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parameter, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Parameter::Other)
    }
}
