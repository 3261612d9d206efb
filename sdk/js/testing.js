// A host for tests: a scorer runs in plain Node, without a server and without WebAssembly. Read testing.d.ts.

import { CollectionError, FileError, InferenceError } from "./lib/errors.js";
import { ELEMENTS } from "./lib/elements.js";
import { setHost } from "./lib/host.js";
import { Outputs, tensorOf } from "./lib/model.js";
import { Request } from "./lib/request.js";
import { toResponse } from "./lib/response.js";
import { accepts, spec } from "./lib/spec.js";
import { decode, encode } from "./lib/utf8.js";
import { Tensor } from "./lib/tensor.js";
import { inferred, signatureOf } from "./lib/typed.js";
import { runTyped } from "./lib/typed-json.js";

export { spec };

export class FakeModel {
  constructor({ inputs, outputs, answer }) {
    this.specs = { inputs: inputs.map(spec), outputs: outputs.map(spec) };
    this.answer = answer;
  }

  inputs() {
    return this.specs.inputs;
  }

  outputs() {
    return this.specs.outputs;
  }

  infer(tensors) {
    const given = inOrder(this.specs.inputs, tensors, "invalid-input");
    const answer = this.answer(Object.fromEntries(given.map((tensor) => [tensor.name, tensor])));
    return inOrder(this.specs.outputs, Array.isArray(answer) ? answer : this.#tensors(answer), "failed");
  }

  #tensors(answer) {
    const element = (name) => this.specs.outputs.find((output) => output.name === name)?.element;
    return Object.entries(answer).map(([name, values]) => (values instanceof Tensor ? values : Tensor.of(name, values, element(name))));
  }
}

export function fakeHost({ models = {}, env = {}, collections = [], files = {} } = {}) {
  const records = [];
  const former = setHost({
    openModel(name) {
      if (Object.hasOwn(models, name)) return models[name];
      throw new InferenceError("unknown-model", `no model "${name}": the deployment has ${Object.keys(models).join(", ") || "none"}`);
    },
    environment: () => Object.entries(env),
    readFile(name) {
      if (!Object.hasOwn(files, name)) throw new FileError(name, "there is no such file");
      return typeof files[name] === "string" ? encode(files[name]) : files[name];
    },
    fileNames: () => Object.keys(files),
    isCollected: (name) => collections.includes(name),
    collect(collection, contentType, data) {
      if (!/^[A-Za-z]([A-Za-z0-9_-]{0,30}[A-Za-z0-9])?$/.test(collection)) throw new CollectionError("invalid", `"${collection}" is no collection's name`);
      if (collections.includes(collection)) records.push({ collection, contentType, data });
    },
  });
  return { records, close: () => void setHost(former) };
}

export function call(scorer, request) {
  return scorer.run ? toResponse(scorer.run(request)) : runTyped(scorer, request);
}

export function infer(scorer, inputs) {
  const signature = signatureOf(scorer);
  const tensors = Object.entries(inputs).map(([name, values]) => tensorOf(name, values, signature.inputs, "input"));
  const checked = inOrder(signature.inputs, tensors, "invalid-input");
  return new Outputs(inOrder(signature.outputs, inferred(scorer, checked), "failed"));
}

export function textOf(response) {
  return decode(response.body);
}

export function jsonOf(response) {
  return JSON.parse(textOf(response));
}

export function postJson(value, fields = {}) {
  return post("application/json", JSON.stringify(value), fields);
}

export function post(contentType, body, { headers = {}, ...fields } = {}) {
  const listed = Object.entries(headers).map(([name, value]) => ({ name: name.toLowerCase(), value: encode(value) }));
  const bytes = typeof body === "string" ? encode(body) : body;
  return new Request({ id: "test", deployment: "test", isMirror: false, query: "", contentType, body: bytes, ...fields, headers: listed });
}

/** The tensors in the order of the specs, exactly one for each, as the real host wants them. */
function inOrder(specs, tensors, kind) {
  const known = specs.map((wanted) => wanted.name);
  const stranger = tensors.find((tensor) => !known.includes(tensor.name));
  if (stranger) throw new InferenceError(kind, `no tensor "${stranger.name}", expected ${known.join(", ")}`);
  return specs.map((wanted) => pick(wanted, tensors, kind));
}

function pick(wanted, tensors, kind) {
  const refuse = (found) => {
    throw new InferenceError(kind, `tensor "${wanted.name}" ${found}`);
  };
  const found = tensors.filter((tensor) => tensor.name === wanted.name);
  if (found.length !== 1) refuse(found.length === 0 ? "is missing" : "is given twice");
  const [tensor] = found;
  if (tensor.element !== wanted.element) refuse(`holds ${tensor.element}, expected ${wanted.element}`);
  const shape = `[${tensor.shape.join(", ")}]`;
  if (!accepts(wanted, [...tensor.shape])) refuse(`has shape ${shape}, expected [${wanted.shape.map((size) => size ?? "?").join(", ")}]`);
  if (!isFilled(tensor)) refuse(`of shape ${shape} has ${tensor.data.length} bytes`);
  return tensor;
}

function isFilled(tensor) {
  if (tensor.element !== "bytes") return tensor.data.length === ELEMENTS[tensor.element].size * tensor.elementCount;
  try {
    tensor.byteStrings();
    return true;
  } catch {
    return false;
  }
}
