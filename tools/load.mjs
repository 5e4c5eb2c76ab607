import { mkdir, rm, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { inputOptions } from "./bundle.mjs";
import { dist, root } from "./paths.mjs";

let count = 0;

/**
 * Imports a module of the sources into a tool: Node does not run TypeScript, so the module is bundled first.
 * @param {string} entry relative to the repository, such as "src/base/errors.ts"
 * @returns {Promise<any>} the module's exports
 */
export async function load(entry) {
  const { rolldown } = await import("rolldown");
  count += 1;
  const build = await rolldown({ ...inputOptions({ name: "module", entry, selfContained: false }), logLevel: "warn" });
  // Below the repository, so that packages and package.json are found as usual.
  const folder = `${dist}/.load-${process.pid}-${count}`;
  const file = `${folder}/module.js`;
  try {
    const { output } = await build.generate({
      format: "esm",
      codeSplitting: false,
      sourcemap: "inline",
      entryFileNames: "[name].js",
      dir: folder,
    });
    await mkdir(folder, { recursive: true });
    await writeFile(file, output[0].code);
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Error(`Could not load ${entry} from ${root}`, { cause: error });
  } finally {
    await build.close();
    await rm(folder, { recursive: true, force: true });
  }
}
