import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createWeb } from "node:http";
import { createServer as createSecureWeb } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SystemClock } from "#adapters/clock/system";
import { NodeProber } from "#adapters/prober/prober";
import { certificate, privateKey } from "#test/agent/localhost-certificate";
import type { ProbeSpec } from "#wire/probe-specs";
import { familyCpuSeconds, pause, pssMb } from "./support/processes.ts";
import { startProduct, type Product } from "./support/product.ts";
import { keepHistory, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// What do probes cost? Alone, in a server that makes 1,000 of them a minute, and in an agent that makes ten.
//   npm run bench -- probes [--monitors N] [--docs]

interface Targets {
  readonly plain: number;
  readonly secure: number;
}

/** The targets live in a process of their own, so that only the prober's time is counted. */
function serveTargets(): void {
  const plain = createWeb((_request, response) => response.end("hello"));
  const secure = createSecureWeb({ cert: certificate, key: privateKey }, (_request, response) => response.end("hello"));
  plain.listen(0, "127.0.0.1", () =>
    secure.listen(0, "127.0.0.1", () => {
      const portOf = (server: typeof plain): number => (server.address() as AddressInfo).port; // it listens on a port
      console.log(JSON.stringify({ plain: portOf(plain), secure: portOf(secure) }));
    }),
  );
}

async function startTargets(): Promise<{ readonly targets: Targets; readonly stop: () => void }> {
  const child = spawn(process.execPath, [process.argv[1] ?? "", "targets"], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => void child.stdout.once("data", (data: Buffer) => resolve(data.toString())));
  return { targets: JSON.parse(line) as Targets, stop: () => void child.kill() }; // it prints just that
}

const atOnce = 50;

/** Probes per second of CPU time. */
async function rate(prober: NodeProber, spec: ProbeSpec, count: number): Promise<number> {
  const run = async (share: number): Promise<void> => {
    for (let index = 0; index < share; index += 1) {
      const { verdict, message } = await prober.probe(spec);
      if (verdict !== "ok") throw new Error(`${spec.kind}: ${verdict} ${message}`);
    }
  };
  await run(20);
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: atOnce }, () => run(count / atOnce)));
  const { user, system } = process.cpuUsage(before);
  return (count / (user + system)) * 1e6;
}

async function measureAlone({ plain, secure }: Targets): Promise<[string, number][]> {
  const prober = new NodeProber({ clock: new SystemClock(), allowedNetworks: ["127.0.0.0/8"], authorities: [certificate] });
  const host = "127.0.0.1";
  return [
    ["TCP", await rate(prober, { kind: "tcp", host, port: plain }, 5000)],
    ["HTTP", await rate(prober, { kind: "http", url: `http://127.0.0.1:${plain}/` }, 3000)],
    ["HTTPS with the certificate's facts", await rate(prober, { kind: "http", url: `https://localhost:${secure}/` }, 1000)],
    ["ping (a program each)", await rate(prober, { kind: "ping", host, count: 1 }, 200)],
  ];
}

async function makeMonitors(product: Product, { plain }: Targets, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const probe = { kind: "tcp", host: "127.0.0.1", port: plain };
    await product.api.get("POST", `/api/v1/orgs/main/monitors`, { settings: { type: "tcp", name: `tcp-${index}`, probe } });
  }
}

const measuredFor = 120;

async function cpuShare(product: Product): Promise<number> {
  const before = familyCpuSeconds(product.daemon.pid);
  await pause(measuredFor * 1000);
  return ((familyCpuSeconds(product.daemon.pid) - before) / measuredFor) * 100;
}

async function measureServer(folder: string, targets: Targets, count: number): Promise<Readonly<Record<string, number>>> {
  const product = await startProduct({ directory: join(folder, "data"), flags: ["--outgoing-allow", "127.0.0.0/8"] });
  try {
    await pause(20_000);
    const idle = await cpuShare(product);
    const idleMb = pssMb(product.daemon.pid);
    await makeMonitors(product, targets, count);
    await pause(75_000);
    const before = await product.figure("hinoban_probes_total");
    const busy = await cpuShare(product);
    const made = (await product.figure("hinoban_probes_total")) - before;
    return { idle, busy, made, late: await product.figure("hinoban_probe_lateness_seconds"), idleMb, busyMb: pssMb(product.daemon.pid) };
  } finally {
    await product.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { monitors: { type: "string" }, docs: { type: "boolean" } }, allowPositionals: true });
  const count = Number(values.monitors ?? 1000);
  const folder = mkdtempSync(join(tmpdir(), "hinoban-bench-probes-"));
  const { targets, stop } = await startTargets();
  try {
    const alone = await measureAlone(targets);
    const heading = ["probe", "per CPU second"];
    const rows = alone.map(([name, perSecond]) => [name, perSecond.toFixed(0)]);
    printTable(heading, rows);
    const server = await measureServer(folder, targets, count);
    const told =
      `A server with ${count} TCP monitors, each probed once a minute: ${((server["made"] ?? 0) / (measuredFor / 60)).toFixed(0)} probes a minute made, ` +
      `server and database together ${(server["busy"] ?? 0).toFixed(1)} % of a core (${(server["idle"] ?? 0).toFixed(1)} % without), ` +
      `server process ${(server["busyMb"] ?? 0).toFixed(0)} MB (${(server["idleMb"] ?? 0).toFixed(0)} MB without), lateness ${(server["late"] ?? 0).toFixed(1)} s.`;
    console.log(told);
    keepHistory("probes", { ...Object.fromEntries(alone.map(([name, perSecond]) => [name, Math.round(perSecond)])), ...server });
    if (values.docs) replaceInDocs("probes", `${tableText(heading, rows)}\n\n${told} ${takenOn()}.`);
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === "targets") serveTargets();
else await main();
