// What a scorer imports as "mlwasm". Read index.d.ts: it documents all of it.

export { Collection } from "./lib/collection.js";
export { BadRequest, CollectionError, FileError, InferenceError, TensorError } from "./lib/errors.js";
export { files } from "./lib/files.js";
export { env } from "./lib/env.js";
export { Model, Outputs, Tensors } from "./lib/model.js";
export { Request } from "./lib/request.js";
export { Response, json, text, bytes } from "./lib/response.js";
export { Tensor } from "./lib/tensor.js";
