import { execFile } from "node:child_process";
import { access, constants, mkdir, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { SystemClock } from "#adapters/clock/system";
import { messageOf } from "#base/errors";
import { externalVersion } from "#store";
import { keyFileOf } from "./backup.ts";
import type { Settings } from "./config.ts";
import { readControlFile } from "./control.ts";

/** One thing looked at. `advice` says what to do, when there is something to do. */
export interface Finding {
  readonly what: string;
  readonly state: "ok" | "notice" | "wrong";
  readonly found: string;
  readonly advice?: string;
}

type Look = (settings: Settings, dist: string) => Promise<Finding>;

/** Looks at everything the server needs. Changes nothing but an empty data directory. */
export async function diagnose(settings: Settings, dist: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [what, look] of looks) {
    findings.push(await look(settings, dist).catch((error: unknown) => ({ what, state: "wrong" as const, found: messageOf(error) })));
  }
  return findings;
}

const looks: readonly (readonly [string, Look])[] = [
  ["node", async () => node()],
  ["build", (_settings, dist) => build(dist)],
  ["data directory", (settings) => directory(settings)],
  ["disk", (settings) => disk(settings)],
  ["key file", (settings) => keyFile(settings)],
  ["clock", () => clock()],
  ["port", (settings) => port(settings)],
  ["database", (settings) => database(settings)],
];

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 20);
  return {
    what: "node",
    state: isNew ? "ok" : "wrong",
    found: process.version,
    ...(isNew ? {} : { advice: "Install Node 20.20 or newer." }),
  };
}

async function build(dist: string): Promise<Finding> {
  for (const file of ["hinoban-agent.js", "metric-worker.js", "ui/index.html"]) {
    if (!(await exists(join(dist, file))))
      return { what: "build", state: "wrong", found: `${file} is missing`, advice: "Run `npm run build`." };
  }
  return { what: "build", state: "ok", found: dist };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function directory({ dataDir }: Settings): Promise<Finding> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  const secrets = await stat(join(dataDir, "secrets")).catch(() => undefined);
  if (secrets && (secrets.mode & 0o077) !== 0) {
    return {
      what: "data directory",
      state: "wrong",
      found: `${join(dataDir, "secrets")} is open to other accounts`,
      advice: `Run \`chmod 700 '${join(dataDir, "secrets")}'\`.`,
    };
  }
  return { what: "data directory", state: "ok", found: dataDir };
}

const leastBytes = 1024 ** 3;

async function disk({ dataDir }: Settings): Promise<Finding> {
  const fs = await statfs(dataDir);
  const free = fs.bavail * fs.bsize;
  const found = `${(free / leastBytes).toFixed(1)} GiB free`;
  return free >= leastBytes
    ? { what: "disk", state: "ok", found }
    : { what: "disk", state: "wrong", found, advice: "Free some space or move the data directory; below 1 GiB the database may stop." };
}

async function keyFile(settings: Settings): Promise<Finding> {
  const path = keyFileOf(settings);
  const file = await stat(path).catch(() => undefined);
  if (!file)
    return {
      what: "key file",
      state: "notice",
      found: `${path} does not exist yet`,
      advice: "The first start makes it. Keep a copy apart from the backups.",
    };
  const isOpen = (file.mode & 0o077) !== 0;
  return { what: "key file", state: isOpen ? "wrong" : "ok", found: path, ...(isOpen ? { advice: `Run \`chmod 600 '${path}'\`.` } : {}) };
}

async function clock(): Promise<Finding> {
  const year = new Date(new SystemClock().now()).getUTCFullYear();
  if (year < 2026)
    return {
      what: "clock",
      state: "wrong",
      found: `the machine says it is ${year}`,
      advice: "Set the clock; certificates and the history depend on it.",
    };
  try {
    const { stdout } = await promisify(execFile)("timedatectl", ["show", "-p", "NTPSynchronized", "--value"], { timeout: 3000 });
    if (stdout.trim() === "no")
      return {
        what: "clock",
        state: "notice",
        found: "not synchronised",
        advice: "Enable a time service such as chrony or systemd-timesyncd.",
      };
    return { what: "clock", state: "ok", found: "synchronised" };
  } catch {
    return {
      what: "clock",
      state: "notice",
      found: "whether it is synchronised cannot be told here",
      advice: "Make sure that a time service such as chrony runs on this machine or its host.",
    };
  }
}

async function port(settings: Settings): Promise<Finding> {
  const running = await readControlFile(settings.dataDir);
  if (running && isAlive(running.pid))
    return { what: "port", state: "ok", found: `the server runs (pid ${running.pid}) at ${running.url}` };
  const problem = await new Promise<string | undefined>((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(settings.port, settings.host, () => probe.close(() => resolve(undefined)));
  });
  if (problem === undefined) return { what: "port", state: "ok", found: `${settings.host}:${settings.port} is free` };
  const advice =
    problem === "EADDRINUSE"
      ? `Another program uses port ${settings.port}: stop it, or start with --port ${settings.port + 1}.`
      : "Choose another --host or --port.";
  return { what: "port", state: "wrong", found: `${settings.host}:${settings.port}: ${problem}`, advice };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function database(settings: Settings): Promise<Finding> {
  if (settings.databaseUrl === "") return embeddedDatabase(settings);
  try {
    return { what: "database", state: "ok", found: `PostgreSQL ${await externalVersion(settings.databaseUrl)}` };
  } catch (error) {
    return { what: "database", state: "wrong", found: messageOf(error), advice: "Check databaseUrl, the network and pg_hba.conf." };
  }
}

async function embeddedDatabase({ dataDir }: Settings): Promise<Finding> {
  const running = await readControlFile(dataDir);
  if (!running || !isAlive(running.pid)) {
    const hasCluster = await exists(join(dataDir, "postgres"));
    return { what: "database", state: "ok", found: hasCluster ? "embedded, not running" : "embedded, made at the first start" };
  }
  const answer = await fetch(`${running.url}/readyz`);
  const body = (await answer.json()) as { checks?: Record<string, string> }; // our own /readyz
  const state = body.checks?.["database"] ?? "unknown";
  return state === "ok"
    ? { what: "database", state: "ok", found: "embedded, running" }
    : { what: "database", state: "wrong", found: state, advice: `Look into ${dirname(join(dataDir, "postgres", "x"))}/postgres.log.` };
}

const marks = { ok: "ok    ", notice: "notice", wrong: "WRONG " } as const;

export function printDiagnosis(findings: readonly Finding[], out: { write(text: string): unknown }, asJson: boolean): void {
  if (asJson) {
    out.write(`${JSON.stringify(findings, null, 2)}\n`);
    return;
  }
  for (const { what, state, found, advice } of findings) {
    out.write(`${marks[state]} ${what}: ${found}\n${advice === undefined ? "" : `       → ${advice}\n`}`);
  }
}
