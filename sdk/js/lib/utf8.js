// Text to UTF-8 and back.
//
// QuickJS has no TextEncoder, and a loop over characters takes it a quarter of a microsecond each. Its functions for
// base64 and for percent-encoding are native: by way of them a body of 5 KB takes 0.1 ms rather than 1.1. Where there is a
// native encoder, as in Node, it is used.

const NOT_ASCII = /[^\x00-\x7f]/;
const NativeEncoder = globalThis.TextEncoder;
const NativeDecoder = globalThis.TextDecoder;

/** The text as UTF-8. Lone surrogates become U+FFFD. */
export function encode(text) {
  if (NativeEncoder) return new NativeEncoder().encode(text);
  const binary = NOT_ASCII.test(text) ? unescape(encodeURIComponent(text.toWellFormed())) : text;
  return Uint8Array.fromBase64(btoa(binary));
}

/** The text of these bytes. Throws a RangeError that tells the first byte that is not UTF-8. */
export function decode(bytes) {
  try {
    if (NativeDecoder) return new NativeDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const binary = atob(bytes.toBase64());
    return NOT_ASCII.test(binary) ? decodeURIComponent(escape(binary)) : binary;
  } catch {
    throw new RangeError(`invalid utf-8 from byte ${validLength(bytes)} on`);
  }
}

/** As `decode`, with U+FFFD for what is not UTF-8. */
export function decodeLossy(bytes) {
  let text = "";
  let rest = bytes;
  while (rest.length > 0) {
    const good = validLength(rest);
    text += decode(rest.subarray(0, good));
    if (good < rest.length) text += "\ufffd";
    rest = rest.subarray(good + 1);
  }
  return text;
}

/** How many of the first bytes are whole characters. Only asked when something is wrong. */
export function validLength(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/** The length of the character at `at`, 0 if there is none: RFC 3629, section 4. */
function characterLength(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1];
  const [least, most] = { 0xe0: [0xa0, 0xbf], 0xed: [0x80, 0x9f], 0xf0: [0x90, 0xbf], 0xf4: [0x80, 0x8f] }[first] ?? [0x80, 0xbf];
  if (second < least || second > most) return 0;
  for (let next = 2; next < length; next++) {
    if (bytes[at + next] >> 6 !== 0b10) return 0;
  }
  return length;
}
