//! What the JSON of a request or an answer says, before anyone asks whether it makes sense.
//!
//! A message is read in one pass, its numbers straight into the bytes of a tensor: no tree of values is built, which would
//! take many times the body's memory: at most eight times its bytes, and 256 KiB for what describes its tensors (`memory`).
//! Only where a tensor's `data` comes before its `datatype` and `shape`, which JSON allows and no known client does, a second
//! pass reads it.

mod data;
#[cfg(test)]
mod memory;
mod place;
mod read;

use mlwasm_types::ElementType;

use super::malformed::Malformed;

pub(crate) use read::unknown_datatype;

/// Tensors of one side of a message; more than any signature has.
pub(crate) const MOST_TENSORS: usize = 1_024;
/// Dimensions of a tensor: as many as numpy allows.
pub(crate) const MOST_DIMENSIONS: usize = 64;
/// Parameters of one object.
pub(crate) const MOST_PARAMETERS: usize = 64;

/// A request or an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Message {
    pub(crate) id: Option<String>,
    pub(crate) parameters: Parameters,
    /// None if the key is not there at all.
    pub(crate) inputs: Option<Vec<Part>>,
    pub(crate) outputs: Option<Vec<Part>>,
}

/// A tensor, or in a request's `outputs` the wish for one: then it has a name and parameters only.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: Option<String>,
    pub(crate) datatype: Option<ElementType>,
    pub(crate) shape: Option<Vec<u32>>,
    pub(crate) parameters: Parameters,
    /// The bytes that the JSON's elements come to.
    pub(crate) data: Option<Vec<u8>>,
}

/// What stands in `parameters`, as far as anyone asks for it: the rest is not kept, so that it takes no memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parameters(Vec<(&'static str, Parameter)>);

/// The parameters that are asked for.
const KNOWN_PARAMETERS: [&str; 5] = [
    "binary_data",
    "binary_data_output",
    "binary_data_size",
    "classification",
    "shared_memory_region",
];

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parameter {
    Bool(bool),
    Integer(i64),
    /// Text, a fraction, a list or an object: nothing that we ask for.
    Other,
}

impl Parameters {
    /// Keeps a parameter that anyone asks for; of several of one name, the first.
    fn keep(&mut self, name: &str, value: Parameter) {
        if let Some(known) = KNOWN_PARAMETERS.into_iter().find(|known| *known == name)
            && self.get(known).is_none()
        {
            self.0.push((known, value));
        }
    }

    fn get(&self, name: &str) -> Option<&Parameter> {
        self.0
            .iter()
            .find_map(|(found, value)| (*found == name).then_some(value))
    }

    /// The truth value of this name.
    pub(crate) fn truth(&self, place: &str, name: &str) -> Result<Option<bool>, Malformed> {
        match self.get(name) {
            None => Ok(None),
            Some(Parameter::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Malformed(format!(
                "{place}.parameters.{name}: expected true or false"
            ))),
        }
    }

    /// The number of this name, which can not be negative.
    pub(crate) fn count(&self, place: &str, name: &str) -> Result<Option<usize>, Malformed> {
        let count = match self.get(name) {
            None => return Ok(None),
            Some(Parameter::Integer(value)) => usize::try_from(*value).ok(),
            Some(_) => None,
        };
        match count {
            Some(count) => Ok(Some(count)),
            None => Err(Malformed(format!(
                "{place}.parameters.{name}: expected a whole number from 0 on"
            ))),
        }
    }

    /// Whether the client keeps tensors in memory that it shares with its server: then their bytes are not in the body.
    pub(crate) fn are_of_shared_memory(&self) -> bool {
        self.get("shared_memory_region").is_some()
    }
}

/// Reads a message's JSON.
pub(crate) fn read(json: &[u8]) -> Result<Message, Malformed> {
    let first = read::pass(json, &read::Hints::default())?;
    if !first.has_early_data {
        return Ok(first.message);
    }
    // Without what the first pass has read, which the second reads again.
    let hints = read::Hints::of(first.message);
    read::pass(json, &hints).map(|second| second.message)
}

#[cfg(test)]
mod tests;
