// Builds what runs: dist/*.js (server, command line, agent, metric worker) and dist/ui (console).
//   node tools/build.mjs              builds every part that is out of date
//   node tools/build.mjs --force      builds all
//   node tools/build.mjs server|ui    looks at one part only
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { bundles, copyFiles, removeStaleChunks, writeBundle } from "./bundle.mjs";
import { dist, root } from "./paths.mjs";
import { digestOf, isCurrent, writeStamp } from "./stamp.mjs";

/** @typedef {import("./stamp.mjs").Part} Part */

const lock = `${dist}/.lock`;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * One builder at a time: a second one waits, then usually finds nothing left to do.
 * @param {() => Promise<void>} work
 */
async function alone(work) {
  mkdirSync(dist, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
      const owner = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
      if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
      else await sleep(100);
    }
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

async function buildServer() {
  const written = [];
  for (const bundle of bundles) written.push(...(await writeBundle(bundle)));
  await copyFiles();
  await removeStaleChunks(written);
}

async function buildUi() {
  if (!existsSync(`${root}/src/ui/index.html`)) return;
  const { build } = await import("vite");
  const next = `${dist}/.ui-next`;
  await build({ configFile: `${root}/vite.config.ts`, logLevel: "warn", build: { outDir: next, emptyOutDir: true } });
  const old = `${dist}/.ui-old`;
  await rm(old, { recursive: true, force: true });
  if (existsSync(`${dist}/ui`)) await rename(`${dist}/ui`, old);
  await rename(next, `${dist}/ui`);
  await rm(old, { recursive: true, force: true });
}

const builders = { server: buildServer, ui: buildUi };

/**
 * Builds the parts that are out of date.
 * @param {{ force?: boolean; parts?: readonly Part[]; quiet?: boolean }} [options]
 */
export async function buildIfNeeded({ force = false, parts = ["server", "ui"], quiet = false } = {}) {
  if (!force && parts.every(isCurrent)) return;
  await alone(async () => {
    for (const part of parts) {
      if (!force && isCurrent(part)) continue;
      const startedAt = Date.now();
      const digest = digestOf(part);
      await builders[part]();
      writeStamp(part, digest);
      if (!quiet) console.log(`Built ${part} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    }
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const words = process.argv.slice(2);
  const parts = /** @type {Part[]} */ (words.filter((word) => word === "server" || word === "ui"));
  try {
    await buildIfNeeded({ force: words.includes("--force"), ...(parts.length > 0 ? { parts } : {}) });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error); // a bundler's stack tells nothing about the sources
    process.exitCode = 1;
  }
}
