//! Keys of Azure's files that mean nothing here: such files load, and the user hears what to do instead.

use std::{fmt, marker::PhantomData, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, IgnoredAny, IntoDeserializer as _, MapAccess, Visitor,
        value::MapAccessDeserializer,
    },
};
use serde_json::Value;

use super::output;

/// A key and what to use instead.
pub(crate) type Foreign = (&'static str, &'static str);

/// Where editors find the rules of a file; for nobody else.
const SCHEMA: &str = "$schema";

/// A file in Azure's keys.
pub(crate) trait AzureFile {
    /// The keys that mean something to Azure only.
    const FOREIGN: &'static [Foreign];
}

/// A `T` whose file may also hold the keys of [`AzureFile::FOREIGN`].
///
/// They are skipped here instead of being fields of `T`, so that a message about a misspelt key does not offer them.
pub(crate) struct Tolerant<T>(pub(crate) T);

impl<'de, T: Deserialize<'de> + AzureFile> Deserialize<'de> for Tolerant<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TolerantVisitor(PhantomData))
    }
}

struct TolerantVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + AzureFile> Visitor<'de> for TolerantVisitor<T> {
    type Value = Tolerant<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tolerant<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(OwnKeys {
            map,
            foreign: T::FOREIGN,
        }))
        .map(Tolerant)
    }
}

/// A map without its foreign keys.
struct OwnKeys<A> {
    map: A,
    foreign: &'static [Foreign],
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for OwnKeys<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        mut seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        loop {
            match self.map.next_key_seed(OwnKey {
                seed,
                foreign: self.foreign,
            })? {
                None => return Ok(None),
                Some(Key::Own(key)) => return Ok(Some(key)),
                Some(Key::Foreign(unused)) => seed = unused,
            }
            self.map.next_value::<IgnoredAny>()?;
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads one key, within the reader of the file: its errors then say where the key stands.
struct OwnKey<K> {
    seed: K,
    foreign: &'static [Foreign],
}

enum Key<V, K> {
    Own(V),
    Foreign(K),
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for OwnKey<K> {
    type Value = Key<K::Value, K>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let key = String::deserialize(deserializer)?;
        if key == SCHEMA || self.foreign.iter().any(|(foreign, _)| *foreign == key) {
            return Ok(Key::Foreign(self.seed));
        }
        self.seed.deserialize(key.into_deserializer()).map(Key::Own)
    }
}

/// Tells the user of every key of `foreign` that `file`, which is at `path`, has.
pub(crate) fn report(path: &Path, file: &Value, foreign: &[Foreign]) {
    for message in messages(file, foreign) {
        output::note(&format!("note: {}: {message}", path.display()));
    }
}

fn messages(file: &Value, foreign: &[Foreign]) -> Vec<String> {
    let given = foreign
        .iter()
        .filter_map(|(key, advice)| Some((key, advice, file.get(key)?)));
    given
        .map(|(key, advice, value)| format!("{}has no effect here: {advice}", named(key, value)))
        .collect()
}

/// The key, with the keys below it, since those are what the user wrote.
fn named(key: &str, value: &Value) -> String {
    let below: Vec<_> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect();
    match below.is_empty() {
        true => format!("{key} "),
        false => format!("{key} ({}) ", below.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_key_gets_one_message() {
        let file = json!({"environment": {"image": "a", "conda_file": "b"}, "instance_type": "Standard_DS3_v2", "name": "x"});
        let foreign = [
            ("environment", "build a component"),
            ("instance_type", "set limits"),
            ("resources", "no"),
        ];
        assert_eq!(
            messages(&file, &foreign),
            [
                "environment (conda_file, image) has no effect here: build a component",
                "instance_type has no effect here: set limits",
            ]
        );
    }
}
