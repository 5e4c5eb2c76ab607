import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dist, root } from "./paths.mjs";

/** @typedef {"server" | "ui"} Part The server's bundles, or the console's files. */

/** What each part is made from. The lock file stands for everything in node_modules. */
const inputs = {
  server: [
    "package.json",
    "package-lock.json",
    "tools/bundle.mjs",
    "src/base",
    "src/wire",
    "src/ports",
    "src/adapters",
    "src/server",
    "src/agent",
    "src/cli",
  ],
  ui: ["package.json", "package-lock.json", "vite.config.ts", "src/base", "src/wire", "src/ui"],
};

/** Without these files a part cannot be called built, whatever its stamp says. */
const results = {
  server: ["hinoban.js", "hinoban-agent.js", "metric-worker.js", "picture-worker.js", "resvg.wasm", "m-plus-1p.ttf", "prompts.ulaw"],
  ui: ["ui/index.html"],
};

const isSource = (/** @type {string} */ path) => !/\.test\.tsx?$|\/tsconfig\.json$|\.md$/.test(path);

/**
 * @param {string} path relative to the repository
 * @returns {string[]}
 */
function filesBelow(path) {
  if (!existsSync(`${root}/${path}`)) return [];
  if (/\.[a-z]+$/.test(path)) return [path];
  return readdirSync(`${root}/${path}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1).replaceAll("\\", "/"))
    .filter(isSource)
    .toSorted();
}

/**
 * A digest of all that a part is made from.
 * @param {Part} part
 * @returns {string}
 */
export function digestOf(part) {
  const hash = createHash("sha256");
  for (const file of inputs[part].flatMap(filesBelow))
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${root}/${file}`))
      .update("\0");
  return hash.digest("hex");
}

/**
 * Whether dist holds what the sources of now would give.
 * @param {Part} part
 * @returns {boolean}
 */
export function isCurrent(part) {
  const stamp = `${dist}/.stamp-${part}`;
  if (!existsSync(stamp) || !results[part].every((file) => existsSync(`${dist}/${file}`))) return false;
  return readFileSync(stamp, "utf8") === digestOf(part);
}

/**
 * Notes which sources a part was built from. Take the digest before building: a file saved meanwhile then leads to another build.
 * @param {Part} part
 * @param {string} digest
 */
export function writeStamp(part, digest) {
  writeFileSync(`${dist}/.stamp-${part}`, digest);
}
