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

const stale = [];
const made = [];
for (const file of files) {
  /** @type {Generator} */
  const generator = await import(pathToFileURL(`${root}/tools/generate/${file}`).href);
  for (const [path, text] of Object.entries(await generator.outputs())) {
    made.push(path);
    const target = `${root}/${path}`;
    const isSame = existsSync(target) && readFileSync(target, "utf8") === text;
    if (isSame) continue;
    stale.push(path);
    if (isCheck) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log(`${generator.name}: wrote ${path}`);
  }
}

// Nothing else may lie in docs/reference: whoever edits there by hand would lose it.
const strangers = readdirSync(`${root}/docs/reference`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1).replaceAll("\\", "/"))
  .filter((path) => !made.includes(path));

if (isCheck) {
  for (const path of stale) console.error(`${path} is out of date: run npm run generate`);
  for (const path of strangers) console.error(`${path} is made by no generator of tools/generate`);
  console.log(`${made.length} generated files, ${stale.length} out of date`);
  process.exitCode = stale.length + strangers.length > 0 ? 1 : 0;
}
// A generator that opened something (a database, a server) has closed it by now; whatever a library still holds does not keep us.
process.exit();
