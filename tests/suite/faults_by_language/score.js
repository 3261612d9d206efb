// Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line.
import { env } from "mlwasm";

export function init() {
  if (env("FAULT") !== undefined) {
    throw new Error("no start"); // fault: init
  }
}

export function run(request) {
  const fault = request.queryParam("fault");
  if (fault === "throw") {
    throw new Error("no such flower"); // fault: throw
  }
  if (fault === "null") {
    return inner(null);
  }
  if (fault === "string") {
    throw "only a text";
  }
  if (fault === "promise") {
    return Promise.reject(new Error("later"));
  }
  return "fine";
}

function inner(flower) {
  return flower.petals; // fault: null
}
