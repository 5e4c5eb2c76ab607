// Refuses packages in the lock file that do not promise to run on the oldest Node we support: npm's own check overlooks some of them.
// Refuses a lock file without the packages of other platforms: npm leaves out those that its registry did not have when it wrote the
// file, and `npm ci` then refuses the file on every machine.
import { readFileSync } from "node:fs";
import semver from "semver";
import { root } from "./paths.mjs";

const oldest = "20.20.0";

/** @type {{ packages: Record<string, { version?: string; engines?: { node?: string } | string[]; optionalDependencies?: Record<string, string> }> }} */
const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8"));

/**
 * The entry that a package at `path` gets when it asks for `name`: the nearest one on the way up.
 * @param {string} path
 * @param {string} name
 */
function resolve(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const found = lock.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`];
    if (found !== undefined || at === "") return found;
  }
}

const wrong = [];
let count = 0;
for (const [path, { version, engines, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const found = resolve(path, name)?.version;
    if (found === undefined || !semver.satisfies(found, range))
      wrong.push(`package-lock.json lacks ${name}@${range}, which ${path || "package.json"} names`);
  }
  if (path === "") continue;
  count += 1;
  const range = engines && !Array.isArray(engines) ? engines.node : undefined;
  if (range !== undefined && !semver.satisfies(oldest, range))
    wrong.push(`${path.replace(/^.*node_modules\//, "")}@${version} wants Node ${range}`);
}

const { engines } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
if (!semver.satisfies(oldest, engines.node)) wrong.push(`package.json itself wants Node ${engines.node}`);

for (const line of wrong) console.error(line);
console.log(`${count} packages for Node ${oldest}, ${wrong.length} problems`);
process.exitCode = wrong.length > 0 ? 1 : 0;
