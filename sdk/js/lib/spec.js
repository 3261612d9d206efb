// What a tensor is to be: its name, its element and its shape.

import { ELEMENTS } from "./elements.js";
import { TensorError } from "./errors.js";

/** What "input: float32 [?, 4]" says; a spec as it is. */
export function spec(text) {
  if (typeof text !== "string") return text;
  const found = /^\s*(.+?)\s*:\s*(\w+)\s*\[([\s\d?,]*)\]\s*$/.exec(text);
  if (!found || !ELEMENTS[found[2]]) throw new TensorError(`"${text}" is no spec, expected one as in "input: float32 [?, 4]"`);
  const sizes = found[3].split(",").filter((size) => size.trim() !== "");
  return { name: found[1], element: found[2], shape: sizes.map((size) => (size.trim() === "?" ? undefined : Number(size))) };
}

/** Whether a tensor of this spec may have this shape. */
export function accepts({ shape }, sizes) {
  return shape.length === sizes.length && shape.every((size, at) => size === undefined || size === sizes[at]);
}

const DATATYPES = { boolean: "BOOL", float16: "FP16", bfloat16: "BF16", float32: "FP32", float64: "FP64" };

/** The element's name in the Open Inference Protocol, such as FP32. */
export function datatype(element) {
  return DATATYPES[element] ?? element.toUpperCase();
}
