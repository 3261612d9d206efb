// The iris scorer: measurements of flowers in, species and probabilities out.
//
//   {"data": [[5.1, 3.5, 1.4, 0.2]]}
//   {"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.976, "versicolor": 0.024, "virginica": 0}}]}

import { BadRequest, Model, env } from "mlwasm";

const CLASSES = ["setosa", "versicolor", "virginica"];
const WANTED = "4 numbers (sepal length, sepal width, petal length, petal width)";

let model;

export function init() {
  model = Model.open("model");
}

export function run(request) {
  const flowers = read(request.json());
  const outputs = model.infer({ input: flowers });
  const labels = outputs.get("label").numbers();
  const probabilities = outputs.get("probabilities").toNested();
  const answer = { predictions: labels.map((label, row) => predict(label, probabilities[row])) };
  const modelLabel = env("MODEL_LABEL");
  return modelLabel === undefined ? answer : { ...answer, model: modelLabel };
}

/** One row of measurements for each flower, at least one. */
function read(body) {
  const rows = body?.data;
  if (!Array.isArray(rows)) throw new BadRequest('expected {"data": [[…]]}');
  if (rows.length === 0) throw new BadRequest(`data is empty, expected at least one row of ${WANTED}`);
  rows.forEach(checkRow);
  return rows;
}

function checkRow(flower, row) {
  if (!Array.isArray(flower)) throw new BadRequest(`data[${row}] is ${JSON.stringify(flower)}, expected ${WANTED}`);
  if (flower.length !== 4) throw new BadRequest(`data[${row}] has ${flower.length} elements, expected ${WANTED}`);
  flower.forEach((number, column) => {
    // The model takes float32: what overflows there is no number for it.
    if (typeof number !== "number" || !Number.isFinite(Math.fround(number))) {
      throw new BadRequest(`data[${row}][${column}] is ${JSON.stringify(number)}, expected a number`);
    }
  });
}

function predict(label, probabilities) {
  if (!(label in CLASSES)) throw new Error(`the model gave label ${label}, expected 0 to 2`);
  const rounded = CLASSES.map((name, index) => [name, Math.round(probabilities[index] * 1e6) / 1e6]);
  return { class: CLASSES[label], probabilities: Object.fromEntries(rounded) };
}
