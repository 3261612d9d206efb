import assert from "node:assert/strict";
import { test } from "node:test";

import { makeConsole } from "../lib/console.js";
import { Places, describe, summarize } from "../lib/stack.js";

// What esbuild made of
//   a.ts: export function deep(x: number): number {\n  // some comment\n  if (x > 2) throw new TypeError("deep trouble " + x);\n  return x;\n}
//   main.js: import { deep } from "./a.ts";\n\nexport function run() {\n  return deep(3);\n}
const MAP = {
  sources: ["a.ts", "main.js", "mlwasm:lib/entry.js"],
  mappings: ";AAAO,SAAS,KAAK,GAAmB;AAEtC,MAAI,IAAI,EAAG,OAAM,IAAI,UAAU,kBAAkB,CAAC;AAClD,SAAO;AACT;;;ACFO,SAAS,MAAM;AACpB,SAAO,KAAK,CAAC;AACf;;;ACFA,SAAS;",
};
const places = new Places(MAP, "/scorer.js");

function thrown(name, message, stack, cause) {
  return Object.assign(new Error(message), { name, stack, cause });
}

test("places of the bundle are places of the sources", () => {
  assert.deepEqual(places.find(3, 18), { file: "a.ts", line: 3, column: 14 });
  assert.deepEqual(places.find(9, 10), { file: "main.js", line: 4, column: 10 });
  assert.equal(places.find(1, 1), undefined);
  assert.equal(places.find(99, 1), undefined);
});

test("a stack tells the author's frames alone, and its causes", () => {
  const cause = thrown("RangeError", "first", "    at deep (/scorer.js:3:18)\n");
  const error = thrown("TypeError", "then", "    at deep (/scorer.js:3:18)\n    at run (/scorer.js:9:10)\n    at run (/scorer.js:13:3)\n    at parse (native)\n", cause);

  assert.equal(
    describe(error, places),
    "TypeError: then\n    at deep (a.ts:3:14)\n    at run (main.js:4:10)\ncaused by RangeError: first\n    at deep (a.ts:3:14)",
  );
  assert.equal(summarize(error, places), "TypeError: then (a.ts:3)");
});

test("what is thrown may be anything", () => {
  assert.equal(summarize("just text", places), "thrown: just text");
  assert.equal(summarize({ a: 1 }, places), 'thrown: {"a":1}');
  assert.equal(summarize(undefined, places), "thrown: undefined");
  assert.equal(summarize(thrown("Error", "", undefined), places), "Error");
});

test("the console shows values in one line", () => {
  const lines = [];
  const console = makeConsole((line) => lines.push(["out", line]), (line) => lines.push(["err", line]));
  const circle = {};
  circle.self = circle;

  console.log("a", 1, 2n, { b: ["c", null] }, undefined);
  console.error(new TypeError("oops"), circle, new Map([[1, new Set([2])]]));
  console.info(new Float32Array(101));

  assert.deepEqual(lines[0], ["out", 'a 1 2n {b: ["c", null]} undefined']);
  assert.deepEqual(lines[1], ["err", "TypeError: oops {self: [circular]} Map {1 => Set {2}}"]);
  assert.match(lines[2][1], /^Float32Array \[0, .*, … 1 more\]$/);
});
