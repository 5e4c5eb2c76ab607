// Writes docs/reference from the sources. `--check` writes nothing, names the files that are out of date and fails.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";

/**
 * What a file in tools/generate exports: a name for messages, and the texts it makes by path (relative to the repository).
 * @typedef {{ name: string; outputs: () => Promise<Record<string, string>> }} Generator
 */

const isCheck = process.argv.includes("--check");
const files = readdirSync(`${root}/tools/generate`)
  .filter((file) => file.endsWith(".mjs"))
  .toSorted();

/** @type {string[]} */
const problems = [];
/** @type {string[]} */
const made = [];
let isComplete = true;

/**
 * @param {Generator} generator
 */
async function runGenerator(generator) {
  for (const [path, text] of Object.entries(await generator.outputs())) {
    made.push(path);
    const target = `${root}/${path}`;
    if (existsSync(target) && readFileSync(target, "utf8") === text) continue;
    if (isCheck) {
      problems.push(`${path} is out of date: run npm run generate`);
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log(`${generator.name}: wrote ${path}`);
  }
}

for (const file of files) {
  try {
    await runGenerator(await import(pathToFileURL(`${root}/tools/generate/${file}`).href));
  } catch (error) {
    isComplete = false;
    problems.push(`tools/generate/${file} failed: ${reason(error)}`);
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function reason(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reason(error.cause)}`;
}

// Nothing else may lie in docs/reference: whoever edits there by hand would lose it.
if (isComplete) {
  for (const entry of readdirSync(`${root}/docs/reference`, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`.slice(root.length + 1).replaceAll("\\", "/");
    if (entry.isFile() && !made.includes(path)) problems.push(`${path} is made by no generator of tools/generate`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`${made.length} generated files, ${problems.length} problems`);
// At once: a generator that opened something has closed it by now, and whatever a library still holds does not keep us.
process.exit(problems.length > 0 ? 1 : 0);
