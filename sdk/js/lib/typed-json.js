// Requests and answers in JSON, for typed scorers.
//
// Types and shapes come from the signature; a client names inputs and gives numbers:
//
//   {"inputs": {"x": [[5.1, 3.5], [6.2, 2.9]]}}
//   {"inputs": {"x": {"shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}}}
//   {"data": [[5.1, 3.5], [6.2, 2.9]]}
//   {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}]}
//
// The third form is for scorers of one input; the last one is that of the Open Inference Protocol, and is answered in kind.
// Floats that JSON has no number for are the strings "NaN", "Infinity" and "-Infinity". All SDKs word mistakes alike.

import { ELEMENTS } from "./elements.js";
import { BadRequest } from "./errors.js";
import { Response } from "./response.js";
import { accepts, datatype } from "./spec.js";
import { Tensor } from "./tensor.js";
import { inferred, signatureOf } from "./typed.js";

/** Longest value in a message. */
const SHOWN = 60;
const RAGGED = "arrays of the same depth have different lengths";
const NOT_FINITE = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, "-Infinity": Number.NEGATIVE_INFINITY };
const PLAIN = ["shape", "data", "datatype"];
const PROTOCOL = ["name", "shape", "datatype", "parameters", "data"];

/** Answers a request in JSON by the scorer's `infer`. The client's mistakes are a BadRequest. */
export function runTyped(scorer, request) {
  const { tensors, asked } = read(request.json(), signatureOf(scorer).inputs);
  const outputs = inferred(scorer, tensors);
  const text = asked ? protocolAnswer(outputs, asked, request.deployment) : plainAnswer(outputs);
  return new Response(text, { contentType: "application/json" });
}

/** What is wrong with one input. */
class Misfit extends Error {}

/** One tensor for each of the scorer's inputs, in the scorer's order; and what else was asked, in the protocol's form. */
export function read(body, specs) {
  if (!isObject(body)) throw refusal("the body is no JSON object", specs);
  if (Array.isArray(body.inputs)) return { tensors: readProtocol(body.inputs, specs), asked: askedOf(body) };
  const stranger = Object.keys(body).find((key) => key !== "inputs" && key !== "data");
  if (stranger !== undefined) throw refusal(`unknown member \`${stranger}\``, specs);
  const [hasInputs, hasData] = [Object.hasOwn(body, "inputs"), Object.hasOwn(body, "data")];
  if (hasInputs && hasData) throw refusal("the body has both `inputs` and `data`", specs);
  if (!hasInputs && !hasData) throw refusal("the body has neither `inputs` nor `data`", specs);
  if (hasData) {
    if (specs.length !== 1) throw refusal("`data` is for scorers of one input", specs);
    return { tensors: [readInput(specs[0], body.data, PLAIN)] };
  }
  if (!isObject(body.inputs)) throw refusal("`inputs` is no JSON object", specs);
  return { tensors: readNamed(new Map(Object.entries(body.inputs)), specs, PLAIN) };
}

function readProtocol(inputs, specs) {
  const named = new Map();
  inputs.forEach((given, index) => {
    const name = isObject(given) ? given.name : undefined;
    if (typeof name !== "string") throw refusal(`inputs[${index}] has no name`, specs);
    if (named.has(name)) throw refusal(`input \`${name}\` is given twice`, specs);
    named.set(name, given);
  });
  return readNamed(named, specs, PROTOCOL);
}

function readNamed(named, specs, known) {
  for (const name of named.keys()) {
    if (!specs.some((spec) => spec.name === name)) throw refusal(`unknown input \`${name}\``, specs);
  }
  return specs.map((spec) => {
    if (!named.has(spec.name)) throw refusal(`input \`${spec.name}\` is missing`, specs);
    return readInput(spec, named.get(spec.name), known);
  });
}

function askedOf({ id, outputs = [] }) {
  const isRight = Array.isArray(outputs) && outputs.every((output) => typeof output?.name === "string");
  if (!isRight) throw new BadRequest("`outputs` is no array of named outputs");
  return { id: typeof id === "string" ? id : undefined, names: outputs.map((output) => output.name) };
}

function readInput(spec, given, known) {
  try {
    return isObject(given) ? readDescribed(spec, given, known) : tensor(spec, undefined, given);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new BadRequest(`input \`${spec.name}\`: ${error.message}, expected ${wanted(spec)}`);
  }
}

function readDescribed(spec, given, known) {
  const stranger = Object.keys(given).find((key) => !known.includes(key));
  if (stranger !== undefined) throw new Misfit(`unknown member \`${stranger}\``);
  const { shape, data } = given;
  if (given.datatype !== undefined && given.datatype !== datatype(spec.element)) throw new Misfit(`datatype is ${excerpt(given.datatype)}`);
  if (data === undefined) throw new Misfit("`data` is missing");
  const isShape = shape === undefined || (Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0));
  if (!isShape) throw new Misfit(`shape is ${excerpt(shape)}`);
  return tensor(spec, shape, data);
}

/** The tensor of nested lists, which tell their shape, or of any nesting with a shape beside it. */
function tensor(spec, shape, data) {
  const flat = flatten(data);
  const sizes = shape ?? flat.shape;
  if (!accepts(spec, sizes)) throw new Misfit(`shape is ${shown(sizes)}`);
  if (shape && shape.reduce((product, size) => product * size, 1) !== flat.values.length) {
    throw new Misfit(`shape ${shown(shape)} does not hold the ${flat.values.length} elements of \`data\``);
  }
  flat.values.forEach((value, index) => {
    if (!isHeld(spec.element, value)) throw new Misfit(`element ${place(index, sizes)} is ${excerpt(value)}`);
  });
  const values = isFloat(spec.element) ? flat.values.map((value) => (typeof value === "string" ? NOT_FINITE[value] : value)) : flat.values;
  return new Tensor(spec.name, sizes, values, spec.element);
}

function flatten(data) {
  const shape = [];
  let values = [data];
  while (Array.isArray(values[0])) {
    const size = values[0].length;
    if (!values.every((inner) => Array.isArray(inner) && inner.length === size)) throw new Misfit(RAGGED);
    shape.push(size);
    values = values.flat();
  }
  if (values.some(Array.isArray)) throw new Misfit(RAGGED);
  return { shape, values };
}

/** Whether the element type holds the value without loss; of a float, whether it is no greater than the greatest. */
function isHeld(element, value) {
  if (element === "bytes") return typeof value === "string";
  if (element === "boolean") return typeof value === "boolean";
  if (!isFloat(element)) return typeof value === "number" && isPut(element, value);
  if (typeof value === "string") return Object.hasOwn(NOT_FINITE, value);
  return typeof value === "number" && isPut(element, value) && Number.isFinite(rounded(element, value));
}

function isPut(element, value) {
  try {
    ELEMENTS[element].put(value);
    return true;
  } catch {
    return false;
  }
}

function rounded(element, value) {
  return Number(new Tensor("x", [1], [value], element).values()[0]);
}

function isFloat(element) {
  return element.includes("float");
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function place(index, shape) {
  const places = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    places.push(`[${rest % size}]`);
    rest = Math.floor(rest / size);
  }
  return places.reverse().join("");
}

function excerpt(value) {
  const text = [...JSON.stringify(value)];
  return text.length <= SHOWN ? text.join("") : `${text.slice(0, SHOWN).join("")}…`;
}

function shown(sizes) {
  return `[${sizes.join(", ")}]`;
}

function wanted({ element, shape }) {
  return `${datatype(element)} ${shown(shape.map((size) => size ?? "?"))}`;
}

/** Every refusal tells what the scorer takes: the client may have nothing else to read. */
function refusal(reason, specs) {
  const inputs = specs.map((spec) => `"${spec.name}": ${wanted(spec)}`);
  return new BadRequest(`${reason}, expected {"inputs": {${inputs.join(", ")}}}`);
}

function plainAnswer(outputs) {
  return `{"outputs":{${outputs.map((output) => `${JSON.stringify(output.name)}:{${members(output)}}`).join(",")}}}`;
}

function protocolAnswer(outputs, { id, names }, deployment) {
  const chosen = (names.length > 0 ? names : outputs.map((output) => output.name)).map((name) => {
    const found = outputs.find((output) => output.name === name);
    if (!found) throw new BadRequest(`no output \`${name}\``);
    return `{"name":${JSON.stringify(name)},${members(found)}}`;
  });
  const mine = id === undefined ? "" : `"id":${JSON.stringify(id)},`;
  return `{"model_name":${JSON.stringify(deployment)},${mine}"outputs":[${chosen.join(",")}]}`;
}

/** Text rather than an object: integers of 64 bits are written with all their digits. */
function members(tensor) {
  const isShort = isFloat(tensor.element) && tensor.element !== "float64";
  const write = (value) => (typeof value === "bigint" ? String(value) : typeof value === "number" ? number(value, isShort) : JSON.stringify(value));
  const data = Array.from(tensor.values(), write);
  return `"datatype":"${datatype(tensor.element)}","shape":[${[...tensor.shape].join(",")}],"data":[${data.join(",")}]`;
}

/** A number as JSON has it; a float of 32 bits with as few digits as tell it from its neighbours: 0.1, not 0.10000000149. */
function number(value, isShort) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
  if (!isShort || (Number.isInteger(value) && Math.abs(value) < 2 ** 24)) return JSON.stringify(value);
  for (const digits of [6, 7, 8]) {
    const near = Number(value.toPrecision(digits));
    if (Math.fround(near) === value) return JSON.stringify(near);
  }
  return JSON.stringify(Number(value.toPrecision(9)));
}
