// A scorer: rows of four measurements in, the class of each out.

import { BadRequest, Model, env } from "mlwasm";

let model;
let what;

// Runs once, when the deployment is made or changed. An error keeps it from serving.
export function init() {
  model = Model.open("model");
  what = env("GREETING", "row");
}

/**
 * Runs for every request: {"data": [[5.1, 3.5, 1.4, 0.2]]} → {"labels": [0], "what": "flower"}.
 *
 * @param {import("mlwasm").Request} request
 */
export function run(request) {
  const rows = read(request.json());
  const outputs = model.infer({ input: rows });
  return { labels: outputs.get("label").numbers(), what };
}

function read(body) {
  const rows = body?.data;
  if (!Array.isArray(rows)) throw new BadRequest('expected {"data": [[…]]}');
  if (rows.length === 0) throw new BadRequest("data is empty, expected at least one row of 4 numbers");
  rows.forEach((row, index) => {
    const isRow = Array.isArray(row) && row.length === 4 && row.every((value) => typeof value === "number");
    if (!isRow) throw new BadRequest(`data[${index}] is no row of 4 numbers`);
  });
  return rows;
}
