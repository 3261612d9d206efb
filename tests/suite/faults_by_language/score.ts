// Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line.
import { env, type Request } from "mlwasm";

interface Flower {
  petals: number;
}

type Fault = "throw" | "null" | "string" | "promise" | undefined;

export function init(): void {
  if (env("FAULT") !== undefined) {
    throw new Error("no start"); // fault: init
  }
}

export function run(request: Request): string {
  const fault = request.queryParam("fault") as Fault;
  if (fault === "throw") {
    throw new Error("no such flower"); // fault: throw
  }
  if (fault === "null") {
    return inner(JSON.parse("null") as Flower);
  }
  if (fault === "string") {
    throw "only a text";
  }
  if (fault === "promise") {
    return Promise.reject(new Error("later")) as unknown as string;
  }
  return "fine";
}

function inner(flower: Flower): string {
  return flower.petals.toString(); // fault: null
}
