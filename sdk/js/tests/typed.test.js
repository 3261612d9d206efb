import assert from "node:assert/strict";
import { test } from "node:test";

import { BadRequest, Tensor, files } from "../index.js";
import { call, fakeHost, infer, post, textOf } from "../testing.js";

/** Gives back what it takes. */
function echo(...specs) {
  return { describe: () => ({ inputs: specs, outputs: specs }), infer: (inputs) => inputs };
}

const ask = (scorer, body) => textOf(call(scorer, post("application/json", body)));

test("JSON becomes elements of every type up to its limits", () => {
  for (const [element, good, told, bad] of [
    ["boolean", "true", '"BOOL","shape":[],"data":[true]', "1"],
    ["uint8", "255", '"UINT8","shape":[],"data":[255]', "256"],
    ["uint8", "0", '"UINT8","shape":[],"data":[0]', "-1"],
    ["int8", "-128", '"INT8","shape":[],"data":[-128]', "-129"],
    ["uint16", "65535", '"UINT16","shape":[],"data":[65535]', "65536"],
    ["int16", "32767", '"INT16","shape":[],"data":[32767]', "32768"],
    ["uint32", "4294967295", '"UINT32","shape":[],"data":[4294967295]', "4294967296"],
    ["int32", "-2147483648", '"INT32","shape":[],"data":[-2147483648]', "-2147483649"],
    ["uint64", "9007199254740991", '"UINT64","shape":[],"data":[9007199254740991]', "-1"],
    // What JSON's parser has rounded is no longer what the client sent.
    ["int64", "-9007199254740991", '"INT64","shape":[],"data":[-9007199254740991]', "-9007199254740993"],
    ["int64", "1", '"INT64","shape":[],"data":[1]', "1.5"],
    ["float16", "65504", '"FP16","shape":[],"data":[65504]', "65520"],
    ["bfloat16", "0.5", '"BF16","shape":[],"data":[0.5]', "3.40e38"],
    ["float32", "0.1", '"FP32","shape":[],"data":[0.1]', "3.5e38"],
    ["float32", '"-Infinity"', '"FP32","shape":[],"data":["-Infinity"]', '"Inf"'],
    ["float64", '"NaN"', '"FP64","shape":[],"data":["NaN"]', "null"],
    ["bytes", '"ä"', '"BYTES","shape":[],"data":["ä"]', "1"],
  ]) {
    const scorer = echo(`x: ${element} []`);
    assert.equal(ask(scorer, `{"data": ${good}}`), `{"outputs":{"x":{"datatype":${told}}}}`);
    assert.throws(() => ask(scorer, `{"data": ${bad}}`), { name: "BadRequest", message: /^input `x`: element {2}is / }, `${element} ${bad}`);
  }
});

test("a float of 32 bits is told in as few digits as come back", () => {
  for (const number of [0.1, 0.023106942, 5.0559726e-7, 3.4028235e38, 123456.79]) {
    const told = JSON.parse(ask(echo("x: float32 []"), `{"data": ${number}}`));
    assert.equal(told.outputs.x.data[0], number);
  }
});

test("inputs are found by their names in any order", () => {
  const scorer = echo("a: float32 [?, 2]", "b: int64 []");
  const { outputs } = JSON.parse(ask(scorer, '{"inputs": {"b": 3, "a": [[1, 2], [3, 4]]}}'));
  assert.deepEqual([outputs.a.data, outputs.b.data], [[1, 2, 3, 4], [3]]);
  for (const [body, message] of [
    ['{"data": 3}', '`data` is for scorers of one input, expected {"inputs": {"a": FP32 [?, 2], "b": INT64 []}}'],
    ['{"inputs": {"a": [[1, 2], [5, "x"]], "b": 1}}', 'input `a`: element [1][1] is "x", expected FP32 [?, 2]'],
  ]) {
    assert.throws(() => ask(scorer, body), new BadRequest(message));
  }
});

test("an integer of 64 bits is told with all its digits", () => {
  const scorer = { ...echo("x: int64 []"), infer: () => ({ x: 9223372036854775807n }) };
  assert.match(ask(scorer, '{"data": 1}'), /"data":\[9223372036854775807\]/);
});

test("values by name become what the signature says", () => {
  const scorer = { describe: () => ({ inputs: ["x: float32 [?]"], outputs: ["y: int64 [?, 2]"] }), infer: () => ({ y: [] }) };
  const y = infer(scorer, { x: [1, 2] }).get("y");
  assert.deepEqual([y.shape, y.element], [[0, 2], "int64"]);
});

test("both sides are held to the signature", () => {
  const scorer = echo("x: float32 [?]");
  assert.throws(() => infer(scorer, { x: [[1]] }), { name: "InferenceError" });
  assert.throws(() => infer({ ...scorer, infer: () => [new Tensor("z", [1], [1])] }, { x: [1] }), /no tensor "z"/);
  for (const wrong of [undefined, 1, [1], Promise.resolve([])]) {
    assert.throws(() => infer({ ...scorer, infer: () => wrong }, { x: [1] }), /infer returned/);
  }
  assert.throws(() => infer({ ...scorer, describe: () => ({}) }, { x: [1] }), /describe returned no signature/);
});

test("a run of its own comes first", () => {
  assert.equal(ask({ ...echo("x: float32 [?]"), run: () => "mine" }, "{}"), "mine");
});

test("files are read by their names", () => {
  const host = fakeHost({ files: { "vocab/words.bin": Uint8Array.of(0xff), "labels.txt": "setosa\n" } });
  assert.equal(files.text("labels.txt"), "setosa\n");
  assert.deepEqual(files.names(), ["labels.txt", "vocab/words.bin"]);
  assert.deepEqual([...files.read("vocab/words.bin")], [0xff]);
  assert.throws(() => files.text("vocab/words.bin"), { name: "FileError" });
  assert.throws(() => files.read("nope"), { name: "FileError", message: 'file "nope" of the deployment: there is no such file' });
  host.close();
});
