// JSON with mistakes that a client can find.
//
// The engine's parser is fast and words its errors as it likes: QuickJS names no place at all in its message. So when it
// refuses a text, the text is walked once more, for line and column.

/** Parses. Throws a SyntaxError such as `expected a value at line 2 column 5`. */
export function parse(text) {
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

/** What is wrong first, and where: RFC 8259. Only called for texts that are wrong. */
function firstMistake(text) {
  const scanner = new Scanner(text);
  try {
    scanner.space();
    scanner.value(0);
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
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const WORD = /true|false|null/y;
/** Deeper than the engines go; the scanner's own stack must hold it. */
const DEPTH = 512;

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

  value(depth) {
    if (depth > DEPTH) this.fail(`expected at most ${DEPTH} levels`);
    const first = this.text[this.at];
    if (first === "{") this.members("}", () => this.member(depth));
    else if (first === "[") this.members("]", () => this.value(depth + 1));
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

  member(depth) {
    if (this.text[this.at] !== '"') this.fail("expected a key in double quotes");
    this.string();
    this.space();
    if (this.text[this.at] !== ":") this.fail('expected ":"');
    this.at += 1;
    this.space();
    this.value(depth + 1);
  }

  string() {
    this.take(STRING);
    if (this.text[this.at] !== '"') this.fail("expected the rest of a string");
    this.at += 1;
  }
}
