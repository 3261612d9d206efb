/**
 * A host for tests: a scorer runs in plain Node, without a server and without WebAssembly.
 *
 *     import * as score from "../score.js";
 *     import { FakeModel, call, fakeHost, jsonOf, postJson } from "mlwasm/testing";
 *
 *     const model = new FakeModel({ inputs: ["input: float32 [?, 4]"], outputs: ["label: int64 [?]"], answer: () => ({ label: [2] }) });
 *     fakeHost({ models: { model } });
 *     score.init();
 *     jsonOf(call(score, postJson({ data: [[1, 2, 3, 4]] })));
 *
 * It refuses wrong names, types, shapes and lengths as the real host does.
 */

import type { Nested, NumberArray, Outputs, Request, RequestFields, Response, Tensor, TensorSpec, TypedScorer } from "./index.js";

/** A model whose answer is a function. */
export class FakeModel {
  constructor(model: {
    /** Specs may be written as in `input: float32 [?, 4]`. */
    inputs: readonly (TensorSpec | string)[];
    outputs: readonly (TensorSpec | string)[];
    /** Tensors by the inputs' names in; tensors, or values by the outputs' names, out. */
    answer(inputs: Record<string, Tensor>): readonly Tensor[] | Record<string, Tensor | Nested | NumberArray>;
  });
}

/** What a scorer left in a collection. */
export interface Left {
  readonly collection: string;
  readonly contentType: string;
  readonly data: Uint8Array;
}

/** Sets the models, the environment, the kept collections and the files of the deployment, until the next call or `close()`. */
export function fakeHost(host?: {
  models?: Record<string, FakeModel>;
  env?: Record<string, string>;
  collections?: readonly string[];
  files?: Record<string, string | Uint8Array>;
}): { readonly records: readonly Left[]; close(): void };

/** Calls `run` as the platform does: what it returns becomes a `Response`, what it throws is thrown. A typed scorer without one is asked in JSON. */
export function call(scorer: { run(request: Request): unknown } | TypedScorer, request: Request): Response;

/** Calls a typed scorer's `infer` with tensors or values by the inputs' names, and holds both sides to its signature. */
export function infer(scorer: TypedScorer, inputs: Record<string, Tensor | Nested | NumberArray>): Outputs;

/** The body of an answer as text. */
export function textOf(response: Response): string;
/** The body of an answer as JSON. */
export function jsonOf(response: Response): any;

/** What a request of a test may set. */
export type Fields = Partial<Omit<RequestFields, "headers">> & { headers?: Record<string, string> };

/** A request with this value as JSON. */
export function postJson(value: unknown, fields?: Fields): Request;
/** A request with this body, to the deployment `test`. */
export function post(contentType: string, body: string | Uint8Array, fields?: Fields): Request;
/** What `input: float32 [?, 4]` says. */
export function spec(text: TensorSpec | string): TensorSpec;
