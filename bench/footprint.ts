import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepHistory, printTable } from "./support/report.ts";

// How heavy is the whole product? One server with its database, metric store and the agent of this machine, from a fresh data directory.
//   npm run bench -- footprint [--idle SECONDS]

const bundle = join(process.cwd(), "dist", "hinoban.js");
const idleFor = Number(process.argv[process.argv.indexOf("--idle") + 1] || 90) || 90;

interface Running {
  readonly child: ChildProcess;
  readonly readyMs: number;
}

/** Starts the server and waits until /readyz says yes. */
async function start(dataDir: string, port: number): Promise<Running> {
  const begun = performance.now();
  const child = spawn(process.execPath, [bundle, "server", "--data-dir", dataDir, "--port", String(port), "--host", "127.0.0.1"], {
    stdio: "ignore",
  });
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return { child, readyMs: performance.now() - begun };
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        return [
          { pid: Number(name), parent: Number(fields[1]), command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") },
        ];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

function family(root: number): Process[] {
  const all = processes();
  const found = all.filter((one) => one.pid === root);
  for (const one of found) found.push(...all.filter((other) => other.parent === one.pid));
  return found;
}

/** Proportional set size in MB: memory shared between processes is counted once. */
function pssMb(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB/mu.exec(text)?.[1] ?? 0) / 1024;
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const partOf = ({ command }: Process, root: number, pid: number): string =>
  pid === root ? "server" : command.includes("hinoban-agent") ? "agent" : "database";

function measure(root: number): Map<string, { mb: number; cpu: number; count: number }> {
  const parts = new Map<string, { mb: number; cpu: number; count: number }>();
  for (const one of family(root)) {
    const part = partOf(one, root, one.pid);
    const sum = parts.get(part) ?? { mb: 0, cpu: 0, count: 0 };
    parts.set(part, { mb: sum.mb + pssMb(one.pid), cpu: sum.cpu + cpuSeconds(one.pid), count: sum.count + 1 });
  }
  return parts;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "hinoban-footprint-"));
try {
  const dataDir = join(folder, "data");
  const port = await freePort();
  const cold = await start(dataDir, port);
  await stop(cold.child);
  const warm: number[] = [];
  for (let i = 0; i < 5; i++) {
    const run = await start(dataDir, port);
    warm.push(run.readyMs);
    await stop(run.child);
  }
  const idle = await start(dataDir, port);
  const root = idle.child.pid ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 15_000)); // past the start
  const before = measure(root);
  await new Promise((resolve) => setTimeout(resolve, idleFor * 1000));
  const after = measure(root);
  await stop(idle.child);
  warm.sort((a, b) => a - b);
  const total = [...after.values()].reduce((sum, part) => sum + part.mb, 0);
  const rows = [...after].map(([part, { mb, cpu, count }]) => [
    part,
    String(count),
    mb.toFixed(0),
    (((cpu - (before.get(part)?.cpu ?? 0)) / idleFor) * 100).toFixed(2),
  ]);
  printTable(["part", "processes", "memory (PSS, MB)", "CPU (% of a core)"], [...rows, ["all", "", total.toFixed(0), ""]]);
  console.log(
    `first start, database made: ${(cold.readyMs / 1000).toFixed(1)} s; later starts: ${((warm[2] ?? 0) / 1000).toFixed(2)} s (median of 5)`,
  );
  keepHistory("footprint", {
    coldStartMs: Math.round(cold.readyMs),
    warmStartMs: Math.round(warm[2] ?? 0),
    totalMb: Math.round(total),
    parts: Object.fromEntries([...after].map(([part, { mb }]) => [part, Math.round(mb)])),
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
