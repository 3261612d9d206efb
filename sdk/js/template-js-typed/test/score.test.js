import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeModel, call, fakeHost, infer, jsonOf, postJson } from "mlwasm/testing";
import * as score from "../score.js";

const model = new FakeModel({
  inputs: ["input: float32 [?, 4]"],
  outputs: ["label: int64 [?]"],
  answer: (inputs) => ({ label: Array.from({ length: inputs.input.shape[0] }, () => 2) }),
});

test("every row gets its label", () => {
  fakeHost({ models: { model } });
  score.init();
  const outputs = infer(score, { rows: [[1, 2, 3, 4], [5, 6, 7, 8]] });
  assert.deepEqual(outputs.get("label").numbers(), [2, 2]);
});

test("JSON needs no code", () => {
  fakeHost({ models: { model } });
  score.init();
  const { outputs } = jsonOf(call(score, postJson({ data: [[1, 2, 3, 4]] })));
  assert.deepEqual(outputs.label, { datatype: "INT64", shape: [1], data: [2] });
});

test("no row is a bad request", () => {
  fakeHost({ models: { model } });
  score.init();
  assert.throws(() => infer(score, { rows: [] }), { name: "BadRequest" });
});
