//! The two half-precision floats, as bits: Rust has no stable type for them.
//!
//! Conversion rounds to the nearest value, ties to even, as hardware does. Truncating instead would bias every sum.

/// An IEEE 754 binary16 number, as its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Float16(pub u16);

/// A bfloat16 number (the upper half of a binary32), as its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BFloat16(pub u16);

const SIGN: u32 = 0x8000_0000;
const F32_INFINITY: u32 = 0x7f80_0000;
/// 65520: the least number that rounds to infinity, as the bits of an f32.
const F16_OVERFLOW: u32 = 0x477f_f000;
/// 2^-14: the least normal binary16, as the bits of an f32.
const F16_LEAST_NORMAL: u32 = 0x3880_0000;

impl Float16 {
    /// The nearest binary16; infinite from 65520 on.
    pub fn from_f32(value: f32) -> Self {
        let sign = high_half(value.to_bits() & SIGN);
        let magnitude = value.to_bits() & !SIGN;
        Self(sign | Self::magnitude_bits(magnitude))
    }

    /// The same number as f32, exactly.
    pub fn to_f32(self) -> f32 {
        let sign = if self.0 & 0x8000 == 0 { 1.0 } else { -1.0 };
        let exponent = (self.0 >> 10) & 0x1f;
        let fraction = self.0 & 0x3ff;
        let magnitude = match exponent {
            0 => f32::from(fraction) / 16_777_216.0, // 2^-24, the least subnormal
            0x1f if fraction == 0 => f32::INFINITY,
            0x1f => f32::NAN,
            // Moves the exponent's bias from 15 to 127.
            _ => f32::from_bits((u32::from(exponent) + 112) << 23 | u32::from(fraction) << 13),
        };
        sign * magnitude
    }

    fn magnitude_bits(magnitude: u32) -> u16 {
        match magnitude {
            nan if nan > F32_INFINITY => 0x7e00,
            huge if huge >= F16_OVERFLOW => 0x7c00,
            normal if normal >= F16_LEAST_NORMAL => {
                let rebased = normal - (112 << 23);
                low_half(round_shift(rebased, 13))
            }
            small => {
                // Adding 0.5 leaves the subnormal's bits, correctly rounded, at the bottom of the sum.
                let sum = f32::from_bits(small) + 0.5;
                low_half(sum.to_bits() - 0.5_f32.to_bits())
            }
        }
    }
}

impl BFloat16 {
    /// The nearest bfloat16.
    pub fn from_f32(value: f32) -> Self {
        if value.is_nan() {
            // Rounding could carry a NaN's fraction into the exponent and make it infinite.
            return Self(high_half(value.to_bits()) | 0x0040);
        }
        Self(low_half(round_shift(value.to_bits(), 16)))
    }

    /// The same number as f32, exactly.
    pub fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }
}

/// `value / 2^bits`, rounded to the nearest integer, ties to even.
fn round_shift(value: u32, bits: u32) -> u32 {
    let tie_to_even = (value >> bits) & 1;
    (value + (1 << (bits - 1)) - 1 + tie_to_even) >> bits
}

fn high_half(bits: u32) -> u16 {
    low_half(bits >> 16)
}

fn low_half(bits: u32) -> u16 {
    let [low, high, _, _] = bits.to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_float16_survives_the_way_through_f32() {
        for bits in 0..=u16::MAX {
            let value = Float16(bits).to_f32();
            if value.is_nan() {
                assert!(Float16::from_f32(value).to_f32().is_nan());
            } else {
                assert_eq!(Float16::from_f32(value), Float16(bits));
            }
        }
    }

    #[test]
    fn every_bfloat16_survives_the_way_through_f32() {
        for bits in 0..=u16::MAX {
            let value = BFloat16(bits).to_f32();
            if value.is_nan() {
                assert!(BFloat16::from_f32(value).to_f32().is_nan());
            } else {
                assert_eq!(BFloat16::from_f32(value), BFloat16(bits));
            }
        }
    }

    #[test]
    fn float16_rounds_to_the_nearest_ties_to_even() {
        let cases = [
            (1.0, 0x3c00),
            (-2.0, 0xc000),
            (65504.0, 0x7bff),
            (65519.996, 0x7bff),
            (65520.0, 0x7c00),
            (1.0 + 1.0 / 2048.0, 0x3c00),
            (1.0 + 3.0 / 2048.0, 0x3c02),
            (2.0_f32.powi(-24), 0x0001),
            (2.0_f32.powi(-25), 0x0000),
            (2.0_f32.powi(-25) * 1.001, 0x0001),
            (-0.0, 0x8000),
        ];
        for (value, bits) in cases {
            assert_eq!(Float16::from_f32(value), Float16(bits), "{value}");
        }
    }

    #[test]
    fn bfloat16_rounds_to_the_nearest_ties_to_even() {
        let cases = [
            (1.0, 0x3f80),
            (1.0 + 1.0 / 256.0, 0x3f80),
            (1.0 + 3.0 / 256.0, 0x3f82),
            (f32::MAX, 0x7f80),
        ];
        for (value, bits) in cases {
            assert_eq!(BFloat16::from_f32(value), BFloat16(bits), "{value}");
        }
    }
}
