// Random numbers: `Math.random` with a seed of the sandbox's own, and the part of `crypto` that packages ask for.

/** A function as `Math.random`, xoshiro128**, from 16 random bytes: fast, and not for secrets. */
export function makeRandom(seed) {
  const state = new Uint32Array(seed.slice().buffer);
  state[0] |= 1; // not all zero
  const rotate = (value, bits) => (value << bits) | (value >>> (32 - bits));
  const next = () => {
    const drawn = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11);
    return drawn;
  };
  return () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
}

/** `crypto` of a function that gives so many random bytes. */
export function makeCrypto(draw) {
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    getRandomValues(array) {
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(draw(array.byteLength));
      return array;
    },
    randomUUID() {
      const bytes = draw(16).slice();
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
  };
}
