// The deployment's files inside a component, through WASI. Only entry.js imports this file.

import { FileError } from "./errors.js";

/** What is asked for at once. A number: the engine takes no BigInt for the contract's u64. */
const STEP = 1 << 20;

/** The bytes of a file, by its name below the deployment's folder. Throws a FileError. */
export function readFile(preopens, name) {
  try {
    const [first] = preopens.getDirectories();
    if (!first) throw "no-entry";
    return using(first[0], (folder) => using(open(folder, name, {}), bytesOf));
  } catch (error) {
    throw new FileError(name, reasonOf(error));
  }
}

/** The names of all files, those in folders with their folders. The host opens one folder: theirs. */
export function namesOf(preopens) {
  const [first] = preopens.getDirectories();
  return first ? using(first[0], (folder) => below(folder, "")) : [];
}

function open(folder, name, flags) {
  return folder.openAt({ symlinkFollow: false }, name, flags, { read: true });
}

function bytesOf(file) {
  const parts = [];
  let length = 0;
  for (let isEnd = false; !isEnd; ) {
    const [bytes, end] = file.read(STEP, length);
    parts.push(bytes);
    length += bytes.length;
    isEnd = end || bytes.length === 0;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function below(folder, prefix) {
  const entries = using(folder.readDirectory(), (stream) => {
    const found = [];
    for (let entry = stream.readDirectoryEntry(); entry; entry = stream.readDirectoryEntry()) found.push(entry);
    return found;
  });
  return entries.flatMap(({ name, type }) => {
    if (type !== "directory") return [`${prefix}${name}`];
    return using(open(folder, name, { directory: true }), (inner) => below(inner, `${prefix}${name}/`));
  });
}

/** The host counts what is open. */
function using(resource, work) {
  try {
    return work(resource);
  } finally {
    resource[Symbol.dispose]?.();
  }
}

function reasonOf(error) {
  const code = typeof error === "string" ? error : (error?.payload ?? error?.message ?? String(error));
  return code === "no-entry" ? "there is no such file" : String(code);
}
