import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { flatten } from "../build/flatten.mjs";

const SCRIPT = fileURLToPath(new URL("../build/build.mjs", import.meta.url));

function build(...options) {
  const project = mkdtempSync(join(tmpdir(), "mlwasm-test-"));
  writeFileSync(join(project, "package.json"), "{}");
  writeFileSync(join(project, "score.js"), "export function run() {}");
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, "--project", project, "--output", join(project, "x.wasm"), ...options], { encoding: "utf8" });
  rmSync(project, { recursive: true });
  return { status, stderr: stderr.replaceAll(project, "PROJECT") };
}

test("what is missing is named, with what to do", () => {
  assert.deepEqual(build("--source", "other.js"), { status: 1, stderr: "other.js: there is no such file in PROJECT\n" });
  assert.deepEqual(build("--source", "score.js"), { status: 1, stderr: "esbuild is not installed in PROJECT: run `npm install` there\n" });
  assert.match(build().stderr, /^usage: node build\.mjs/);
});

test("a component that is not as expected is refused", () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  assert.throws(() => flatten(empty), { message: "found 0 imports of local:init/module-loader in the component, expected 2: use componentize-qjs 0.4.5" });
});
