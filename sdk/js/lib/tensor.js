// Dense arrays with a name: what models take and give.
//
// The data is kept as the bytes that the host reads, so that a tensor travels to the model without another copy.

import { ELEMENTS, elementOfArray, elementOfList } from "./elements.js";
import { TensorError } from "./errors.js";
import { decode, encode } from "./utf8.js";

/** A dense array with a name: row-major. */
export class Tensor {
  /** See index.d.ts. */
  constructor(name, shape, values, element = elementOfArray(values) ?? elementOfList(values)) {
    this.name = name;
    this.element = element;
    this.shape = checkShape(name, shape);
    const expected = count(shape);
    if (values.length !== expected) {
      throw new TensorError(`tensor "${name}" of shape [${shape.join(", ")}] needs ${expected} elements, got ${values.length}`);
    }
    this.data = pack(name, element, values);
  }

  /** A tensor of nested lists, whose shape is theirs. */
  static of(name, nested, element) {
    const { shape, values } = flatten(name, nested);
    return new Tensor(name, shape, values, element ?? elementOfList(values));
  }

  /** A tensor from its bytes, without a check: the host refuses what does not fit the model. */
  static fromBytes(name, element, shape, data) {
    return Object.assign(Object.create(Tensor.prototype), { name, element, shape, data });
  }

  /** The number of places that the shape has. */
  get elementCount() {
    return count(this.shape);
  }

  /** The elements, row-major. */
  values() {
    if (this.element === "bytes") return this.byteStrings().map((bytes, index) => toText(this, bytes, index));
    const { get, wide } = ELEMENTS[this.element];
    const held = raw(this);
    if (!get) return held;
    return wide ? wide.from(held, get) : Array.from(held, get);
  }

  /** The elements as plain numbers, row-major; 64-bit integers too, if they are exact as numbers. */
  numbers() {
    if (this.element === "bytes") throw new TensorError(`tensor "${this.name}" holds strings, not numbers`);
    return Array.from(this.values(), (value) => {
      const found = Number(value);
      if (typeof value === "bigint" && !Number.isSafeInteger(found)) {
        throw new TensorError(`${value} in tensor "${this.name}" is not exact as a number: use values()`);
      }
      return found;
    });
  }

  /** The elements in nested lists, as the shape says; numbers as `numbers()` gives them. A scalar is one value. */
  toNested() {
    const isPlain = this.element === "bytes" || this.element === "boolean";
    return nest(isPlain ? this.values() : this.numbers(), this.shape);
  }

  /** The strings as bytes, row-major. */
  byteStrings() {
    if (this.element !== "bytes") throw new TensorError(`tensor "${this.name}" holds ${this.element}, not strings`);
    const view = new DataView(this.data.buffer, this.data.byteOffset, this.data.byteLength);
    const strings = [];
    let at = 0;
    while (at < this.data.length) {
      const start = at + 4;
      const end = start <= this.data.length ? start + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
      if (end > this.data.length) throw misfit(this);
      strings.push(this.data.subarray(start, end));
      at = end;
    }
    if (strings.length !== this.elementCount) throw misfit(this);
    return strings;
  }
}

function raw(tensor) {
  const { array, size } = ELEMENTS[tensor.element];
  if (tensor.data.length !== size * tensor.elementCount) throw misfit(tensor);
  const isAligned = tensor.data.byteOffset % size === 0;
  const bytes = isAligned ? tensor.data : tensor.data.slice();
  return new array(bytes.buffer, bytes.byteOffset, tensor.elementCount);
}

function toText(tensor, bytes, index) {
  try {
    return decode(bytes);
  } catch {
    throw new TensorError(`element ${index} of tensor "${tensor.name}" is not UTF-8: use byteStrings()`);
  }
}

function misfit({ name, element, elementCount, data }) {
  return new TensorError(`tensor "${name}" holds ${data.length} bytes, which are not ${elementCount} elements of ${element}`);
}

function count(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

function checkShape(name, shape) {
  const isRight = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0 && size <= 0xffffffff);
  if (isRight && Number.isSafeInteger(count(shape))) return shape.slice();
  throw new TensorError(`the shape of tensor "${name}" is ${JSON.stringify(shape)}, expected a list of sizes`);
}

function pack(name, element, values) {
  const type = ELEMENTS[element];
  if (!type) throw new TensorError(`no element type "${element}", expected one of ${Object.keys(ELEMENTS).join(", ")}`);
  if (element === "bytes") return packStrings(name, values);
  const bits = elementOfArray(values) === element && element !== "float16" ? values : fill(name, type, values);
  return new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength).slice();
}

function fill(name, type, values) {
  const bits = new type.array(values.length);
  for (let at = 0; at < values.length; at++) {
    try {
      bits[at] = type.put(values[at]);
    } catch (error) {
      throw new TensorError(`element ${at} of tensor "${name}": ${error.message}`);
    }
  }
  return bits;
}

function packStrings(name, values) {
  const strings = values.map((value, at) => {
    if (typeof value === "string") return encode(value);
    if (value instanceof Uint8Array) return value;
    throw new TensorError(`element ${at} of tensor "${name}": expected a string or a Uint8Array`);
  });
  const data = new Uint8Array(strings.reduce((length, string) => length + 4 + string.length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const string of strings) {
    view.setUint32(at, string.length, true);
    data.set(string, at + 4);
    at += 4 + string.length;
  }
  return data;
}

function flatten(name, nested) {
  const shape = [];
  let values = [nested];
  while (Array.isArray(values[0]) || (shape.length === 0 && Array.isArray(nested) && nested.length === 0)) {
    const size = values[0].length;
    const ragged = values.findIndex((inner) => !Array.isArray(inner) || inner.length !== size);
    if (ragged >= 0) {
      throw new TensorError(`the lists of tensor "${name}" are ragged: list ${ragged} of level ${shape.length} has not ${size} elements`);
    }
    shape.push(size);
    values = values.flat();
    if (values.length === 0) break;
  }
  return { shape, values };
}

/** From the outermost dimension inwards: a dimension of size 0 may hold others, or lie within them. */
function nest(values, shape, start = 0) {
  if (shape.length === 0) return values[start];
  const [size, ...inner] = shape;
  const step = count(inner);
  return Array.from({ length: size }, (_unused, at) => nest(values, inner, start + at * step));
}
