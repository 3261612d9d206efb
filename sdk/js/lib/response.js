// What `run` answers.

import { stringify } from "./json.js";
import { encode } from "./utf8.js";

/** One answer. */
export class Response {
  constructor(body, { status = 200, contentType, headers = {} } = {}) {
    const isText = typeof body === "string";
    this.body = isText ? encode(body) : toBytes(body);
    this.status = checkStatus(status);
    this.contentType = contentType ?? (isText ? "text/plain; charset=utf-8" : "application/octet-stream");
    this.headers = Object.entries(headers).map(([name, value]) => ({
      name: name.toLowerCase(),
      value: typeof value === "string" ? encode(value) : toBytes(value),
    }));
  }
}

/** An answer in JSON. */
export function json(value, options = {}) {
  return new Response(encode(stringify(value)), { contentType: "application/json", ...options });
}

/** An answer in plain text. */
export function text(value, options = {}) {
  return new Response(String(value), options);
}

/** An answer of bytes. */
export function bytes(value, options = {}) {
  return new Response(value, options);
}

/** What a scorer returned, as an answer: a Response as it is, text as text, bytes as bytes, all else as JSON. */
export function toResponse(returned) {
  if (returned instanceof Response) return returned;
  if (typeof returned === "string") return text(returned);
  if (ArrayBuffer.isView(returned) || returned instanceof ArrayBuffer) return bytes(returned);
  if (typeof returned?.then === "function") {
    throw new TypeError("run returned a Promise: a scorer has nothing to wait for, make it a plain function");
  }
  if (returned === undefined) throw new TypeError("run returned nothing: return an answer, or null for JSON's null");
  return json(returned);
}

function toBytes(body) {
  if (body instanceof Uint8Array) return body;
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new TypeError(`a body is a string or bytes, not ${body === null ? "null" : typeof body}: use json() for values`);
}

function checkStatus(status) {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new RangeError(`status ${status}, expected 200 to 599`);
}
