import assert from "node:assert/strict";
import { test } from "node:test";

import { makeCrypto, makeRandom } from "../lib/random.js";

test("numbers follow from the seed, lie from 0 to 1 and are spread evenly", () => {
  const draw = (seed) => Array.from({ length: 10000 }, makeRandom(Uint8Array.from({ length: 16 }, (_unused, at) => at * seed)));
  const numbers = draw(1);

  assert.deepEqual(numbers, draw(1));
  assert.notDeepEqual(numbers, draw(2));
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  const counts = new Array(10).fill(0);
  for (const number of numbers) counts[Math.floor(number * 10)] += 1;
  assert.ok(counts.every((count) => Math.abs(count - 1000) < 150), counts.join());
});

test("a seed of zeros is none too few", () => {
  const random = makeRandom(new Uint8Array(16));
  assert.notEqual(random(), random());
});

test("an identifier is of version 4", () => {
  const crypto = makeCrypto((length) => new Uint8Array(length).fill(0xff));
  assert.equal(crypto.randomUUID(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  assert.deepEqual(crypto.getRandomValues(new Uint16Array(2)), new Uint16Array([0xffff, 0xffff]));
});
