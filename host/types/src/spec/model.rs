//! One model of a deployment, and how it is run.
//!
//! In JSON a model is a digest, or a map with a digest and options; it is always written as the map, so that a merge
//! patch reaches each option.

use std::{fmt, num::NonZeroU32, time::Duration};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::ToSchema;

use super::{InvalidSpec, bounds::Bound};
use crate::Digest;

/// A model that a scorer may open. Equal specs share one loaded model, whoever names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ModelSpec {
    /// The digest of an uploaded ONNX file.
    pub digest: Digest,
    /// Whether runs that wait at the same time are joined along the first dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batching: Option<Batching>,
    /// How many times the model is loaded. The runs take the copies in turn.
    #[serde(skip_serializing_if = "is_one")]
    pub sessions: NonZeroU32,
    /// Threads that work on one operator of one run; the server's setting if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intra_threads: Option<NonZeroU32>,
    /// What computes.
    #[serde(skip_serializing_if = "ExecutionProvider::is_cpu")]
    pub execution_provider: ExecutionProvider,
    /// The digest of an uploaded JSON file with inputs to warm the model up with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Digest>,
}

/// How the runs of a model, or the requests to a typed scorer, are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(default)]
pub struct Batching {
    /// Most rows of one run.
    #[schema(minimum = 2, maximum = 65536)]
    pub max_batch_size: u32,
    /// Longest that a run waits for more rows while others are under way, in microseconds. Between requests the clock counts
    /// whole milliseconds, so that there more are rounded up.
    #[schema(minimum = 0, maximum = 1000000)]
    pub max_queue_delay_us: u32,
}

/// What computes the runs of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionProvider {
    /// The processor.
    #[default]
    Cpu,
    /// NVIDIA's CUDA.
    Cuda,
    /// NVIDIA's TensorRT.
    Tensorrt,
    /// Intel's OpenVINO.
    Openvino,
    /// AMD's MIGraphX.
    Migraphx,
    /// Apple's Core ML.
    Coreml,
}

impl ModelSpec {
    /// A model with all options by default.
    pub fn new(digest: Digest) -> Self {
        Self {
            digest,
            batching: None,
            sessions: NonZeroU32::MIN,
            intra_threads: None,
            execution_provider: ExecutionProvider::Cpu,
            sample: None,
        }
    }

    /// The artifacts that it names, each with the name of its key.
    pub fn artifacts(&self) -> impl Iterator<Item = (&'static str, Digest)> {
        [("digest", Some(self.digest)), ("sample", self.sample)]
            .into_iter()
            .filter_map(|(key, digest)| Some((key, digest?)))
    }

    pub(super) fn validate(&self) -> Result<(), InvalidSpec> {
        Bound::new("models.*.sessions", self.sessions.get(), 1, 64).check()?;
        if let Some(threads) = self.intra_threads {
            Bound::new("models.*.intra_threads", threads.get(), 1, 256).check()?;
        }
        self.batching.as_ref().map_or(Ok(()), |batching| {
            let size = "models.*.batching.max_batch_size";
            batching.validate(size, "models.*.batching.max_queue_delay_us")
        })
    }
}

impl Default for Batching {
    fn default() -> Self {
        Self {
            max_batch_size: 32,
            max_queue_delay_us: 0,
        }
    }
}

impl Batching {
    /// Longest that a run waits for more rows.
    pub fn max_queue_delay(&self) -> Duration {
        Duration::from_micros(self.max_queue_delay_us.into())
    }

    /// Checks the bounds, where these are the settings' paths.
    pub(super) fn validate(
        self,
        size: &'static str,
        delay: &'static str,
    ) -> Result<(), InvalidSpec> {
        Bound::new(size, self.max_batch_size, 2, 65_536).check()?;
        Bound::new(delay, self.max_queue_delay_us, 0, 1_000_000).check()
    }
}

impl ExecutionProvider {
    /// The word for it in specs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Tensorrt => "tensorrt",
            Self::Openvino => "openvino",
            Self::Migraphx => "migraphx",
            Self::Coreml => "coreml",
        }
    }

    fn is_cpu(&self) -> bool {
        *self == Self::Cpu
    }
}

impl fmt::Display for ExecutionProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

fn is_one(count: &NonZeroU32) -> bool {
    *count == NonZeroU32::MIN
}

/// A model's file, and how it is run.
// The map as it is read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelOptions {
    #[schema(schema_with = crate::schema::digest_or_reference)]
    digest: Digest,
    /// Runs that wait at the same time are joined along the first dimension.
    batching: Option<Batching>,
    /// How many times the model is loaded. The runs take the copies in turn.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 64)]
    sessions: Option<NonZeroU32>,
    /// Threads that work on one operator of one run; the server's setting if there is none.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 256)]
    intra_threads: Option<NonZeroU32>,
    /// What computes.
    execution_provider: Option<ExecutionProvider>,
    /// The digest of an uploaded JSON file with inputs to warm the model up with.
    sample: Option<Digest>,
}

impl<'de> Deserialize<'de> for ModelSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ModelVisitor)
    }
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = ModelSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest, or a map with the key `digest`")
    }

    fn visit_str<E: de::Error>(self, digest: &str) -> Result<ModelSpec, E> {
        digest.parse().map(ModelSpec::new).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ModelSpec, A::Error> {
        let keys = ModelOptions::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ModelSpec {
            digest: keys.digest,
            batching: keys.batching,
            sessions: keys.sessions.unwrap_or(NonZeroU32::MIN),
            intra_threads: keys.intra_threads,
            execution_provider: keys.execution_provider.unwrap_or_default(),
            sample: keys.sample,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<ModelSpec, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_digest_alone_is_a_model_and_is_written_as_a_map() {
        let digest = Digest::of(b"model");
        let model = read(json!(digest)).unwrap();
        assert_eq!(model, ModelSpec::new(digest));
        let written = serde_json::to_value(&model).unwrap();
        assert_eq!(written, json!({"digest": digest}));
        assert_eq!(read(written).unwrap(), model);
    }

    #[test]
    fn options_are_read_as_they_were_written() {
        let map = json!({
            "digest": Digest::of(b"model"),
            "batching": {"max_batch_size": 16, "max_queue_delay_us": 100},
            "sessions": 2,
            "intra_threads": 4,
            "execution_provider": "cuda",
            "sample": Digest::of(b"sample"),
        });
        let model = read(map.clone()).unwrap();
        assert_eq!(model.execution_provider, ExecutionProvider::Cuda);
        assert_eq!(model.artifacts().count(), 2);
        assert_eq!(serde_json::to_value(&model).unwrap(), map);
    }

    #[test]
    fn what_is_no_model_is_refused_in_words() {
        let digest = Digest::of(b"model");
        for (value, words) in [
            (json!("iris.onnx"), "is not a digest"),
            (json!(7), "a digest, or a map with the key `digest`"),
            (json!({"sessions": 2}), "missing field `digest`"),
            (
                json!({"digest": digest, "sesions": 2}),
                "unknown field `sesions`",
            ),
            (
                json!({"digest": digest, "batching": {"size": 2}}),
                "unknown field `size`",
            ),
            (json!({"digest": digest, "sessions": 0}), "nonzero"),
            (
                json!({"digest": digest, "execution_provider": "gpu"}),
                "unknown variant `gpu`",
            ),
        ] {
            let error = read(value.clone()).unwrap_err();
            assert!(error.contains(words), "{value}: {error}");
        }
    }

    #[test]
    fn each_bound_holds_at_below_and_above() {
        let check = |options: Value, is_allowed: bool| {
            let mut map = options.clone();
            map["digest"] = json!(Digest::of(b"model"));
            assert_eq!(
                read(map).unwrap().validate().is_ok(),
                is_allowed,
                "{options}"
            );
        };
        for (sessions, is_allowed) in [(1, true), (64, true), (65, false)] {
            check(json!({"sessions": sessions}), is_allowed);
        }
        for (threads, is_allowed) in [(1, true), (256, true), (257, false)] {
            check(json!({"intra_threads": threads}), is_allowed);
        }
        for (size, is_allowed) in [(1, false), (2, true), (65_536, true), (65_537, false)] {
            check(json!({"batching": {"max_batch_size": size}}), is_allowed);
        }
        for (delay, is_allowed) in [(0, true), (1_000_000, true), (1_000_001, false)] {
            check(
                json!({"batching": {"max_queue_delay_us": delay}}),
                is_allowed,
            );
        }
    }
}
