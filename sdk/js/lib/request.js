// What `run` is asked.

import { BadRequest } from "./errors.js";
import { parse } from "./json.js";
import { decode, decodeLossy } from "./utf8.js";

/** One scoring request. */
export class Request {
  constructor(fields) {
    this.id = fields.id;
    this.deployment = fields.deployment;
    this.isMirror = fields.isMirror;
    this.query = fields.query;
    this.headers = fields.headers;
    this.contentType = fields.contentType ?? undefined;
    this.body = fields.body;
  }

  /** The body as JSON, whatever the content type says. */
  json() {
    try {
      return parse(decode(this.body));
    } catch (error) {
      throw new BadRequest(`the body is not valid: ${error.message}`);
    }
  }

  /** The body as text. */
  text() {
    try {
      return decode(this.body);
    } catch (error) {
      throw new BadRequest(`the body is not text: ${error.message}`);
    }
  }

  /** The first header of this name, in any case. */
  header(name) {
    const wanted = name.toLowerCase();
    const found = this.headers.find((header) => header.name === wanted);
    return found && decodeLossy(found.value);
  }

  /** The parameters of the query, decoded, in order. */
  queryParams() {
    return this.query
      .split("&")
      .filter((part) => part !== "")
      .map((part) => {
        const equals = part.indexOf("=");
        const [name, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
        return [unquote(name), unquote(value)];
      });
  }

  /** The first value of a parameter; empty for one without a value. */
  queryParam(name) {
    return this.queryParams().find(([found]) => found === name)?.[1];
  }
}

/** Decodes as forms do: `+` is a space, what is no percent-encoding stays. */
function unquote(text) {
  const bytes = [];
  const spaced = text.replaceAll("+", " ");
  let plain = "";
  for (let at = 0; at < spaced.length; at++) {
    const code = spaced[at] === "%" ? spaced.slice(at + 1, at + 3) : "";
    if (/^[0-9a-fA-F]{2}$/.test(code)) {
      bytes.push(Number.parseInt(code, 16));
      at += 2;
      continue;
    }
    plain += decodeLossy(Uint8Array.from(bytes.splice(0))) + spaced[at];
  }
  return plain + decodeLossy(Uint8Array.from(bytes));
}
