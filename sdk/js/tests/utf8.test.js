import assert from "node:assert/strict";
import { test } from "node:test";

import * as native from "../lib/utf8.js";

// The engine has no TextEncoder, and base64 methods that this Node may not have: the same file again, as it finds itself there.
const { TextEncoder, TextDecoder } = globalThis;
globalThis.TextEncoder = undefined;
globalThis.TextDecoder = undefined;
Uint8Array.fromBase64 ??= (text) => new Uint8Array(Buffer.from(text, "base64"));
Uint8Array.prototype.toBase64 ??= function toBase64() {
  return Buffer.from(this).toString("base64");
};
const engine = await import("../lib/utf8.js?as-in-the-engine");
Object.assign(globalThis, { TextEncoder, TextDecoder });

const TEXTS = ["", "plain", "größe", "\u0080\u00ff", "漢字", "🌸", "a\u0000b", "\ufeffmark"];

for (const [name, codec] of Object.entries({ native, engine })) {
  test(`${name}: text comes back`, () => {
    for (const text of TEXTS) {
      assert.deepEqual(Buffer.from(codec.encode(text)), Buffer.from(text));
      assert.equal(codec.decode(codec.encode(text)), text);
    }
  });

  test(`${name}: a lone surrogate becomes a replacement character`, () => {
    assert.equal(codec.decode(codec.encode("a\ud800b")), "a\ufffdb");
  });

  test(`${name}: bytes that are no text are refused with their place`, () => {
    const cases = [
      [[0xff], 0],
      [[0x61, 0x80], 1],
      [[0xc0, 0xaf], 0],
      [[0xc3], 0],
      [[0x61, 0xe2, 0x82], 1],
      [[0xe0, 0x9f, 0xbf], 0],
      [[0xed, 0xa0, 0x80], 0],
      [[0xf0, 0x8f, 0xbf, 0xbf], 0],
      [[0xf4, 0x90, 0x80, 0x80], 0],
      [[0xc3, 0xbc, 0xf5], 2],
    ];
    for (const [bytes, place] of cases) {
      assert.throws(() => codec.decode(Uint8Array.from(bytes)), { message: `invalid utf-8 from byte ${place} on` }, bytes.join());
    }
    assert.equal(codec.decode(Uint8Array.from([0xf4, 0x8f, 0xbf, 0xbf])), "\u{10ffff}");
  });

  test(`${name}: what is no text is replaced where a text is wanted at any price`, () => {
    assert.equal(codec.decodeLossy(Uint8Array.from([0x61, 0xff, 0xc3, 0xbc, 0xc3])), "a\ufffdü\ufffd");
  });
}
