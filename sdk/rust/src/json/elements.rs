//! JSON values to the elements of a tensor, without loss: what the element type can not hold is refused.

use serde_json::Value;

use crate::{BFloat16, Element, ElementType, Float16, Tensor, TensorSpec};

/// Makes the tensor for `spec`. `leaves` are as many as `shape` has places, row-major.
pub(super) fn to_tensor(
    spec: &TensorSpec,
    shape: &[usize],
    leaves: &[&Value],
) -> Result<Tensor, String> {
    let target = Target {
        spec,
        shape,
        leaves,
    };
    match spec.element {
        ElementType::Boolean => target.fill(Value::as_bool),
        ElementType::Uint8 => target.fill(unsigned::<u8>),
        ElementType::Uint16 => target.fill(unsigned::<u16>),
        ElementType::Uint32 => target.fill(unsigned::<u32>),
        ElementType::Uint64 => target.fill(Value::as_u64),
        ElementType::Int8 => target.fill(signed::<i8>),
        ElementType::Int16 => target.fill(signed::<i16>),
        ElementType::Int32 => target.fill(signed::<i32>),
        ElementType::Int64 => target.fill(Value::as_i64),
        ElementType::Float16 => target.fill(|value| {
            narrow(
                value,
                |wide| Float16::from_f32(to_f32(wide)),
                Float16::to_f32,
            )
        }),
        ElementType::BFloat16 => target.fill(|value| {
            narrow(
                value,
                |wide| BFloat16::from_f32(to_f32(wide)),
                BFloat16::to_f32,
            )
        }),
        ElementType::Float32 => target.fill(|value| narrow(value, to_f32, |narrow| narrow)),
        ElementType::Float64 => target.fill(real),
        ElementType::Bytes => target.fill_strings(),
    }
}

struct Target<'a> {
    spec: &'a TensorSpec,
    shape: &'a [usize],
    leaves: &'a [&'a Value],
}

impl Target<'_> {
    fn fill<T: Element>(&self, convert: impl Fn(&Value) -> Option<T>) -> Result<Tensor, String> {
        let elements = self.convert(convert)?;
        Tensor::new(&self.spec.name, self.shape, &elements).map_err(|error| error.to_string())
    }

    fn fill_strings(&self) -> Result<Tensor, String> {
        let strings = self.convert(Value::as_str)?;
        Tensor::strings(&self.spec.name, self.shape, &strings).map_err(|error| error.to_string())
    }

    fn convert<'v, T>(
        &'v self,
        convert: impl Fn(&'v Value) -> Option<T>,
    ) -> Result<Vec<T>, String> {
        let convert = |(index, value): (usize, &&'v Value)| {
            convert(value)
                .ok_or_else(|| format!("element {} is {}", self.place(index), excerpt(value)))
        };
        self.leaves.iter().enumerate().map(convert).collect()
    }

    /// The place of the element with this row-major index, such as `[2][0]`.
    fn place(&self, index: usize) -> String {
        let mut rest = index;
        let mut places = Vec::new();
        for size in self.shape.iter().rev() {
            places.push(format!("[{}]", rest % size));
            rest /= size;
        }
        places.into_iter().rev().collect()
    }
}

/// The value, cut where it gets too long for an error message.
fn excerpt(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn unsigned<T: TryFrom<u64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_u64()?).ok()
}

fn signed<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_i64()?).ok()
}

/// A number, or one of the three strings that stand for those that JSON lacks.
fn real(value: &Value) -> Option<f64> {
    match value.as_str() {
        None => value.as_f64(),
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(_) => None,
    }
}

/// Rounds to a narrower float. A finite number that would become infinite does not fit.
fn narrow<T: Copy>(value: &Value, round: impl Fn(f64) -> T, widen: impl Fn(T) -> f32) -> Option<T> {
    let wide = real(value)?;
    let rounded = round(wide);
    (widen(rounded).is_finite() || !wide.is_finite()).then_some(rounded)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to the nearest is what is meant"
)]
fn to_f32(wide: f64) -> f32 {
    wide as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(element: ElementType, value: &Value) -> bool {
        to_tensor(&TensorSpec::new("x", element, []), &[], &[value]).is_ok()
    }

    #[test]
    fn what_the_type_can_not_hold_is_refused_at_the_limit_and_not_before() {
        let cases = [
            (ElementType::Uint8, json!(255), json!(256)),
            (ElementType::Uint8, json!(0), json!(-1)),
            (ElementType::Int8, json!(-128), json!(-129)),
            (ElementType::Uint16, json!(65535), json!(65536)),
            (ElementType::Int16, json!(32767), json!(32768)),
            (
                ElementType::Uint32,
                json!(u32::MAX),
                json!(4_294_967_296_u64),
            ),
            (
                ElementType::Int32,
                json!(i32::MIN),
                json!(-2_147_483_649_i64),
            ),
            (ElementType::Uint64, json!(u64::MAX), json!(-1)),
            (
                ElementType::Int64,
                json!(i64::MAX),
                json!(9_223_372_036_854_775_808_u64),
            ),
            (ElementType::Float16, json!(65504), json!(65520)),
            (ElementType::BFloat16, json!(3.38e38), json!(3.40e38)),
            (ElementType::Float32, json!(3.4e38), json!(3.5e38)),
        ];
        for (element, good, bad) in cases {
            assert!(fits(element, &good), "{element} {good}");
            assert!(!fits(element, &bad), "{element} {bad}");
        }
    }

    #[test]
    fn no_value_is_taken_for_another_type() {
        let cases = [
            (ElementType::Boolean, json!(1)),
            (ElementType::Int64, json!(1.5)),
            (ElementType::Int64, json!(true)),
            (ElementType::Float32, json!("1.5")),
            (ElementType::Float64, json!(null)),
            (ElementType::Bytes, json!(1)),
        ];
        for (element, value) in cases {
            assert!(!fits(element, &value), "{element} {value}");
        }
    }

    #[test]
    fn a_long_value_is_cut_in_the_message() {
        let spec = TensorSpec::new("x", ElementType::Int64, [Some(1)]);
        let value = json!("ä".repeat(1000));

        let reason = to_tensor(&spec, &[1], &[&value]).unwrap_err();

        assert_eq!(reason, format!("element [0] is \"{}…", "ä".repeat(59)));
    }
}
