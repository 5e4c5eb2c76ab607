import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SystemClock } from "#adapters/clock/system";
import { testCertificates } from "#test/agent/certificates";
import { FakeAws } from "#test/agent/fake-aws";
import { FakeServer } from "#test/agent/fake-server";
import { startAgent, type AgentProcess } from "#test/agent/process";
import { familyCpuSeconds, pause } from "./support/processes.ts";
import { keepHistory, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// What does each thing that the agent watches cost it? One agent for each, all at the same time, over some minutes.
//   npm run bench -- agent [--minutes N] [--docs]

const bundle = join(process.cwd(), "dist", "hinoban-agent.js");
const disks = 24;
const databases = 200;
const samples = 1500;

/** A program in smartctl's place: what a NVMe disk answers, recorded. */
function writeSmartctl(path: string): void {
  const smartctl = { version: [7, 3], exit_status: 0 };
  const devices = Array.from({ length: disks }, (_, at) => ({ name: `/dev/nvme${at}`, type: "nvme", protocol: "NVMe" }));
  const log = {
    critical_warning: 0,
    temperature: 41,
    available_spare: 100,
    available_spare_threshold: 10,
    percentage_used: 4,
    media_errors: 0,
  };
  const disk = {
    smartctl,
    model_name: "EXAMPLE NV1",
    smart_status: { passed: true },
    nvme_smart_health_information_log: log,
    temperature: { current: 41 },
  };
  const script = `#!/bin/sh\nif [ "$1" = --scan-open ]; then echo '${JSON.stringify({ smartctl, devices })}'; else echo '${JSON.stringify(disk)}'; fi\n`;
  writeFileSync(path, script, { mode: 0o755 });
}

function exposition(): string {
  let text = "# TYPE http_requests_total counter\n";
  for (let at = 0; at < samples; at += 1) text += `http_requests_total{code="${200 + (at % 300)}",handler="/api/v${at}"} ${at * 7}\n`;
  return text;
}

function fillAws(aws: FakeAws): void {
  aws.keys.set("AKIAFAKE000000000001", { secret: "secret", account: "1" });
  aws.pageSize = 100;
  const ids = Array.from({ length: databases }, (_, at) => `db-${at}`);
  aws.databases.set(
    "1 us-east-1",
    ids.map((id) => ({ DBInstanceIdentifier: id, Engine: "postgres", DBInstanceStatus: "available" })),
  );
  const now = Math.floor(Date.now() / 60_000) * 60;
  const metrics = [
    "CPUUtilization",
    "DatabaseConnections",
    "FreeableMemory",
    "FreeStorageSpace",
    "ReadIOPS",
    "WriteIOPS",
    "ReadLatency",
    "WriteLatency",
  ];
  for (const id of ids) {
    for (const metric of metrics) {
      const values = new Map(Array.from({ length: 90 }, (_, at) => [now + (at - 60) * 60, (at * 37) % 101]));
      aws.values.set(`1 us-east-1 AWS/RDS ${metric} Average/60 DBInstanceIdentifier=${id}`, values);
    }
  }
}

interface Targets {
  readonly folder: string;
  readonly aws: string;
  readonly page: string;
}

/** Sections by the name of the row. */
const sections = ({ folder, aws, page }: Targets): Readonly<Record<string, string>> => ({
  [`${databases} databases of RDS, every 5 minutes`]: `[integrations.cloudwatch]\nregions = ["us-east-1"]\nkinds = ["rds"]\naccess_key_id = "AKIAFAKE000000000001"\nsecret_access_key = "secret"\nendpoint = "${aws}"\nmost_resources = ${databases}`,
  [`SMART of ${disks} disks, every minute`]: `[integrations.smart]\ncommand = ["${folder}/smartctl"]\nevery_minutes = 1`,
  "errors of disks and file systems": "[integrations.filesystem-errors]",
  "processes (3 kinds)": ["node", "sshd", "postgres"].map((name) => `[integrations.process.${name}]\nname = "${name}"\nmin = 0`).join("\n"),
  "ports (2, and the machine's own)": `[integrations.port.page]\nport = ${new URL(page).port}\n[integrations.port.aws]\nport = ${new URL(aws).port}\n[integrations.port]\nlistening = true`,
  "certificates in 50 files, every minute": `[integrations.tls-file]\npaths = ["${folder}/tls/*.crt"]\nevery_minutes = 1`,
  [`Prometheus target of ${samples} samples, 500 taken`]: `[integrations.prometheus-scrape.app]\nurl = "${page}/metrics"`,
});

interface Measured {
  readonly rssMb: number;
  readonly cpuMs: number;
}

const rssMb = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** Memory at the end, and CPU for each minute, of agents that run side by side. The first minute is the start's and does not count. */
async function measure(agents: ReadonlyMap<string, AgentProcess>, minutes: number): Promise<ReadonlyMap<string, Measured>> {
  await pause(60_000);
  const before = new Map([...agents].map(([name, { pid }]) => [name, familyCpuSeconds(pid)]));
  await pause(minutes * 60_000);
  return new Map(
    [...agents].map(([name, { pid }]) => {
      const cpuMs = ((familyCpuSeconds(pid) - (before.get(name) ?? 0)) * 1000) / minutes;
      return [name, { rssMb: rssMb(pid), cpuMs }];
    }),
  );
}

function prepare(folder: string): void {
  writeSmartctl(join(folder, "smartctl"));
  mkdirSync(join(folder, "tls"));
  for (let at = 0; at < 50; at += 1)
    writeFileSync(join(folder, "tls", `${at}.crt`), testCertificates["leaf.pem"] + testCertificates["middle.pem"]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, docs: { type: "boolean" } } });
  const minutes = Number(values.minutes ?? 10);
  const folder = mkdtempSync(join(tmpdir(), "hinoban-bench-agent-"));
  prepare(folder);
  const text = exposition();
  const page: Server = createServer((_, reply) => void reply.end(text));
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
  const aws = new FakeAws(new SystemClock());
  const server = new FakeServer();
  fillAws(aws);
  // A server that listens on a port has an address object.
  const targets = { folder, aws: await aws.start(), page: `http://127.0.0.1:${(page.address() as AddressInfo).port}` };
  await server.start();
  const each = sections(targets);
  const rows: Readonly<Record<string, string>> = { "the machine alone": "", ...each, "all of these": Object.values(each).join("\n") };
  const agents = new Map<string, AgentProcess>();
  try {
    for (const [name, section] of Object.entries(rows)) {
      const conf = join(folder, `${agents.size}.conf`);
      writeFileSync(conf, `server = "${server.url}"\nkey = "${server.key}"\n${section}\n`, { mode: 0o600 });
      const state = join(folder, `state-${agents.size}`);
      const options = { NODE_OPTIONS: "--max-old-space-size=64 --max-semi-space-size=1" };
      agents.set(name, startAgent(bundle, ["--config", conf, "--state-dir", state, "--log-level", "warn"], options));
    }
    const measured = await measure(agents, minutes);
    const heading = ["watched", "memory (MB resident)", "CPU (ms a minute)"];
    const table = [...measured].map(([name, one]) => [name, one.rssMb.toFixed(0), one.cpuMs.toFixed(0)]);
    printTable(heading, table);
    console.log(`${server.points.length} values arrived; complaints: ${server.complaints.length}.`);
    keepHistory("agent", {
      minutes,
      rows: Object.fromEntries([...measured].map(([name, { rssMb: mb, cpuMs }]) => [name, [Math.round(mb), Math.round(cpuMs)]])),
    });
    if (values.docs)
      replaceInDocs(
        "agent",
        `${tableText(heading, table)}\n\nPrograms that an agent starts count with it; over ${minutes} minutes, ${takenOn()}.`,
      );
  } finally {
    for (const agent of agents.values()) await agent.end();
    await Promise.all([aws.stop(), server.stop()]);
    page.closeAllConnections();
    page.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
