// The fourteen types of a tensor's elements: how JavaScript holds them.
//
// Bytes are little-endian, and so is every machine that runs this: typed arrays read them as they lie.

import { TensorError } from "./errors.js";
import { bfloat16FromNumber, bfloat16ToNumber, float16FromNumber, float16ToNumber } from "./half.js";

const number = (array, least, most) => ({ array, size: array.BYTES_PER_ELEMENT, put: (value) => integer(value, least, most) });
const big = (array, least, most) => ({ array, size: 8, put: (value) => bigInteger(value, least, most) });
const float = (array) => ({ array, size: array.BYTES_PER_ELEMENT, put: anyNumber });

/** By name: the array of its elements (of its bits, for half floats), their size in bytes, and how a value is checked. */
export const ELEMENTS = {
  boolean: { array: Uint8Array, size: 1, put: (value) => (value === true || value === 1 ? 1 : value === false || value === 0 ? 0 : refuse(value, "true or false")), get: (byte) => byte !== 0 },
  uint8: number(Uint8Array, 0, 0xff),
  int8: number(Int8Array, -0x80, 0x7f),
  uint16: number(Uint16Array, 0, 0xffff),
  int16: number(Int16Array, -0x8000, 0x7fff),
  uint32: number(Uint32Array, 0, 0xffffffff),
  int32: number(Int32Array, -0x80000000, 0x7fffffff),
  uint64: big(BigUint64Array, 0n, 0xffffffffffffffffn),
  int64: big(BigInt64Array, -0x8000000000000000n, 0x7fffffffffffffffn),
  float16: { array: Uint16Array, size: 2, put: (value) => float16FromNumber(anyNumber(value)), get: float16ToNumber, wide: Float32Array },
  bfloat16: { array: Uint16Array, size: 2, put: (value) => bfloat16FromNumber(anyNumber(value)), get: bfloat16ToNumber, wide: Float32Array },
  float32: float(Float32Array),
  float64: float(Float64Array),
  bytes: {},
};

/** The element that a typed array holds; undefined for anything else. */
export function elementOfArray(values) {
  const name = Object.prototype.toString.call(values).slice(8, -1);
  return BY_ARRAY[name];
}

const BY_ARRAY = {
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
  Int8Array: "int8",
  Uint16Array: "uint16",
  Int16Array: "int16",
  Uint32Array: "uint32",
  Int32Array: "int32",
  BigUint64Array: "uint64",
  BigInt64Array: "int64",
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
};

/** The element of a list, by its first value. */
export function elementOfList(values) {
  const kind = typeof values[0];
  return { string: "bytes", boolean: "boolean", bigint: "int64" }[kind] ?? (values[0] instanceof Uint8Array ? "bytes" : "float32");
}

function anyNumber(value) {
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : refuse(value, "a number");
}

function integer(value, least, most) {
  const found = typeof value === "bigint" ? Number(value) : value;
  if (Number.isInteger(found) && found >= least && found <= most) return found;
  return refuse(value, `an integer from ${least} to ${most}`);
}

function bigInteger(value, least, most) {
  const found = Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof found === "bigint" && found >= least && found <= most) return found;
  return refuse(value, `an integer from ${least} to ${most}, exact as a number or a BigInt`);
}

function refuse(value, expected) {
  const shown = typeof value === "bigint" ? `${value}n` : typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new TensorError(`${shown} is not ${expected}`);
}
