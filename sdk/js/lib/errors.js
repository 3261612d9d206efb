// The errors that a scorer meets or throws.

/** The client's mistake, worded for the client: status 400. */
export class BadRequest extends Error {
  name = "BadRequest";
}

/** A model could not be opened or run. `kind` is "unknown-model", "invalid-input" or "failed". */
export class InferenceError extends Error {
  name = "InferenceError";

  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** Values do not fill a tensor's shape, or do not fit its elements; or it is read as what it does not hold. */
export class TensorError extends Error {
  name = "TensorError";
}

/** A file of the deployment could not be read. */
export class FileError extends Error {
  name = "FileError";

  constructor(file, reason) {
    super(`file "${file}" of the deployment: ${reason}`);
  }
}

/** A record was not taken, by the scorer's own mistake. `kind` is "invalid" (name or media type) or "too-many". */
export class CollectionError extends Error {
  name = "CollectionError";

  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}
