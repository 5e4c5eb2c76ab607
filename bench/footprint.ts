import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { family, freePort, pause, pssMb, startDaemon, type Daemon, type ProcessRow } from "./support/processes.ts";
import { keepHistory, median, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// How heavy is the whole product? One server with its database, metric store and the agent of this machine, from a fresh data directory.
//   npm run bench -- footprint [--idle SECONDS] [--docs]

const bundle = join(process.cwd(), "dist", "hinoban.js");

interface Running {
  readonly daemon: Daemon;
  readonly readyMs: number;
}

/** Starts the server and waits until /readyz says yes. */
async function start(dataDir: string, port: number): Promise<Running> {
  const begun = performance.now();
  const flags = ["--data-dir", dataDir, "--port", String(port), "--host", "127.0.0.1"];
  const daemon = await startDaemon(process.execPath, [bundle, "server", ...flags], `http://127.0.0.1:${port}/readyz`);
  return { daemon, readyMs: performance.now() - begun };
}

function partOf({ pid, command }: ProcessRow, root: number): string {
  if (pid === root) return "server";
  return command.includes("hinoban-agent") ? "agent" : "database";
}

interface Part {
  readonly mb: number;
  readonly cpu: number;
  readonly count: number;
}

function measure(root: number): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const one of family(root)) {
    const part = partOf(one, root);
    const { mb, cpu, count } = parts.get(part) ?? { mb: 0, cpu: 0, count: 0 };
    parts.set(part, { mb: mb + pssMb(one.pid), cpu: cpu + one.cpuSeconds, count: count + 1 });
  }
  return parts;
}

interface Starts {
  readonly coldMs: number;
  readonly warmMs: number;
}

async function measureStarts(dataDir: string, port: number): Promise<Starts> {
  const cold = await start(dataDir, port);
  await cold.daemon.stop();
  const warm: number[] = [];
  for (let i = 0; i < 5; i++) {
    const run = await start(dataDir, port);
    warm.push(run.readyMs);
    await run.daemon.stop();
  }
  return { coldMs: cold.readyMs, warmMs: median(warm) };
}

const heading = ["part", "processes", "memory (PSS, MB)", "CPU (% of a core)"];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { idle: { type: "string" }, docs: { type: "boolean" } } });
  const idleFor = Number(values.idle ?? 90);
  const folder = mkdtempSync(join(tmpdir(), "hinoban-footprint-"));
  try {
    const dataDir = join(folder, "data");
    const port = await freePort();
    const { coldMs, warmMs } = await measureStarts(dataDir, port);
    const { daemon } = await start(dataDir, port);
    await pause(15_000); // past the start
    const before = measure(daemon.pid);
    await pause(idleFor * 1000);
    const after = measure(daemon.pid);
    await daemon.stop();
    const total = [...after.values()].reduce((sum, part) => sum + part.mb, 0);
    const share = (part: string, cpu: number): string => (((cpu - (before.get(part)?.cpu ?? 0)) / idleFor) * 100).toFixed(2);
    const rows = [...after].map(([part, { mb, cpu, count }]) => [part, String(count), mb.toFixed(0), share(part, cpu)]);
    rows.push(["all", "", total.toFixed(0), ""]);
    const starts = `First start, database made: ${(coldMs / 1000).toFixed(1)} s; later starts: ${(warmMs / 1000).toFixed(2)} s (median of 5).`;
    printTable(heading, rows);
    console.log(starts);
    const parts = Object.fromEntries([...after].map(([part, { mb }]) => [part, Math.round(mb)]));
    keepHistory("footprint", { coldStartMs: Math.round(coldMs), warmStartMs: Math.round(warmMs), totalMb: Math.round(total), parts });
    if (values.docs)
      replaceInDocs("footprint", `${tableText(heading, rows)}\n\n${starts} At rest, one host, over ${idleFor} s; ${takenOn()}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
