// Tests of the scorer's own logic, in plain Node: `npm test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BadRequest } from "mlwasm";
import { FakeModel, call, fakeHost, jsonOf, postJson } from "mlwasm/testing";
import * as score from "../score.ts";

const model = new FakeModel({
  inputs: ["input: float32 [?, 4]"],
  outputs: ["label: int64 [?]"],
  answer: (inputs) => ({ label: Array.from({ length: inputs.input!.shape[0] }, (_unused, row) => row) }),
});

test("every row gets its label", () => {
  fakeHost({ models: { model }, env: { GREETING: "iris" } });
  score.init();

  const response = call(score, postJson({ data: [[1, 2, 3, 4], [5, 6, 7, 8]] }));

  assert.deepEqual(jsonOf(response), { labels: [0, 1], what: "iris" });
});

test("a deployment without a model does not start", () => {
  fakeHost();

  assert.throws(() => score.init(), { name: "InferenceError" });
});

test("a row that is too short is a bad request", () => {
  fakeHost({ models: { model } });
  score.init();

  assert.throws(() => call(score, postJson({ data: [[1, 2]] })), BadRequest);
});
