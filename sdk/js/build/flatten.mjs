// Takes the module loader of the JavaScript engine out of a finished component.
//
// componentize-qjs joins two components: the engine, and a stub that answers the engine's question for further modules.
// Calls between components need a core module with two memories, which the platform's sandboxes refuse. A bundle asks
// for no further modules, so the engine's two imports are pointed at themselves instead: whoever called them would recurse
// until the stack ends, which is a trap like any other. The stub stays, unused.
//
// What has to be changed are function indices in the tables of one inner component. wit-component makes these tables: the
// "shim" has a trampoline for every import, the "fixups" then get the real function under the trampoline's name.

const SECTION = { coreInstance: 2, component: 4, alias: 6, canon: 8, import: 10 };
const LOADER = "local:init/module-loader";

/** The component without calls between components. Throws if it does not look as this version of the tool makes it. */
export function flatten(component) {
  const { bytes, patched } = rewrite(component);
  if (patched !== 2) {
    throw new Error(`found ${patched} imports of ${LOADER} in the component, expected 2: use componentize-qjs 0.4.5`);
  }
  return bytes;
}

function rewrite(component) {
  const parts = [component.subarray(0, 8)];
  let patched = 0;
  const spaces = new IndexSpaces();
  for (const section of sections(component)) {
    let body = section.body;
    if (section.id === SECTION.component) {
      const inner = rewrite(body);
      body = inner.bytes;
      patched += inner.patched;
    } else if (section.id === SECTION.coreInstance) {
      const instances = patchInstances(body, spaces);
      body = instances.bytes;
      patched += instances.patched;
    } else if (section.id === SECTION.canon) {
      body = patchLowerings(body, spaces);
    } else {
      spaces.read(section);
    }
    parts.push(Uint8Array.of(section.id), leb(body.length), body);
  }
  return { bytes: concat(parts), patched };
}

/** What the indices of one component stand for, as far as it matters here. */
class IndexSpaces {
  instances = 0;
  loader = -1;
  /** For each function of the component: whether it is the loader's. */
  functions = [];
  /** For each core function: `loader`, or the name under which a core instance exports it, or nothing. */
  coreFunctions = [];
  coreInstances = 0;

  read({ id, body }) {
    const reader = new Reader(body);
    const entry = { [SECTION.import]: readImport, [SECTION.alias]: readAlias }[id];
    if (id === 5) this.instances += reader.leb();
    if (!entry) return;
    for (let left = reader.leb(); left > 0; left--) entry(reader, this);
  }
}

function readImport(reader, spaces) {
  reader.leb(); // the kind of the name
  const name = reader.name();
  const kind = reader.byte();
  if (kind === 0x05) {
    if (name === LOADER) spaces.loader = spaces.instances;
    spaces.instances += 1;
    reader.leb();
  } else if (kind === 0x03) {
    // A bound of a type: `eq` with an index, or a resource.
    if (reader.byte() === 0) reader.leb();
  } else if (kind === 0x01) {
    spaces.functions.push(false);
    reader.leb();
  } else {
    throw new Error(`an import of kind ${kind} in the component is not understood`);
  }
}

function readAlias(reader, spaces) {
  const sort = reader.byte();
  const coreSort = sort === 0 ? reader.byte() : undefined;
  const target = reader.byte();
  const index = reader.leb();
  const name = target === 2 ? String(reader.leb()) : reader.name();
  if (sort === 0 && coreSort === 0) spaces.coreFunctions.push({ instance: index, name });
  if (sort === 1) spaces.functions.push(target === 0 && index === spaces.loader);
  if (sort === 5) spaces.instances += 1;
}

/**
 * Reads canonical functions, and makes those of the loader functions of something else: their place in the index space
 * stays taken, and nobody calls them any more.
 */
function patchLowerings(body, spaces) {
  const reader = new Reader(body);
  const count = reader.leb();
  const parts = [leb(count)];
  for (let left = count; left > 0; left--) {
    const start = reader.at;
    const kind = reader.byte();
    if (kind === 0x00) {
      reader.byte();
      reader.leb();
      skipOptions(reader);
      reader.leb();
      spaces.functions.push(false);
    } else if (kind === 0x01) {
      reader.byte();
      const before = reader.at;
      const lowered = reader.leb();
      const after = reader.at;
      skipOptions(reader);
      const loader = spaces.functions[lowered] === true;
      spaces.coreFunctions.push({ loader });
      if (loader) {
        parts.push(body.subarray(start, before), leb(spaces.functions.indexOf(false)), body.subarray(after, reader.at));
        continue;
      }
    } else if (kind >= 0x02 && kind <= 0x04) {
      reader.leb();
      spaces.coreFunctions.push({});
    } else {
      throw new Error(`a canonical function of kind ${kind} in the component is not understood`);
    }
    parts.push(body.subarray(start, reader.at));
  }
  return concat(parts);
}

function skipOptions(reader) {
  for (let left = reader.leb(); left > 0; left--) {
    const option = reader.byte();
    if (option >= 0x03) reader.leb(); // memory, realloc, post-return: an index each
  }
}

/** Points what is exported as the loader's function at the trampoline of the same name. */
function patchInstances(body, spaces) {
  const reader = new Reader(body);
  const count = reader.leb();
  const parts = [leb(count)];
  let patched = 0;
  for (let left = count; left > 0; left--) {
    const start = reader.at;
    const isInstantiation = reader.byte() === 0;
    if (isInstantiation) reader.leb();
    const entries = reader.leb();
    let kept = start;
    for (let entry = 0; entry < entries; entry++) {
      const name = reader.name();
      const sort = reader.byte();
      const before = reader.at;
      const index = reader.leb();
      if (isInstantiation || sort !== 0 || !spaces.coreFunctions[index]?.loader) continue;
      const trampoline = spaces.coreFunctions.findIndex((found) => found.name === name);
      if (trampoline < 0) continue;
      parts.push(body.subarray(kept, before), leb(trampoline));
      kept = reader.at;
      patched += 1;
    }
    parts.push(body.subarray(kept, reader.at));
  }
  return { bytes: concat(parts), patched };
}

function* sections(component) {
  const reader = new Reader(component);
  reader.at = 8; // after magic number and version
  while (reader.at < component.length) {
    const id = reader.byte();
    const length = reader.leb();
    yield { id, body: component.subarray(reader.at, reader.at + length) };
    reader.at += length;
  }
}

class Reader {
  at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned number of at most 32 bits in LEB128. */
  leb() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name() {
    const length = this.leb();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

function leb(value) {
  const bytes = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return Uint8Array.from(bytes);
}

function concat(parts) {
  return new Uint8Array(Buffer.concat(parts));
}
