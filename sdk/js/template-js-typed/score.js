// A typed scorer: rows of four measurements in, the class of each out.

import { BadRequest, Model } from "mlwasm";

let model;

// Runs once, when the deployment is made or changed. An error keeps it from serving.
export function init() {
  model = Model.open("model");
}

// What clients are told. The platform holds requests to it, and answers too; `?` is any size.
export function describe() {
  return { inputs: ["rows: float32 [?, 4]"], outputs: ["label: int64 [?]"] };
}

/**
 * Runs for every request: {"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}, or the same over the Open Inference Protocol.
 *
 * @param {import("mlwasm").Tensors} inputs
 */
export function infer(inputs) {
  const rows = inputs.get("rows");
  if (rows.shape[0] === 0) throw new BadRequest("rows is empty, expected at least one row of 4 numbers");
  return [model.infer({ input: rows }).get("label")];
}
