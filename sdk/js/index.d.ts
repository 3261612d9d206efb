/**
 * Scorers for mlwasm in JavaScript and TypeScript: what a scorer imports.
 *
 * A scorer is a module with two functions:
 *
 *     import { Model, type Request } from "mlwasm";
 *
 *     let model: Model;
 *
 *     export function init() {
 *       model = Model.open("model");
 *     }
 *
 *     export function run(request: Request) {
 *       const { data } = request.json() as { data: number[][] };
 *       return { labels: model.infer({ input: data }).get("label").numbers() };
 *     }
 *
 * What `run` returns is the answer: a `Response` as it is, a string as text, bytes as bytes, everything else as JSON.
 * Throwing `BadRequest` is the client's mistake (400); anything else is the scorer's (424, with its stack in the log).
 */

/** One scoring request. */
export class Request {
  constructor(fields: RequestFields);
  /** Its identity, also found in the platform's logs. */
  readonly id: string;
  /** The name of the deployment that this scorer serves. */
  readonly deployment: string;
  /** True for a copy of live traffic, whose answer no client waits for: skip what acts on the outside world. */
  readonly isMirror: boolean;
  /** The query of the address, without the question mark, still percent-encoded. */
  readonly query: string;
  /** The headers that the platform lets through, names in lower case; never credentials. */
  readonly headers: readonly Header[];
  /** The media type of the body, if the client sent one. */
  readonly contentType: string | undefined;
  /** The body, whole. */
  readonly body: Uint8Array;
  /** The body as JSON, whatever the content type says. A mistake is a `BadRequest` with line and column. */
  json(): unknown;
  /** The body as UTF-8. A mistake is a `BadRequest` with the position of the first wrong byte. */
  text(): string;
  /** The first header of this name, in any case. */
  header(name: string): string | undefined;
  /** The parameters of the query, decoded, in order. */
  queryParams(): [name: string, value: string][];
  /** The first value of a parameter; empty for one without a value. */
  queryParam(name: string): string | undefined;
}

/** What a request is made of. */
export interface RequestFields {
  id: string;
  deployment: string;
  isMirror: boolean;
  query: string;
  headers: readonly Header[];
  contentType?: string | null;
  body: Uint8Array;
}

/** One HTTP header. Values are bytes, since HTTP does not promise text. */
export interface Header {
  readonly name: string;
  readonly value: Uint8Array;
}

/** What an answer has beside its body. */
export interface ResponseOptions {
  /** 200 to 599; 200 unless set. */
  status?: number;
  /** The media type of the body; that of its kind unless set. */
  contentType?: string;
  /** Further headers. */
  headers?: Record<string, string | Uint8Array>;
}

/** One answer. */
export class Response {
  /** An answer of text or bytes. Throws a RangeError for a status that is none. */
  constructor(body: string | Uint8Array | ArrayBuffer | ArrayBufferView, options?: ResponseOptions);
  readonly status: number;
  readonly contentType: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** An answer in JSON. A BigInt becomes a number if it is exact as one, else a TypeError is thrown. NaN becomes null. */
export function json(value: unknown, options?: ResponseOptions): Response;
/** An answer in plain text. */
export function text(value: string, options?: ResponseOptions): Response;
/** An answer of bytes. */
export function bytes(value: Uint8Array | ArrayBuffer | ArrayBufferView, options?: ResponseOptions): Response;

/** The client's mistake, worded for the client: status 400. */
export class BadRequest extends Error {}

/** A model could not be opened or run. */
export class InferenceError extends Error {
  constructor(kind: InferenceError["kind"], message: string);
  readonly kind: "unknown-model" | "invalid-input" | "failed";
}

/** Values do not fill a tensor's shape, or do not fit its elements; or it is read as what it does not hold. */
export class TensorError extends Error {}

/** The value of one of the deployment's environment variables or secrets. Ask in `init` or `run`: at the build there are none. */
export function env(name: string): string | undefined;
export function env(name: string, fallback: string): string;

/**
 * The files beside the models of the deployment: labels, vocabularies. They can be read and nothing else.
 *
 * Read them in `init`: a file that is read for a request keeps that request waiting for the disk; at the build there are none.
 */
export const files: {
  /** The folder of the deployment's files, for messages. */
  folder(): string;
  /** The names of all files, those in folders with their folders, by the alphabet. None if the deployment has none. */
  names(): string[];
  /** The bytes of a file, by its name in the deployment, "labels.txt" or "vocab/words.json". Throws a FileError. */
  read(name: string): Uint8Array;
  /** The text of a file, which is UTF-8. Throws a FileError. */
  text(name: string): string;
};

/** A file of the deployment could not be read. */
export class FileError extends Error {}

/**
 * A collection of records of what a scorer did between request and answer, kept beside the request's bodies.
 *
 * The deployment's settings say which collections are kept, and of which share of the requests:
 * `data_collector.collections.features.enabled`. Records carry the ids of the request that made them.
 */
export class Collection {
  /** The collection of this name: 1 to 32 letters, digits, `-` or `_`, from a letter to a letter or digit. */
  constructor(name: string);
  readonly name: string;
  /** Whether records of this request are kept. Ask before making what is costly. Never so in `init`. */
  readonly enabled: boolean;
  /**
   * Adds a record: a string as text, bytes as bytes, everything else as JSON. Nothing happens where nothing is kept.
   * Throws a CollectionError if the name is none, or the request has left as many records as one may.
   */
  record(value: unknown): void;
  /** Adds a record of any media type. */
  recordBytes(contentType: string, data: Uint8Array): void;
}

/** A record was not taken, by the scorer's own mistake. */
export class CollectionError extends Error {
  constructor(kind: CollectionError["kind"], message: string);
  readonly kind: "invalid" | "too-many";
}

/** What a tensor's elements are. */
export type ElementType =
  | "boolean"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "bytes";

/** Numbers as they lie in memory. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** One element, as it is given. 64-bit integers are numbers that are exact, or BigInts. */
export type Value = number | bigint | boolean | string | Uint8Array;
/** Lists of lists of elements. */
export type Nested = Value | readonly Nested[];

/** A dense array with a name: row-major. */
export class Tensor {
  /**
   * A tensor of a flat list or a typed array.
   *
   * Without `element` a typed array decides it; of a list, strings are `bytes`, BigInts int64, booleans boolean, numbers
   * float32. Throws a TensorError if the values do not fill the shape or do not fit the element.
   */
  constructor(name: string, shape: readonly number[], values: NumberArray | readonly Value[], element?: ElementType);
  /** A tensor of nested lists, whose shape is theirs; a single value makes a scalar. */
  static of(name: string, nested: Nested, element?: ElementType): Tensor;
  /** A tensor from its bytes (row-major, little-endian), without a check: the host refuses what does not fit the model. */
  static fromBytes(name: string, element: ElementType, shape: readonly number[], data: Uint8Array): Tensor;
  readonly name: string;
  readonly element: ElementType;
  readonly shape: readonly number[];
  /** The elements as bytes. Strings are each a 4-byte length and then their bytes. */
  readonly data: Uint8Array;
  /** The number of places that the shape has. */
  readonly elementCount: number;
  /** The elements, row-major: a typed array (of BigInts for 64 bits, Float32Array for half floats), booleans, or strings. */
  values(): NumberArray | boolean[] | string[];
  /** The elements as plain numbers. Throws a TensorError for strings, and for a 64-bit integer that is not exact as a number. */
  numbers(): number[];
  /** The elements in nested lists, as the shape says. A scalar is one value. */
  toNested(): any;
  /** The strings as bytes. */
  byteStrings(): Uint8Array[];
}

/** What a model takes or gives under one name. */
export interface TensorSpec {
  readonly name: string;
  readonly element: ElementType;
  /** The size of each dimension, outermost first; undefined is any size, such as the number of rows in a batch. */
  readonly shape: readonly (number | undefined)[];
}

/** A model of the deployment, run natively by the host. */
export class Model {
  private constructor();
  /**
   * Opens the model that the deployment lists under this name; `model` is the name of a deployment's only one.
   *
   * Open models in `init`: then a missing one stops the deployment, not a request. Throws an InferenceError.
   */
  static open(name?: string): Model;
  /** What it takes, in its own order. */
  readonly inputs: readonly TensorSpec[];
  /** What it gives, in its own order. */
  readonly outputs: readonly TensorSpec[];
  /**
   * Runs the model once: tensors in any order, or values by the inputs' names.
   *
   * Values are nested lists, whose elements the model decides, or typed arrays of one dimension. Throws a TensorError if they
   * make no tensor; an InferenceError "invalid-input" before anything runs, if a name, type, shape or length does not fit; "failed" if the run fails.
   */
  infer(inputs: readonly Tensor[] | Record<string, Tensor | Nested | NumberArray>): Outputs;
}

/** Tensors by name and in order. */
export class Tensors implements Iterable<Tensor> {
  protected constructor();
  /** The tensor of this name. Throws a TensorError with the names that there are. */
  get(name: string): Tensor;
  [Symbol.iterator](): Iterator<Tensor>;
}

/** What a model gave: one tensor for each output, in the model's own order. */
export class Outputs extends Tensors {
  private constructor();
}

/**
 * What a typed scorer takes and gives. Names are distinct on each side, and at least one tensor is given.
 *
 * Specs may be text: `{ inputs: ["rows: float32 [?, 4]"], outputs: ["label: int64 [?]"] }`, where `?` is any size.
 */
export interface Signature {
  readonly inputs: readonly (TensorSpec | string)[];
  readonly outputs: readonly (TensorSpec | string)[];
}

/**
 * What the module of a typed scorer exports, beside `init`: `world = "tensor-scoring"` in scorer.toml.
 *
 * The platform compares tensors with the signature before `infer` sees them, and the answer afterwards. Without a `run`,
 * requests in JSON such as `{"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}` are answered by `infer`, too.
 */
export interface TypedScorer {
  /** Tells what `infer` takes and gives. Called after `init`; the answer must not change. */
  describe(): Signature;
  /** Scores one request: a tensor for each input, checked. Answers tensors, or values by the outputs' names. */
  infer(inputs: Tensors): Iterable<Tensor> | Tensor | Record<string, Tensor | Nested | NumberArray>;
  /** Answers requests to the scoring route in words of its own. */
  run?(request: Request): unknown;
}
