// Collections: records of what a scorer did between request and answer, kept beside the request's bodies.

import { host } from "./host.js";
import { toResponse } from "./response.js";

/** A collection of records, by its name. */
export class Collection {
  constructor(name) {
    this.name = name;
  }

  /** Whether records of this request are kept. */
  get enabled() {
    return host().isCollected(this.name);
  }

  /** Adds a record: a string as text, bytes as bytes, everything else as JSON. */
  record(value) {
    if (!this.enabled) return this.recordBytes("application/json", new Uint8Array());
    const { contentType, body } = toResponse(value);
    return this.recordBytes(contentType, body);
  }

  /** Adds a record of any media type. */
  recordBytes(contentType, data) {
    host().collect(this.name, contentType, data);
  }
}
