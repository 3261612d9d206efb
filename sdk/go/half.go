package mlwasm

import "math"

// Float16 is IEEE 754 binary16, as bits.
type Float16 uint16

// BFloat16 is the upper half of a float32's bits.
type BFloat16 uint16

// BFloat16From rounds to the nearest, ties to even.
func BFloat16From(value float32) BFloat16 {
	bits := math.Float32bits(value)
	if bits&0x7FFFFFFF > 0x7F800000 {
		return BFloat16(bits>>16 | 0x40) // rounding could make an infinity of a NaN
	}
	return BFloat16((bits + 0x7FFF + bits>>16&1) >> 16)
}

// Float32 gives the value, which is exact.
func (half BFloat16) Float32() float32 {
	return math.Float32frombits(uint32(half) << 16)
}

// Float16From rounds to the nearest, ties to even. What is too large becomes an infinity.
func Float16From(value float32) Float16 {
	bits := math.Float32bits(value)
	sign, magnitude := Float16(bits>>16&0x8000), bits&0x7FFFFFFF
	switch {
	case magnitude > 0x7F800000:
		return sign | 0x7E00
	case magnitude >= 0x47800000: // 2^16 and above
		return sign | 0x7C00
	case magnitude < 0x38800000:
		// Below 2^-14: adding 0.5 makes the float unit round to units of 2^-24.
		return sign | Float16(math.Float32bits(math.Float32frombits(magnitude)+0.5)-0x3F000000)
	default:
		return sign | Float16((magnitude-0x38000000+0xFFF+magnitude>>13&1)>>13)
	}
}

// Float32 gives the value, which is exact.
func (half Float16) Float32() float32 {
	sign, exponent, fraction := uint32(half&0x8000)<<16, uint32(half)>>10&0x1F, uint32(half)&0x3FF
	switch exponent {
	case 0x1F:
		return math.Float32frombits(sign | 0x7F800000 | fraction<<13)
	case 0:
		// Zero, or a subnormal: the fraction counts units of 2^-24.
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	default:
		return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
	}
}
