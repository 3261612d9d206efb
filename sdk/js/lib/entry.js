// What the platform calls: the author's functions, wrapped. Only the build imports this file.
//
// Everything thrown is caught here. An uncaught error would end the sandbox, and the engine's own text for it names the
// bundle's lines, which nobody has ever seen.

import * as inference from "mlwasm:scoring/inference@0.1.0";
import environment from "wasi:cli/environment@0.2.12";
import stderr from "wasi:cli/stderr@0.2.12";
import stdout from "wasi:cli/stdout@0.2.12";
import preopens from "wasi:filesystem/preopens@0.2.12";
import random from "wasi:random/random@0.2.12";

import { makeConsole } from "./console.js";
import { BadRequest, CollectionError, InferenceError } from "./errors.js";
import { namesOf, readFile } from "./wasm-files.js";
import { setHost } from "./host.js";
import { makeCrypto, makeRandom } from "./random.js";
import { Request } from "./request.js";
import { toResponse } from "./response.js";
import { Places, describe, summarize } from "./stack.js";
import { Tensor } from "./tensor.js";
import { inferred, signatureOf } from "./typed.js";
import { runTyped } from "./typed-json.js";
import { decodeLossy, encode } from "./utf8.js";

globalThis.console ??= makeConsole(
  (line) => write(stdout.getStdout, line),
  (line) => write(stderr.getStderr, line),
);
// Packages from npm ask for these two.
globalThis.TextEncoder ??= class TextEncoder {
  encoding = "utf-8";
  encode(text = "") {
    return encode(String(text));
  }
};
globalThis.TextDecoder ??= class TextDecoder {
  encoding = "utf-8";
  decode(bytes = new Uint8Array()) {
    return decodeLossy(ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes));
  }
};

globalThis.crypto ??= makeCrypto((length) => random.getRandomBytes(length));

/**
 * The exports of the contract, made of the author's module. `map` tells the source map, once the bundle has run;
 * `collection` is the contract's interface, if it has it.
 */
export function serve(author, map, collection) {
  let known;
  setHost({
    openModel: (name) => new WasmModel(asked(InferenceError, () => inference.Model.open(name))),
    environment: variables,
    readFile: (name) => readFile(preopens, name),
    fileNames: () => namesOf(preopens),
    isCollected: (name) => collection?.enabled(name) ?? false,
    collect: (name, contentType, data) => asked(CollectionError, () => collection?.collect(name, contentType, data)),
  });
  const places = () => (known ??= new Places(map(), "/scorer.js"));

  const scorer = {
    init() {
      try {
        // If the top level asked, it was told the build's.
        environmentRead = undefined;
        // The engine was seeded at the build: all sandboxes would draw the same numbers.
        Math.random = makeRandom(random.getRandomBytes(16));
        const returned = author.init?.();
        if (typeof returned?.then === "function") throw new TypeError("init returned a Promise: make it a plain function");
      } catch (error) {
        console.error(describe(error, places()));
        throw summarize(error, places());
      }
    },
    run(request) {
      try {
        const { status, contentType, headers, body } = answer(author, new Request(request));
        return { status, contentType, headers, body };
      } catch (error) {
        throw scoreError(error, places);
      }
    },
  };
  const tensorScorer = {
    describe() {
      try {
        return signatureOf(author);
      } catch (error) {
        // The contract has no error here: it ends the sandbox.
        console.error(describe(error, places()));
        throw error;
      }
    },
    infer(inputs) {
      try {
        return inferred(author, inputs.map(fromHost)).map(toHost);
      } catch (error) {
        throw scoreError(error, places);
      }
    },
  };
  return { scorer, tensorScorer };
}

/** A typed scorer may have a `run` of its own; otherwise JSON is answered by its `infer`. */
function answer(author, request) {
  return author.run ? toResponse(author.run(request)) : runTyped(author, request);
}

/** The contract's error for what was thrown, which goes to the log unless it is the client's mistake. */
function scoreError(error, places) {
  if (error instanceof BadRequest) return { tag: "bad-request", val: error.message };
  console.error(describe(error, places()));
  return { tag: "internal", val: summarize(error, places()) };
}

function toHost({ name, element, shape, data }) {
  return { name, element, shape, data };
}

function fromHost({ name, element, shape, data }) {
  return Tensor.fromBytes(name, element, shape, data);
}

class WasmModel {
  #model;

  constructor(model) {
    this.#model = model;
  }

  inputs() {
    return this.#model.inputs().map(toSpec);
  }

  outputs() {
    return this.#model.outputs().map(toSpec);
  }

  infer(tensors) {
    return asked(InferenceError, () => this.#model.infer(tensors.map(toHost))).map(fromHost);
  }
}

function toSpec({ name, element, shape }) {
  return { name, element, shape: shape.map((size) => size ?? undefined) };
}

/** Calls the host; its error becomes one of this class. */
function asked(Fault, call) {
  try {
    return call();
  } catch (error) {
    const { tag, val } = error?.payload ?? {};
    if (tag === undefined) throw error;
    throw new Fault(tag, val);
  }
}

let environmentRead;

/** Read at the first question. */
function variables() {
  return (environmentRead ??= environment.getEnvironment());
}

/** WASI takes at most 4,096 bytes at once. */
const MOST_BYTES = 4096;

function write(stream, line) {
  const bytes = encode(`${line}\n`);
  const open = stream();
  try {
    for (let at = 0; at < bytes.length; at += MOST_BYTES) open.blockingWriteAndFlush(bytes.subarray(at, at + MOST_BYTES));
  } finally {
    open[Symbol.dispose]?.();
  }
}
