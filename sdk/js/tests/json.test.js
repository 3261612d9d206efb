import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, stringify } from "../lib/json.js";

test("a mistake is told with line and column", () => {
  const cases = [
    ["", "expected a value, found the end at line 1 column 1"],
    ['{"a":\n  1,}', 'expected a key in double quotes, found "}" at line 2 column 5'],
    ["[1,]", 'expected a value, found "]" at line 1 column 4'],
    ["[1 2]", 'expected "," or "]", found "2" at line 1 column 4'],
    ['{"a" 1}', 'expected ":", found "1" at line 1 column 6'],
    ["{a: 1}", 'expected a key in double quotes, found "a" at line 1 column 2'],
    ["[1]\n[2]", 'expected the end, found "[" at line 2 column 1'],
    ['["a', "expected the rest of a string, found the end at line 1 column 4"],
    ['["\\x"]', 'expected the rest of a string, found "\\\\" at line 1 column 3'],
    ['"a\nb"', 'expected the rest of a string, found "\\n" at line 1 column 3'],
    ["[01]", 'expected "," or "]", found "1" at line 1 column 3'],
    ["nul", 'expected a value, found "n" at line 1 column 1'],
    ["[-]", 'expected a value, found "-" at line 1 column 2'],
    ["ü", 'expected a value, found "ü" at line 1 column 1'],
  ];
  for (const [text, message] of cases) assert.throws(() => parse(text), { name: "SyntaxError", message }, text);
});

test("what is right is parsed", () => {
  assert.deepEqual(parse(' {"a": [1, -0.5e3, true, null, "\\u00fc\\n"]} '), { a: [1, -500, true, null, "ü\n"] });
});

test("a BigInt is written if it is exact as a number, and refused if not", () => {
  assert.equal(stringify({ a: [2n ** 53n - 1n] }), '{"a":[9007199254740991]}');
  assert.throws(() => stringify([2n ** 53n]), { message: "9007199254740992n is not exact as a JSON number: convert it with Number() or String()" });
});

test("what has no JSON is refused", () => {
  assert.throws(() => stringify(undefined), { message: "undefined has no JSON" });
  assert.throws(() => stringify(() => 1), { message: "function has no JSON" });
});
