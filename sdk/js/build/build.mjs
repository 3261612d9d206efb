// Makes a component of a scorer in JavaScript or TypeScript: `node build.mjs --help` says how it is called.
//
// esbuild and componentize-qjs are the project's own, pinned in its package.json; this script brings none.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { Places } from "../lib/stack.js";
import { flatten } from "./flatten.mjs";

const SDK = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const ENTRY = "mlwasm-entry.js";
const USAGE = `usage: node build.mjs --project FOLDER --source score.js --output FILE.wasm [--wit FOLDER] [--world WORLD] [--flag FLAG]… [--no-check]

  --project   the folder with package.json and node_modules
  --source    the file that exports init and run, relative to the project
  --wit       the folder with the files of mlwasm:scoring, unless they are beside this script's folder
  --world     scoring or tensor-scoring: which of its worlds the scorer is for
  --output    where the component goes
  --flag      a further option of esbuild: --flag=--define:DEBUG=true, --flag=--external:x, --flag=--loader:.txt=text
  --no-check  do not ask TypeScript for mistakes first`;

/** What the author's file has to export for each world, and how it is called. */
const WORLDS = { scoring: ["run"], "tensor-scoring": ["describe", "infer"] };
const USAGES = { run: "run(request)", describe: "describe()", infer: "infer(inputs)" };

class Failure extends Error {}

try {
  await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const { values } = parseArgs({
    options: {
      project: { type: "string", default: "." },
      source: { type: "string" },
      wit: { type: "string", default: join(SDK, "wit") },
      world: { type: "string", default: "scoring" },
      output: { type: "string" },
      flag: { type: "string", multiple: true, default: [] },
      "no-check": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);
  if (!values.source || !values.output) throw new Failure(USAGE);
  const project = resolve(values.project);
  const source = resolve(project, values.source);
  if (!existsSync(source)) throw new Failure(`${values.source}: there is no such file in ${project}`);

  if (extname(source) === ".ts" && !values["no-check"]) check(project);
  const functions = WORLDS[values.world];
  if (!functions) throw new Failure(`${values.world} is no world, expected ${Object.keys(WORLDS).join(" or ")}`);
  const bundle = await bundled(project, source, { contract: resolve(values.wit), functions, further: optionsOf(values.flag) });
  const component = await componentized(project, bundle, resolve(values.wit), values.world);
  const output = resolve(values.output);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, component);
}

/** Lets TypeScript look for mistakes, if the project has it: esbuild only strips types. */
function check(project) {
  const compiler = installed(project, "typescript/package.json");
  if (!compiler || !existsSync(join(project, "tsconfig.json"))) return;
  const { bin } = JSON.parse(readFileSync(compiler, "utf8"));
  try {
    const command = [join(dirname(compiler), bin.tsc), "--noEmit", "-p", project];
    execFileSync(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"], cwd: project });
  } catch (error) {
    throw new Failure(`${error.stdout}${error.stderr}`.trim());
  }
}

/** One file with all that the scorer imports, its source map as a value behind it. */
async function bundled(project, source, { contract, functions, further }) {
  const { build } = await loaded(project, "esbuild");
  // They are imported by name so that a scorer without one is noticed here and not by its first client.
  const names = functions.join(", ");
  const hasCollection = existsSync(join(contract, "collection.wit"));
  const entry = `
    ${hasCollection ? 'import * as collection from "mlwasm:scoring/collection@0.1.0";' : "const collection = undefined;"}
    import { ${names} } from ${JSON.stringify(source)};
    import * as author from ${JSON.stringify(source)};
    import { serve } from ${JSON.stringify(join(SDK, "lib/entry.js"))};
    export const { scorer, tensorScorer } = serve({ ...author, ${names} }, () => globalThis.__mlwasmSourceMap, collection);`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: project, sourcefile: ENTRY },
    absWorkingDir: project,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import", "module"],
    target: "es2023",
    alias: { mlwasm: join(SDK, "index.js") },
    outfile: join(project, "scorer.js"),
    sourcemap: "external",
    sourcesContent: false,
    write: false,
    logLevel: "silent",
    ...further,
    external: ["mlwasm:*", "wasi:*", ...(further.external ?? [])],
  }).catch((error) => {
    throw new Failure(error.errors ? error.errors.map(worded).join("\n") : error.message);
  });
  const [map, code] = outputFiles.sort((one, other) => other.path.length - one.path.length).map((file) => file.text);
  const { sources, mappings } = JSON.parse(map);
  const named = { sources: sources.map((path) => sourceName(project, path)), mappings };
  return { code: `${code}\nglobalThis.__mlwasmSourceMap = ${JSON.stringify(named)};\n`, map: named };
}

/** Options of esbuild's command line as its library takes them: `--define:A=1` is `{ define: { A: "1" } }`. */
function optionsOf(flags) {
  const options = {};
  for (const flag of flags) {
    const found = /^--([a-z-]+)(?::([^=]+))?(?:=(.*))?$/s.exec(flag);
    if (!found) throw new Failure(`${flag} is no option of esbuild`);
    const name = found[1].replace(/-([a-z])/g, (_all, letter) => letter.toUpperCase());
    const value = found[3] === undefined || found[3] === "true" ? true : found[3] === "false" ? false : found[3];
    if (found[2] === undefined) options[name] = value;
    else if (name === "external" || name === "inject") (options[name] ??= []).push(found[2]);
    else (options[name] ??= {})[found[2]] = String(value);
  }
  return options;
}

function worded({ text, location }) {
  const missing = location?.file === ENTRY && /^No matching export .* for import "(\w+)"/.exec(text);
  if (missing) return `${text}: write \`export function ${USAGES[missing[1]]} { … }\``;
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}

/** As the author knows it: relative to the project. The SDK's own files are marked, so that stacks leave them out. */
function sourceName(project, path) {
  const full = resolve(project, path);
  if (full.startsWith(SDK + sep) || full === join(project, ENTRY)) return `mlwasm:${relative(SDK, full)}`;
  return relative(project, full).split(sep).join("/");
}

async function componentized(project, bundle, contract, world) {
  const { componentize } = await loaded(project, "componentize-qjs");
  const folder = mkdtempSync(join(tmpdir(), "mlwasm-build-"));
  try {
    cpSync(join(SDK, "imports"), folder, { recursive: true });
    cpSync(contract, join(folder, "deps/mlwasm-scoring"), { recursive: true });
    writeFileSync(join(folder, "scorer.js"), bundle.code);
    const { component } = await componentize({
      witPath: folder,
      world,
      jsSource: bundle.code,
      jsPath: join(folder, "scorer.js"),
      moduleRoot: folder,
      sync: true,
    });
    return flatten(component);
  } catch (error) {
    throw new Failure(placed(error.message, bundle.map));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An error of the module's own code, which ran already: with the author's places. */
function placed(message, map) {
  const places = new Places(map, "/scorer.js");
  const thrown = message.replace(/^[^]*?JavaScript module evaluation: /, "while its top level ran: ").trim();
  return thrown.replace(/\/scorer\.js:(\d+):(\d+)/g, (text, line, column) => {
    const place = places.find(Number(line), Number(column));
    return place ? `${place.file}:${place.line}:${place.column}` : text;
  });
}

function installed(project, name) {
  try {
    return createRequire(join(project, "package.json")).resolve(name);
  } catch {
    return undefined;
  }
}

async function loaded(project, name) {
  const path = installed(project, name);
  if (!path) throw new Failure(`${name} is not installed in ${project}: run \`npm install\` there`);
  const module = await import(pathToFileURL(path).href);
  return module.default ?? module;
}
