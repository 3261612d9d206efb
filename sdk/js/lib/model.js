// Models: run natively by the host, outside the sandbox.

import { TensorError } from "./errors.js";
import { host } from "./host.js";
import { Tensor } from "./tensor.js";

/** A model of the deployment. */
export class Model {
  #handle;

  constructor(handle) {
    this.#handle = handle;
    this.inputs = handle.inputs();
    this.outputs = handle.outputs();
  }

  /** Opens the model that the deployment lists under this name. */
  static open(name = "model") {
    return new Model(host().openModel(name));
  }

  /** Runs the model once: tensors in any order, or an object of nested lists by the inputs' names. */
  infer(inputs) {
    const tensors = Array.isArray(inputs) ? inputs : Object.entries(inputs).map(([name, values]) => tensorOf(name, values, this.inputs, "input"));
    return new Outputs(this.#handle.infer(tensors));
  }
}

/** Whose specs they are, in a message. */
const WHO = { input: "the model takes", output: "the signature gives" };

/** The tensor of this name, whose elements `specs` decide: the inputs of a model, or the outputs of a scorer. */
export function tensorOf(name, values, specs, side) {
  if (values instanceof Tensor) return Tensor.fromBytes(name, values.element, values.shape, values.data);
  const spec = specs.find((one) => one.name === name);
  if (!spec) throw new TensorError(`no ${side} "${name}", ${WHO[side]} ${specs.map((one) => one.name).join(", ")}`);
  if (ArrayBuffer.isView(values)) return new Tensor(name, [values.length], values);
  const { shape } = spec;
  // Without a row the lists do not tell how long one is; the spec does.
  const isEmptyBatch = Array.isArray(values) && values.length === 0 && !shape.slice(1).includes(undefined);
  return isEmptyBatch ? new Tensor(name, [0, ...shape.slice(1)], [], spec.element) : Tensor.of(name, values, spec.element);
}

/** Tensors by name and in order. */
export class Tensors {
  #tensors;
  #side;

  constructor(tensors, side = "tensor") {
    this.#tensors = tensors;
    this.#side = side;
  }

  /** The tensor of this name. */
  get(name) {
    const found = this.#tensors.find((tensor) => tensor.name === name);
    if (found) return found;
    throw new TensorError(`no ${this.#side} "${name}", only ${this.#tensors.map((tensor) => tensor.name).join(", ")}`);
  }

  [Symbol.iterator]() {
    return this.#tensors[Symbol.iterator]();
  }
}

/** What a model gave, in its own order. */
export class Outputs extends Tensors {
  constructor(tensors) {
    super(tensors, "output");
  }
}
