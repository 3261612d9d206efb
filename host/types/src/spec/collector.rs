//! What is kept of a deployment's requests: bodies, and what its scorer records.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{Bound, InvalidSpec, Real};
use crate::collection::Collection;

/// The smallest share that can be told from none: one in ten thousand requests.
const LEAST_RATE: f64 = 0.000_1;
/// The longest body that may be kept whole.
const MOST_BYTES: u64 = 1 << 20;

/// How many collections of a scorer's own a deployment may have.
const MOST_NAMED: usize = 16;

/// What is collected of a deployment: Azure's `data_collector`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataCollector {
    /// What is collected. Nothing is unless it is named here.
    pub collections: Collections,
    /// The share of the requests that is collected, from 0.0001 to 1. All of a request is, or nothing.
    #[serde(default = "all")]
    pub sampling_rate: Real,
    /// How long one folder of files is.
    #[serde(default)]
    pub rolling_rate: RollingRate,
    /// Bytes of a body or record that are kept, 1 to 1,048,576; a longer one is cut.
    #[serde(default = "usual_bytes")]
    pub max_bytes: u32,
}

/// The collections that are named, and whether they are on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Collections(BTreeMap<Collection, Switch>);

impl<'de> Deserialize<'de> for Collections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Null takes a collection back, as it does with every setting.
        let named = BTreeMap::<Collection, Option<Switch>>::deserialize(deserializer)?;
        let given = named.into_iter();
        Ok(Self(
            given.filter_map(|(name, it)| Some((name, it?))).collect(),
        ))
    }
}

/// Whether a collection is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// On or off; Azure's files write it as text, `'True'`.
    #[serde(deserialize_with = "truth")]
    pub enabled: bool,
}

/// When a new folder begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollingRate {
    /// With each hour of UTC.
    #[default]
    Hour,
}

fn all() -> Real {
    Real(1.0)
}

/// 64 KiB: a hundred rows of features whole, and an image not.
fn usual_bytes() -> u32 {
    64 << 10
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Bool(bool),
        Text(String),
    }
    match Written::deserialize(deserializer) {
        Ok(Written::Bool(is_on)) => Ok(is_on),
        Ok(Written::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Ok(Written::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Ok(Written::Text(_)) | Err(_) => Err(de::Error::custom("expected true or false")),
    }
}

impl DataCollector {
    /// Whether `collection` is on.
    pub fn collects(&self, collection: &Collection) -> bool {
        let switch = self.collections.0.get(collection);
        switch.is_some_and(|switch| switch.enabled)
    }

    /// The collections that are on.
    pub fn collected(&self) -> impl Iterator<Item = &Collection> {
        let named = self.collections.0.iter();
        named
            .filter(|(_, switch)| switch.enabled)
            .map(|(collection, _)| collection)
    }

    /// How many of 10,000 requests are collected.
    pub fn sampled_points(&self) -> u16 {
        // Between 1 and 10,000: see the bounds.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what fits"
        )]
        let points = (self.sampling_rate.0 * 10_000.0)
            .round()
            .clamp(0.0, 10_000.0) as u16;
        points
    }

    pub(super) fn validate(&self) -> Result<(), InvalidSpec> {
        let rate = self.sampling_rate.0;
        // What is no number is in no range.
        if !(LEAST_RATE..=1.0).contains(&rate) {
            return Err(InvalidSpec::RealOutOfBounds {
                setting: "data_collector.sampling_rate",
                value: rate.to_string(),
                least: LEAST_RATE.to_string(),
                most: "1".to_owned(),
            });
        }
        let named = self.collections.0.keys();
        let count = named
            .filter(|it| matches!(it, Collection::Named(_)))
            .count();
        if count > MOST_NAMED {
            return Err(InvalidSpec::TooManyCollections {
                count,
                most: MOST_NAMED,
            });
        }
        Bound::new("data_collector.max_bytes", self.max_bytes, 1, MOST_BYTES).check()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(settings: Value) -> Result<DataCollector, serde_json::Error> {
        serde_json::from_value(settings)
    }

    #[test]
    fn nothing_is_collected_unless_it_is_named() {
        for (collections, request, response) in [
            (json!({}), false, false),
            (json!({"request": {"enabled": true}}), true, false),
            (
                json!({"request": {"enabled": false}, "response": {"enabled": true}}),
                false,
                true,
            ),
            // As Azure's files write it.
            (
                json!({"request": {"enabled": "True"}, "response": {"enabled": "false"}}),
                true,
                false,
            ),
        ] {
            let settings = read(json!({ "collections": collections })).unwrap();
            assert_eq!(settings.collects(&Collection::Request), request);
            assert_eq!(settings.collects(&Collection::Response), response);
            settings.validate().unwrap();
        }
    }

    #[test]
    fn a_scorers_own_collections_are_named_beside_the_bodies() {
        let named = json!({
            "model_inputs": {"enabled": "True"}, "model_outputs": {"enabled": false}, "features": null,
        });
        let settings = read(json!({ "collections": named })).unwrap();
        let collected: Vec<_> = settings.collected().map(Collection::as_str).collect();
        assert_eq!(collected, ["model_inputs"]);
        assert_eq!(
            serde_json::to_value(&settings).unwrap()["collections"],
            json!({"model_inputs": {"enabled": true}, "model_outputs": {"enabled": false}})
        );
        for (count, allowed) in [(15, true), (16, true), (17, false)] {
            let mut collections =
                json!({"request": {"enabled": true}, "response": {"enabled": true}});
            for n in 0..count {
                collections[format!("c{n}")] = json!({"enabled": false});
            }
            let settings = read(json!({ "collections": collections })).unwrap();
            assert_eq!(settings.validate().is_ok(), allowed, "{count}");
        }
    }

    #[test]
    fn each_bound_holds_at_below_and_above() {
        for (rate, allowed, points) in [
            (0.0, false, 0),
            (0.000_09, false, 1),
            (0.000_1, true, 1),
            (0.1, true, 1_000),
            (1.0, true, 10_000),
            (1.000_1, false, 10_000),
            (f64::NAN, false, 0),
        ] {
            let mut settings = read(json!({"collections": {}})).unwrap();
            settings.sampling_rate = Real(rate);
            assert_eq!(settings.validate().is_ok(), allowed, "{rate}");
            assert_eq!(settings.sampled_points(), points, "{rate}");
        }
        for (bytes, allowed) in [
            (0, false),
            (1, true),
            (1 << 20, true),
            ((1 << 20) + 1, false),
        ] {
            let settings = json!({"collections": {}, "max_bytes": bytes});
            assert_eq!(
                read(settings).unwrap().validate().is_ok(),
                allowed,
                "{bytes}"
            );
        }
    }

    #[test]
    fn what_is_not_there_is_refused_by_its_name() {
        for (settings, words) in [
            (
                json!({"collections": {"model inputs": {"enabled": true}}}),
                "model inputs",
            ),
            (json!({"collections": {}, "rolling_rate": "day"}), "hour"),
            (
                json!({"collections": {}, "request_logging": {}}),
                "request_logging",
            ),
            (
                json!({"collections": {"request": {"enabled": "on"}}}),
                "true or false",
            ),
            (json!({}), "collections"),
        ] {
            let error = read(settings).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
