// `npm run bench -- NAME [words]`: bundles bench/NAME.ts into dist and runs it. Builds the product first, since most benchmarks start it.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { buildIfNeeded } from "./build.mjs";
import { writeBundle } from "./bundle.mjs";
import { dist, root } from "./paths.mjs";

const names = existsSync(`${root}/bench`)
  ? readdirSync(`${root}/bench`)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.slice(0, -3))
  : [];
const [name, ...words] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- NAME [words]\nNames: ${names.join(", ") || "none yet"}`);
  process.exit(2);
}

await buildIfNeeded();
// Beside the product's own files, where `new URL("metric-worker.js", import.meta.url)` finds them.
await writeBundle({ name: `bench-${name}`, entry: `bench/${name}.ts`, selfContained: false });
const run = spawn(process.execPath, ["--enable-source-maps", "--expose-gc", `${dist}/bench-${name}.js`, ...words], {
  cwd: root,
  stdio: "inherit",
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => run.kill(signal));
run.once("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
