// The deployment's environment variables and secrets.

import { host } from "./host.js";

/** The value, else `fallback`, else undefined. */
export function env(name, fallback) {
  const found = host().environment().find(([key]) => key === name);
  return found ? found[1] : fallback;
}
