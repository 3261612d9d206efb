import assert from "node:assert/strict";
import { test } from "node:test";

import { Tensor, TensorError } from "../index.js";
import { bfloat16FromNumber, bfloat16ToNumber, float16FromNumber, float16ToNumber } from "../lib/half.js";

test("every element lies little-endian and comes back", () => {
  const cases = [
    ["boolean", [true, false], [1, 0]],
    ["uint8", [255], [255]],
    ["int8", [-128], [128]],
    ["uint16", [258], [2, 1]],
    ["int16", [-2], [254, 255]],
    ["uint32", [4294967295], [255, 255, 255, 255]],
    ["int32", [-1], [255, 255, 255, 255]],
    ["uint64", [2n ** 64n - 1n], [255, 255, 255, 255, 255, 255, 255, 255]],
    ["int64", [-(2n ** 63n)], [0, 0, 0, 0, 0, 0, 0, 128]],
    ["float16", [1], [0, 0x3c]],
    ["bfloat16", [1], [0x80, 0x3f]],
    ["float32", [1], [0, 0, 0x80, 0x3f]],
    ["float64", [1], [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
    ["bytes", ["näh", ""], [4, 0, 0, 0, 0x6e, 0xc3, 0xa4, 0x68, 0, 0, 0, 0]],
  ];
  for (const [element, values, bytes] of cases) {
    const tensor = new Tensor("x", [values.length], values, element);
    assert.deepEqual(Array.from(tensor.data), bytes, element);
    assert.deepEqual(Array.from(tensor.values()), values, element);
    assert.equal(tensor.element, element);
  }
});

test("values decide the element unless it is named", () => {
  const cases = [
    [new Float64Array(1), "float64"],
    [new BigInt64Array(1), "int64"],
    [new Uint8ClampedArray(1), "uint8"],
    [[1], "float32"],
    [[1n], "int64"],
    [[true], "boolean"],
    [["a"], "bytes"],
    [[new Uint8Array(3)], "bytes"],
  ];
  for (const [values, element] of cases) assert.equal(new Tensor("x", [1], values).element, element);
  assert.equal(new Tensor("x", [1], new Float64Array(1), "float32").data.length, 4);
});

test("a value that does not fit its element is refused with its place, at the limit's other side", () => {
  const cases = [
    ["uint8", [255, 256], "element 1", "256 is not an integer from 0 to 255"],
    ["uint8", [-1], "element 0", "-1 is not"],
    ["int8", [127, 128], "element 1", "128 is not"],
    ["int16", [-32768, -32769], "element 1", "-32769 is not"],
    ["uint32", [4294967296], "element 0", "4294967296 is not"],
    ["int32", [0.5], "element 0", "0.5 is not an integer"],
    ["int64", [2 ** 53 - 1, 2 ** 53], "element 1", "exact as a number or a BigInt"],
    ["int64", [2n ** 63n], "element 0", "9223372036854775808n is not"],
    ["uint64", [-1n], "element 0", "-1n is not"],
    ["float32", [1, "2"], "element 1", '"2" is not a number'],
    ["float32", [null], "element 0", "null is not a number"],
    ["boolean", [2], "element 0", "2 is not true or false"],
    ["bytes", [1], "element 0", "expected a string or a Uint8Array"],
  ];
  for (const [element, values, place, reason] of cases) {
    assert.throws(
      () => new Tensor("x", [values.length], values, element),
      (error) => error instanceof TensorError && error.message.startsWith(`${place} of tensor "x"`) && error.message.includes(reason),
      `${element} ${values}`,
    );
  }
});

test("a shape that the values do not fill is refused", () => {
  assert.throws(() => new Tensor("x", [2, 3], [1, 2, 3, 4, 5]), { message: 'tensor "x" of shape [2, 3] needs 6 elements, got 5' });
  assert.throws(() => new Tensor("x", [-1], []), { message: 'the shape of tensor "x" is [-1], expected a list of sizes' });
  assert.throws(() => new Tensor("x", [1], [1], "float8"), /no element type "float8", expected one of boolean/);
});

test("nested lists tell the shape, and come back", () => {
  for (const nested of [3, [], [1, 2], [[1, 2], [3, 4], [5, 6]], [[[1], [2]]]]) {
    assert.deepEqual(Tensor.of("x", nested).toNested(), nested);
  }
  assert.deepEqual(Tensor.of("x", [[1, 2], [3, 4], [5, 6]]).shape, [3, 2]);
  assert.deepEqual(Tensor.of("x", [[], []]).shape, [2, 0]);
  assert.deepEqual(Tensor.of("x", [[], []]).toNested(), [[], []]);
  assert.throws(() => Tensor.of("x", [[1, 2], [3]]), { message: 'the lists of tensor "x" are ragged: list 1 of level 1 has not 2 elements' });
  assert.throws(() => Tensor.of("x", [[1], 2]), /ragged/);
});

test("64-bit integers are plain numbers where they are exact", () => {
  assert.deepEqual(new Tensor("x", [2], [1n, 2n ** 53n - 1n]).numbers(), [1, 2 ** 53 - 1]);
  assert.throws(() => new Tensor("x", [1], [2n ** 53n]).numbers(), { message: '9007199254740992 in tensor "x" is not exact as a number: use values()' });
});

test("bytes that do not fill the shape are noticed", () => {
  for (const length of [7, 9, 12]) {
    assert.throws(() => Tensor.fromBytes("x", "float32", [2], new Uint8Array(length)).values(), /which are not 2 elements of float32/);
  }
  for (const data of [[1, 0], [2, 0, 0, 0, 65], [0, 0, 0, 0, 0, 0, 0, 0]]) {
    assert.throws(() => Tensor.fromBytes("x", "bytes", [1], Uint8Array.from(data)).values(), TensorError);
  }
});

test("bytes that lie at an odd place are read", () => {
  const data = new Uint8Array([9, 0, 0, 0x80, 0x3f]).subarray(1);
  assert.deepEqual(Array.from(Tensor.fromBytes("x", "float32", [1], data).values()), [1]);
});

test("every half-precision number survives the way through a number", () => {
  for (let bits = 0; bits <= 0xffff; bits++) {
    for (const [from, to] of [[float16ToNumber, float16FromNumber], [bfloat16ToNumber, bfloat16FromNumber]]) {
      const value = from(bits);
      if (Number.isNaN(value)) assert.ok(Number.isNaN(from(to(value))));
      else assert.equal(to(value), bits, `${bits} ${value}`);
    }
  }
});

test("half-precision numbers are rounded once, to the nearest, ties to even", () => {
  const float16 = [
    [65504, 0x7bff],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [1 + 1 / 2048, 0x3c00],
    [1 + 3 / 2048, 0x3c02],
    [1 + 1 / 2048 + 2 ** -40, 0x3c01], // a tie once float32 has cut it
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -25 * 1.001, 1],
    [2 ** -14, 0x400],
    [-0, 0x8000],
    [-2, 0xc000],
  ];
  for (const [value, bits] of float16) assert.equal(float16FromNumber(value), bits, String(value));
  const bfloat16 = [
    [1 + 1 / 256, 0x3f80],
    [1 + 3 / 256, 0x3f82],
    [1 + 1 / 256 + 2 ** -40, 0x3f81],
    [-(1 + 1 / 256 + 2 ** -40), 0xbf81],
    [3.4e38, 0x7f80],
    [1e300, 0x7f80],
    [-1e300, 0xff80],
  ];
  for (const [value, bits] of bfloat16) assert.equal(bfloat16FromNumber(value), bits, String(value));
});
