// Typed scorers: what they take and give, and how they are asked.
//
// The host compares tensors with the signature before `infer` sees them, and the answer afterwards. Requests in JSON come
// through `run`; typed-json.js answers them where the author has no `run` of their own.

import { TensorError } from "./errors.js";
import { Tensors, tensorOf } from "./model.js";
import { spec } from "./spec.js";
import { Tensor } from "./tensor.js";

/** What the scorer says of itself; specs may be text. */
export function signatureOf(scorer) {
  const said = scorer.describe();
  if (!Array.isArray(said?.inputs) || !Array.isArray(said?.outputs)) {
    throw new TypeError("describe returned no signature: return { inputs: [\"rows: float32 [?, 4]\"], outputs: [\"label: int64 [?]\"] }");
  }
  return { inputs: said.inputs.map(spec), outputs: said.outputs.map(spec) };
}

/**
 * What the scorer makes of these tensors. Values by the outputs' names become tensors as the signature says.
 *
 * The host compares them with the signature; here is refused what can not be made a tensor at all.
 */
export function inferred(scorer, tensors) {
  const returned = scorer.infer(new Tensors(tensors, "input"));
  if (typeof returned?.then === "function") {
    throw new TypeError("infer returned a Promise: a scorer has nothing to wait for, make it a plain function");
  }
  if (returned instanceof Tensor) return [returned];
  if (typeof returned !== "object" || returned === null) throw new TensorError(`infer returned ${typeof returned}, expected tensors, or values by name`);
  if (typeof returned[Symbol.iterator] !== "function") {
    const { outputs } = signatureOf(scorer);
    return Object.entries(returned).map(([name, values]) => tensorOf(name, values, outputs, "output"));
  }
  const given = [...returned];
  if (!given.every((tensor) => tensor instanceof Tensor)) throw new TensorError("infer returned a list of what are no tensors");
  return given;
}
