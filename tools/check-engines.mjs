// Refuses packages in the lock file that do not promise to run on the oldest Node we support. npm's own check overlooks some of them.
import { readFileSync } from "node:fs";
import semver from "semver";
import { root } from "./paths.mjs";

const oldest = "20.20.0";

/** @type {{ packages: Record<string, { version?: string; engines?: { node?: string } | string[]; optional?: boolean }> }} */
const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8"));
const wrong = [];
let count = 0;
for (const [path, { version, engines }] of Object.entries(lock.packages)) {
  if (path === "") continue;
  count += 1;
  const range = engines && !Array.isArray(engines) ? engines.node : undefined;
  if (range !== undefined && !semver.satisfies(oldest, range))
    wrong.push(`${path.replace(/^.*node_modules\//, "")}@${version} wants Node ${range}`);
}

const { engines } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
if (!semver.satisfies(oldest, engines.node)) wrong.push(`package.json itself wants Node ${engines.node}`);

for (const line of wrong) console.error(line);
console.log(`${count} packages, ${wrong.length} that do not run on Node ${oldest}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
