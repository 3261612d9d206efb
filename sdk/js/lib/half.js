// The two half-precision floats, as bits.
//
// Conversion rounds once, from the number itself, to the nearest value, ties to even. To go by way of float32 would round
// twice, which is off by one bit for numbers close to a tie.

const view = new DataView(new ArrayBuffer(8));

/** The bits of the nearest binary16; infinite from 65520 on. */
export function float16FromNumber(value) {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below 2^-14 the spacing stays 2^-24. A sum with the next exponent's bits carries by itself.
  const exponent = Math.max(-14, magnitude === 0 ? -14 : Math.floor(Math.log2(magnitude)));
  const scale = exponentBelow(magnitude, exponent);
  const steps = roundToEven(magnitude * 2 ** (10 - scale));
  return sign | (((scale + 14) << 10) + steps);
}

/** The number that these bits of a binary16 are. */
export function float16ToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest bfloat16. */
export function bfloat16FromNumber(value) {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = toOddFloat32(value);
  const rounded = bits + 0x7fff + ((bits >>> 16) & 1);
  return (rounded / 0x10000) & 0xffff;
}

/** The number that these bits of a bfloat16 are. */
export function bfloat16ToNumber(bits) {
  view.setUint32(0, bits * 0x10000);
  return view.getFloat32(0);
}

/** Math.log2 may be off by one near a power of two. */
function exponentBelow(magnitude, guess) {
  if (magnitude < 2 ** guess) return Math.max(-14, guess - 1);
  return magnitude >= 2 ** (guess + 1) ? guess + 1 : guess;
}

function roundToEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** The bits of the float32 next to the number towards zero, the last one set if any was cut: so a later rounding is right. */
function toOddFloat32(value) {
  view.setFloat32(0, value);
  let bits = view.getUint32(0);
  const near = view.getFloat32(0);
  if (near === value) return bits;
  if (Math.abs(near) > Math.abs(value)) bits -= 1;
  return bits % 2 === 0 ? bits + 1 : bits;
}
