//! What goes out: every output with its datatype, shape and elements.

use serde::{Serialize, Serializer};

use super::body::Asked;
use crate::{BFloat16, ElementType, Float16, Response, ScoreError, Tensor, TensorError};

/// The answer by name, in the order of `outputs`.
pub(super) fn plain(outputs: &[Tensor]) -> Result<Response, ScoreError> {
    let outputs = outputs
        .iter()
        .map(|tensor| Ok((tensor.name(), Output::new(tensor)?)));
    let outputs = outputs.collect::<Result<_, TensorError>>()?;
    Response::json(&Plain {
        outputs: InOrder(outputs),
    })
}

/// The answer of the Open Inference Protocol, of those outputs that were asked for.
pub(super) fn protocol(
    outputs: &[Tensor],
    asked: &Asked,
    deployment: &str,
) -> Result<Response, ScoreError> {
    let named = |name: &String| {
        let found = outputs.iter().find(|tensor| tensor.name() == name);
        found.ok_or_else(|| ScoreError::BadRequest(format!("no output `{name}`")))
    };
    let wanted: Vec<&Tensor> = if asked.outputs.is_empty() {
        outputs.iter().collect()
    } else {
        asked.outputs.iter().map(named).collect::<Result<_, _>>()?
    };
    let outputs = wanted.into_iter().map(Named::new);
    Response::json(&Protocol {
        model_name: deployment,
        id: asked.id.as_deref(),
        outputs: outputs.collect::<Result<_, TensorError>>()?,
    })
}

#[derive(Serialize)]
struct Plain<'a> {
    outputs: InOrder<'a>,
}

#[derive(Serialize)]
struct Protocol<'a> {
    model_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<Named<'a>>,
}

/// One output in a list of them.
#[derive(Serialize)]
pub(crate) struct Named<'a> {
    name: &'a str,
    #[serde(flatten)]
    output: Output<'a>,
}

impl<'a> Named<'a> {
    pub(crate) fn new(tensor: &'a Tensor) -> Result<Self, TensorError> {
        Ok(Self {
            name: tensor.name(),
            output: Output::new(tensor)?,
        })
    }
}

/// A JSON object whose members keep their order, which a map would sort.
struct InOrder<'a>(Vec<(&'a str, Output<'a>)>);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, output)| (name, output)))
    }
}

#[derive(Serialize)]
struct Output<'a> {
    datatype: &'static str,
    shape: &'a [u32],
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Booleans(Vec<bool>),
    Unsigned(Vec<u64>),
    Signed(Vec<i64>),
    Singles(Vec<Single>),
    Doubles(Vec<Double>),
    Texts(Vec<&'a str>),
}

impl<'a> Output<'a> {
    fn new(tensor: &'a Tensor) -> Result<Self, TensorError> {
        Ok(Self {
            datatype: tensor.element().datatype(),
            shape: tensor.shape(),
            data: Data::new(tensor)?,
        })
    }
}

impl<'a> Data<'a> {
    fn new(tensor: &'a Tensor) -> Result<Self, TensorError> {
        Ok(match tensor.element() {
            ElementType::Boolean => Self::Booleans(tensor.values()?),
            ElementType::Uint8 => Self::Unsigned(widen(tensor.values::<u8>()?)),
            ElementType::Uint16 => Self::Unsigned(widen(tensor.values::<u16>()?)),
            ElementType::Uint32 => Self::Unsigned(widen(tensor.values::<u32>()?)),
            ElementType::Uint64 => Self::Unsigned(tensor.values()?),
            ElementType::Int8 => Self::Signed(widen(tensor.values::<i8>()?)),
            ElementType::Int16 => Self::Signed(widen(tensor.values::<i16>()?)),
            ElementType::Int32 => Self::Signed(widen(tensor.values::<i32>()?)),
            ElementType::Int64 => Self::Signed(tensor.values()?),
            ElementType::Float16 => Self::Singles(singles(tensor.values()?, Float16::to_f32)),
            ElementType::BFloat16 => Self::Singles(singles(tensor.values()?, BFloat16::to_f32)),
            ElementType::Float32 => Self::Singles(singles(tensor.values()?, |value| value)),
            ElementType::Float64 => {
                Self::Doubles(tensor.values()?.into_iter().map(Double).collect())
            }
            ElementType::Bytes => Self::Texts(tensor.texts()?),
        })
    }
}

fn widen<N, W: From<N>>(values: Vec<N>) -> Vec<W> {
    values.into_iter().map(W::from).collect()
}

fn singles<N>(values: Vec<N>, to_f32: impl Fn(N) -> f32) -> Vec<Single> {
    values
        .into_iter()
        .map(|value| Single(to_f32(value)))
        .collect()
}

/// Written with as few digits as tell it from its neighbours, which widening to f64 would lose: `0.1`, not `0.10000000149`.
struct Single(f32);

struct Double(f64);

impl Serialize for Single {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match name_unless_finite(f64::from(self.0)) {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_f32(self.0),
        }
    }
}

impl Serialize for Double {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match name_unless_finite(self.0) {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_f64(self.0),
        }
    }
}

/// The string for a float that JSON has no number for.
fn name_unless_finite(value: f64) -> Option<&'static str> {
    match value {
        finite if finite.is_finite() => None,
        nan if nan.is_nan() => Some("NaN"),
        infinite if infinite > 0.0 => Some("Infinity"),
        _ => Some("-Infinity"),
    }
}
