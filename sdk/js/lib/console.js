// `console` for an engine that has none: lines of the deployment's log.
//
// log, info and debug go to standard output, warn and error to standard error.

/** Makes a console of two functions that write a line. */
export function makeConsole(out, err) {
  const to = (write) => (...values) => write(values.map(show).join(" "));
  return { log: to(out), info: to(out), debug: to(out), trace: to(out), warn: to(err), error: to(err) };
}

function show(value) {
  return typeof value === "string" ? value : inspect(value, new Set(), 0);
}

/** A value in one line, as Node would show it: four levels, a hundred elements. */
function inspect(value, seen, depth) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name || "anonymous"}]`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (seen.has(value)) return "[circular]";
  if (depth >= 4) return Array.isArray(value) ? "[…]" : "{…}";
  const inside = new Set(seen).add(value);
  const inner = (each) => inspect(each, inside, depth + 1);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return list(value, inner);
  if (value instanceof Map) return `Map {${Array.from(value, ([key, each]) => `${inner(key)} => ${inner(each)}`).join(", ")}}`;
  if (value instanceof Set) return `Set {${Array.from(value, inner).join(", ")}}`;
  return `{${Object.entries(value).map(([key, each]) => `${key}: ${inner(each)}`).join(", ")}}`;
}

function list(value, inner) {
  const length = value.length ?? value.byteLength;
  const shown = Array.from({ length: Math.min(length, 100) }, (_unused, index) => inner(value[index]));
  const more = length > 100 ? `, … ${length - 100} more` : "";
  const kind = Array.isArray(value) ? "" : `${value.constructor.name} `;
  return `${kind}[${shown.join(", ")}${more}]`;
}
