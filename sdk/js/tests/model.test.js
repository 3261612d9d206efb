import assert from "node:assert/strict";
import { test } from "node:test";

import { Collection, CollectionError, InferenceError, Model, Tensor, TensorError, env } from "../index.js";
import { FakeModel, fakeHost, textOf } from "../testing.js";

const doubling = new FakeModel({
  inputs: ["rows: float32 [?, 2]", "words: bytes [1]"],
  outputs: ["sums: int64 [?]"],
  answer: ({ rows, words }) => ({ sums: rows.toNested().map(([a, b]) => a + b + words.values()[0].length) }),
});

function opened() {
  fakeHost({ models: { model: doubling }, env: { LIMIT: "3" } });
  return Model.open();
}

test("values by name become tensors as the model wants them", () => {
  const outputs = opened().infer({ words: ["hi"], rows: [[1, 2], [3, 4]] });

  assert.deepEqual(outputs.get("sums").numbers(), [5, 9]);
  assert.deepEqual([...outputs].map((tensor) => tensor.name), ["sums"]);
  assert.throws(() => outputs.get("none"), { message: 'no output "none", only sums' });
});

test("a batch without rows has the model's row length", () => {
  assert.deepEqual(opened().infer({ rows: [], words: ["x"] }).get("sums").shape, [0]);
});

test("tensors are taken in any order", () => {
  const tensors = [Tensor.of("words", [""]), new Tensor("rows", [1, 2], new Float32Array([1, 2]))];
  assert.deepEqual(opened().infer(tensors).get("sums").numbers(), [3]);
});

test("what does not fit the model is refused as the real host does", () => {
  const rows = (shape, element = "float32") => new Tensor("rows", shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(1), element);
  const words = Tensor.of("words", ["x"]);
  const cases = [
    [[rows([1, 2])], 'tensor "words" is missing'],
    [[rows([1, 2]), words, words], 'tensor "words" is given twice'],
    [[rows([1, 2]), words, Tensor.of("x", [1])], 'no tensor "x", expected rows, words'],
    [[rows([1, 2], "float64"), words], 'tensor "rows" holds float64, expected float32'],
    [[rows([1, 3]), words], 'tensor "rows" has shape [1, 3], expected [?, 2]'],
    [[rows([2]), words], 'tensor "rows" has shape [2], expected [?, 2]'],
    [[Tensor.fromBytes("rows", "float32", [1, 2], new Uint8Array(7)), words], 'tensor "rows" of shape [1, 2] has 7 bytes'],
  ];
  for (const [tensors, message] of cases) {
    assert.throws(() => opened().infer(tensors), (error) => error instanceof InferenceError && error.kind === "invalid-input" && error.message === message, message);
  }
  assert.throws(() => opened().infer({ x: [1] }), (error) => error instanceof TensorError && error.message === 'no input "x", the model takes rows, words');
});

test("a model that is not there tells those that are", () => {
  fakeHost({ models: { iris: doubling } });
  assert.throws(() => Model.open(), (error) => error.kind === "unknown-model" && error.message === 'no model "model": the deployment has iris');
});

test("variables are those of the deployment", () => {
  const host = fakeHost({ env: { LIMIT: "3" } });
  assert.equal(env("LIMIT"), "3");
  assert.equal(env("NONE"), undefined);
  assert.equal(env("NONE", "x"), "x");
  host.close();
});

test("records are left where they are kept", () => {
  const host = fakeHost({ collections: ["features"] });
  const [kept, other] = [new Collection("features"), new Collection("other")];

  kept.record({ income: 1.5 });
  kept.record("text");
  other.record({ dropped: 1n << 60n });

  assert.deepEqual([kept.enabled, other.enabled], [true, false]);
  assert.deepEqual(host.records.map(({ collection, contentType, data }) => [collection, contentType, textOf({ body: data })]), [
    ["features", "application/json", '{"income":1.5}'],
    ["features", "text/plain; charset=utf-8", "text"],
  ]);
  assert.throws(() => new Collection("no name").record(1), CollectionError);
});
