import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { root } from "./paths.mjs";

/**
 * A command of the check or the test run. `deadline` in minutes; beyond it, it and all its children are ended and it counts as failed.
 * @typedef {{ name: string; command: readonly string[]; deadline?: number; environment?: Record<string, string>; isLoud?: boolean }} Step
 * @typedef {{ name: string; isOk: boolean; output: string; seconds: number }} Result
 */

const bin = (/** @type {string} */ path) => [process.execPath, `${root}/node_modules/${path}`];
const tool = (/** @type {string} */ name) => [process.execPath, `${root}/tools/${name}.mjs`];

/** @type {Step} */
export const types = { name: "types", command: [...bin("tsc7/bin/tsc"), "-b"] };

/** All that is judged without running the product. @type {readonly Step[]} */
export const staticSteps = [
  types,
  { name: "lint", command: [...bin("oxlint/bin/oxlint"), "--type-aware", "--deny-warnings"] },
  { name: "format", command: [...bin("oxfmt/bin/oxfmt"), "--check"] },
  {
    name: "walls",
    command: [
      ...bin("dependency-cruiser/bin/dependency-cruise.mjs"),
      "--config",
      ".dependency-cruiser.mjs",
      "src",
      "test",
      "tools",
      "bench",
      "vite.config.ts",
      "vitest.config.ts",
    ],
  },
  { name: "unused code", command: [...bin("knip/bin/knip.js"), "--no-progress"] },
  { name: "engines", command: tool("check-engines") },
  { name: "cited paths", command: tool("check-doc-refs") },
  { name: "generated files", command: [...tool("generate"), "--check"] },
];

/**
 * A Vitest run over some of the projects.
 * @param {readonly string[]} projects
 * @returns {readonly string[]}
 */
export const vitest = (projects) => [
  ...bin("vitest/vitest.mjs"),
  "run",
  "--passWithNoTests",
  ...projects.flatMap((project) => ["--project", project]),
];

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Ends a step with everything it started: each step leads a process group of its own. @param {import("node:child_process").ChildProcess} child */
function endGroup(child) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill();
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.once(signal, () => {
    for (const child of running) endGroup(child);
    process.exit(130);
  });
}

/**
 * Runs one step and keeps what it prints; a loud one prints it at once as well.
 * @param {Step} step
 * @returns {Promise<Result>}
 */
export function run({ name, command, deadline = 10, environment = {}, isLoud = false }) {
  const startedAt = Date.now();
  const [program = "", ...words] = command;
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      detached: process.platform !== "win32",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1", ...environment },
    });
    running.add(child);
    /** @type {Buffer[]} */
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (/** @type {Buffer} */ chunk) => {
        chunks.push(chunk);
        if (isLoud) process.stdout.write(chunk);
      });
    }
    const finish = (/** @type {boolean} */ isOk, /** @type {string} */ remark) => {
      clearTimeout(timer);
      if (!running.delete(child)) return;
      endGroup(child);
      resolve({ name, isOk, output: `${Buffer.concat(chunks).toString("utf8")}${remark}`, seconds: (Date.now() - startedAt) / 1000 });
    };
    const timer = setTimeout(() => finish(false, `\nEnded: not finished after ${deadline} minutes.\n`), deadline * 60_000);
    child.once("error", (error) => finish(false, `${error.message}\n`));
    // "close" comes when all output was read. A process that a step left behind may hold the pipe open: it gets two seconds, then its end.
    child.once("exit", (code, signal) => {
      const end = () => finish(code === 0, signal === null ? "" : `\nEnded by ${signal}.\n`);
      const patience = setTimeout(end, 2000);
      child.once("close", () => {
        clearTimeout(patience);
        end();
      });
    });
  });
}

/** One line for a step that ended, and all it said when it failed. @param {Result} result */
export function report({ name, isOk, output, seconds }) {
  console.log(`${isOk ? "ok    " : "FAILED"} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`);
  if (!isOk) console.log(output.trimEnd().replaceAll(/^/gm, "    "));
}

/**
 * Runs steps side by side, as many as there are cores (at most four), and reports each as it ends.
 * @param {readonly Step[]} steps
 * @returns {Promise<Result[]>}
 */
export async function runAll(steps) {
  const waiting = [...steps];
  /** @type {Result[]} */
  const results = [];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await run(step);
      report(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, worker));
  return results;
}
