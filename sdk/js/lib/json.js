// JSON with mistakes that a client can find.
//
// The engine's parser is fast and words its errors as it likes: QuickJS names no place at all in its message. So when it
// refuses a text, the text is walked once more, for line and column.

/** As many as the Rust SDK takes. The engine would recurse deeper, and over the end of the stack: a fault that a client can cause. */
const DEPTH = 128;

/** Parses. Throws a SyntaxError such as `expected a value at line 2 column 5`, also for more than 128 levels. */
export function parse(text) {
  const deep = placeBeyond(text, DEPTH);
  if (deep >= 0) throw new SyntaxError(`expected at most ${DEPTH} levels at ${place(text, deep)}`);
  try {
    return JSON.parse(text);
  } catch {
    const { found, at } = firstMistake(text);
    throw new SyntaxError(`${found} at ${place(text, at)}`);
  }
}

/** Writes. A BigInt is written as a number if it is exact as one; what has no JSON is a TypeError that says so. */
export function stringify(value) {
  const written = JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? exact(inner) : inner));
  if (written === undefined) throw new TypeError(`${typeof value} has no JSON`);
  return written;
}

function exact(value) {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new TypeError(`${value}n is not exact as a JSON number: convert it with Number() or String()`);
}

function place(text, at) {
  const before = text.slice(0, at).split("\n");
  return `line ${before.length} column ${before.at(-1).length + 1}`;
}

/** Where a list or an object begins that lies deeper than `most`; -1 if none does. */
function placeBeyond(text, most) {
  // Counted natively, since most texts have few.
  if (text.split("[").length + text.split("{").length - 2 <= most) return -1;
  const mark = /["[\]{}]/g;
  let depth = 0;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = endOfString(text, mark.lastIndex);
    else if (found[0] === "[" || found[0] === "{") depth += 1;
    else depth -= 1;
    if (depth > most) return found.index;
  }
  return -1;
}

/** The place behind the quote that ends a string: the first without an odd number of backslashes before it. */
function endOfString(text, start) {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let slash = end;
    while (slash > start && text[slash - 1] === "\\") slash -= 1;
    if ((end - slash) % 2 === 0) return end + 1;
  }
  return text.length;
}

/** What is wrong first, and where: RFC 8259. Only called for texts that are wrong, and not too deep. */
function firstMistake(text) {
  const scanner = new Scanner(text);
  try {
    scanner.space();
    scanner.value();
    scanner.space();
    if (scanner.at < text.length) scanner.fail("expected the end");
  } catch (error) {
    if (error instanceof Mistake) return error;
    throw error;
  }
  return { found: "invalid JSON", at: 0 };
}

class Mistake extends Error {
  constructor(found, at) {
    super(found);
    this.found = found;
    this.at = at;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*/y;
const WORD = /true|false|null/y;
class Scanner {
  at = 0;

  constructor(text) {
    this.text = text;
  }

  fail(expected) {
    const character = this.text.codePointAt(this.at);
    const found = character === undefined ? "the end" : JSON.stringify(String.fromCodePoint(character));
    throw new Mistake(`${expected}, found ${found}`, this.at);
  }

  space() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return false;
    this.at += found[0].length;
    return true;
  }

  value() {
    const first = this.text[this.at];
    if (first === "{") this.members("}", () => this.member());
    else if (first === "[") this.members("]", () => this.value());
    else if (first === '"') this.string();
    else if (!this.take(NUMBER) && !this.take(WORD)) this.fail("expected a value");
  }

  members(end, one) {
    this.at += 1;
    this.space();
    if (this.text[this.at] === end) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      one();
      this.space();
      const next = this.text[this.at];
      if (next !== "," && next !== end) this.fail(`expected "," or "${end}"`);
      this.at += 1;
      if (next === end) return;
    }
  }

  member() {
    if (this.text[this.at] !== '"') this.fail("expected a key in double quotes");
    this.string();
    this.space();
    if (this.text[this.at] !== ":") this.fail('expected ":"');
    this.at += 1;
    this.space();
    this.value();
  }

  string() {
    this.take(STRING);
    if (this.text[this.at] !== '"') this.fail("expected the rest of a string");
    this.at += 1;
  }
}
