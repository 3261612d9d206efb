import assert from "node:assert/strict";
import { test } from "node:test";

import { BadRequest, Response, bytes, json, text } from "../index.js";
import { toResponse } from "../lib/response.js";
import { post, postJson, textOf } from "../testing.js";

test("mistakes of the body are bad requests with their place", () => {
  assert.throws(() => post("application/json", '{"a":\n  1,}').json(), (error) => error instanceof BadRequest && /^the body is not valid: .* line 2 column 5$/.test(error.message));
  assert.throws(() => post("text/plain", Uint8Array.of(0x61, 0xff)).text(), (error) => error instanceof BadRequest && error.message === "the body is not text: invalid utf-8 from byte 1 on");
  assert.throws(() => post("application/json", Uint8Array.of(0xff)).json(), BadRequest);
  assert.deepEqual(postJson({ a: "ü" }).json(), { a: "ü" });
});

test("parameters are decoded as forms are, and the first counts", () => {
  const request = postJson({}, { query: "n=1%2B1&n=2&flag&a+b=%C3%BC&bad=%zz%f&" });
  assert.deepEqual(request.queryParams(), [["n", "1+1"], ["n", "2"], ["flag", ""], ["a b", "ü"], ["bad", "%zz%f"]]);
  assert.equal(request.queryParam("n"), "1+1");
  assert.equal(request.queryParam("flag"), "");
  assert.equal(request.queryParam("none"), undefined);
});

test("headers are found in any case", () => {
  const request = postJson({}, { headers: { "X-Note": "ü" } });
  assert.equal(request.header("x-note"), "ü");
  assert.equal(request.header("X-NOTE"), "ü");
  assert.equal(request.header("none"), undefined);
});

test("what run returns decides the answer's type", () => {
  const cases = [
    ["ü", "text/plain; charset=utf-8", "ü"],
    [Uint8Array.of(65), "application/octet-stream", "A"],
    [new Uint16Array([0x4241]), "application/octet-stream", "AB"],
    [{ a: 1 }, "application/json", '{"a":1}'],
    [[1, null], "application/json", "[1,null]"],
    [null, "application/json", "null"],
    [0, "application/json", "0"],
    [text("x", { status: 201 }), "text/plain; charset=utf-8", "x"],
    [bytes(Uint8Array.of(66), { contentType: "image/png" }), "image/png", "B"],
  ];
  for (const [returned, contentType, body] of cases) {
    const response = toResponse(returned);
    assert.equal(response.contentType, contentType);
    assert.equal(textOf(response), body);
  }
});

test("what is no answer is refused with what to do", () => {
  assert.throws(() => toResponse(undefined), { message: /^run returned nothing/ });
  assert.throws(() => toResponse(Promise.resolve(1)), { message: /^run returned a Promise/ });
  assert.throws(() => new Response({}), { message: /use json\(\) for values/ });
});

test("a status is 200 to 599", () => {
  for (const status of [200, 599]) assert.equal(json({}, { status }).status, status);
  for (const status of [199, 600, 200.5, "200"]) assert.throws(() => json({}, { status }), RangeError);
});

test("an answer's headers are bytes under names in lower case", () => {
  const { headers } = json({}, { headers: { "X-A": "ü", b: Uint8Array.of(1) } });
  assert.deepEqual(headers.map(({ name, value }) => [name, ...value]), [["x-a", 0xc3, 0xbc], ["b", 1]]);
});
