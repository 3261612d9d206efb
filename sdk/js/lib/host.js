// The seam to the platform: inside a component the real one (entry.js), in a test the fake one (testing.js).
//
// A host opens models, knows the environment, has files and keeps records. Nothing else in the library knows where it runs.

import { FileError } from "./errors.js";

const NONE = {
  openModel() {
    throw new Error("there is no host: in a test, make one with `fakeHost` of mlwasm/testing; in a scorer, open models in init");
  },
  environment: () => [],
  readFile(name) {
    throw new FileError(name, "there is no host: in a scorer, read files in init");
  },
  fileNames: () => [],
  isCollected: () => false,
  collect() {},
};

let current = NONE;

export function host() {
  return current;
}

/** Sets the host, or with `undefined` removes it, and tells the one before. */
export function setHost(next) {
  const former = current;
  current = next ?? NONE;
  return former;
}
