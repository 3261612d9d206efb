// Stacks in the author's own files and lines.
//
// The engine runs one bundled file. The build puts the bundle's source map behind it as a value, and the first error
// decodes it: https://tc39.es/ecma426, "mappings" only.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** As QuickJS writes it: `    at name (/scorer.js:12:3)`. */
const FRAME = /^\s*at (?:(.*) \()?([^()]+?):(\d+)(?::(\d+))?\)?$/;

/** Maps places of the bundle to places of the sources. Places of no source are left out. */
export class Places {
  #lines;

  constructor(map, bundle) {
    this.map = map;
    this.bundle = bundle;
  }

  /** The frames of an error's stack that lie in the author's files: `{ name, file, line, column }`, innermost first. */
  frames(stack) {
    const frames = [];
    for (const text of String(stack ?? "").split("\n")) {
      const found = FRAME.exec(text);
      if (!found || found[2] !== this.bundle) continue;
      const place = this.find(Number(found[3]), Number(found[4] ?? 1));
      if (place && !place.file.startsWith("mlwasm:")) frames.push({ name: found[1] || "<module>", ...place });
    }
    return frames;
  }

  /** Where this line and column, both from 1, come from. */
  find(line, column) {
    this.#lines ??= this.map.mappings.split(";");
    const segments = this.#segments(line - 1);
    const segment = segments.findLast(([start]) => start < column) ?? segments[0];
    return segment && { file: this.map.sources[segment[1]], line: segment[2] + 1, column: segment[3] + 1 };
  }

  /** Each position is relative to the one before, across lines: so all lines before have to be read. */
  #segments(wanted) {
    const at = [0, 0, 0, 0];
    let segments = [];
    for (let line = 0; line <= wanted && line < this.#lines.length; line++) {
      at[0] = 0;
      segments = [];
      for (const segment of this.#lines[line].split(",")) {
        const fields = decodeFields(segment);
        if (fields.length === 0) continue;
        at[0] += fields[0];
        if (fields.length < 4) continue;
        for (let field = 1; field < 4; field++) at[field] += fields[field];
        segments.push(at.slice());
      }
    }
    return segments;
  }
}

/** Numbers in base-64 VLQ: six bits a digit, the highest says that more follow, the lowest of the number is its sign. */
function decodeFields(segment) {
  const fields = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    fields.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return fields;
}

/** An error as text for the log: its causes too. */
export function describe(error, places) {
  const lines = [headline(error)];
  for (const frame of places.frames(error?.stack)) {
    lines.push(`    at ${frame.name} (${frame.file}:${frame.line}:${frame.column})`);
  }
  if (error?.cause !== undefined) lines.push(`caused by ${describe(error.cause, places)}`);
  return lines.join("\n");
}

/** An error in one line, with the innermost place: `TypeError: x is not a function (score.js:12)`. */
export function summarize(error, places) {
  const [frame] = places.frames(error?.stack);
  return frame ? `${headline(error)} (${frame.file}:${frame.line})` : headline(error);
}

function headline(error) {
  if (!(error instanceof Error)) return `thrown: ${typeof error === "string" ? error : (JSON.stringify(error) ?? String(error))}`;
  return error.message ? `${error.name}: ${error.message}` : error.name;
}
