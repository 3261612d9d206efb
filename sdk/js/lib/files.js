// The files beside the models of the deployment: labels, vocabularies.

import { env } from "./env.js";
import { FileError } from "./errors.js";
import { host } from "./host.js";
import { decode } from "./utf8.js";

/** Where they are if nothing tells. */
const FOLDER = "/model";

/** See index.d.ts. */
export const files = {
  folder: () => env("AZUREML_MODEL_DIR", FOLDER),
  names: () => host().fileNames().toSorted(),
  read: (name) => host().readFile(name),
  text(name) {
    const bytes = files.read(name);
    try {
      return decode(bytes);
    } catch (error) {
      throw new FileError(name, `it is no text: ${error.message}`);
    }
  },
};
