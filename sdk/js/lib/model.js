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
    const tensors = Array.isArray(inputs) ? inputs : Object.entries(inputs).map(([name, values]) => this.#tensor(name, values));
    return new Outputs(this.#handle.infer(tensors));
  }

  #tensor(name, values) {
    if (values instanceof Tensor) return Tensor.fromBytes(name, values.element, values.shape, values.data);
    const spec = this.inputs.find((input) => input.name === name);
    if (!spec) throw new TensorError(`no input "${name}", the model takes ${this.inputs.map((input) => input.name).join(", ")}`);
    if (ArrayBuffer.isView(values)) return new Tensor(name, [values.length], values);
    const { shape } = spec;
    // Without a row the lists do not tell how long one is; the model does.
    const isEmptyBatch = Array.isArray(values) && values.length === 0 && !shape.slice(1).includes(undefined);
    return isEmptyBatch ? new Tensor(name, [0, ...shape.slice(1)], [], spec.element) : Tensor.of(name, values, spec.element);
  }
}

/** What a model gave, in its own order. */
export class Outputs {
  #tensors;

  constructor(tensors) {
    this.#tensors = tensors;
  }

  /** The output of this name. */
  get(name) {
    const found = this.#tensors.find((tensor) => tensor.name === name);
    if (found) return found;
    throw new TensorError(`no output "${name}", only ${this.#tensors.map((tensor) => tensor.name).join(", ")}`);
  }

  [Symbol.iterator]() {
    return this.#tensors[Symbol.iterator]();
  }
}
