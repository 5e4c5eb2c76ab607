import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { claim, withNewKey, type ApiClient } from "#test/api-client";
import { freeLowPort, freePort, pause, startDaemon, startProgram, type Daemon } from "./support/processes.ts";
import { setupUrlOf } from "./support/product.ts";
import { keepHistory, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// Does an outage lose a minute? Real agents report to a server that is killed, stays away and comes back; then every minute between the
// first and the last is looked for. In real time.
//   npm run bench -- outage [--before 3] [--away 10] [--after 6] [--docs]

interface Reporter {
  readonly label: string;
  /** What it calls its host. */
  readonly host: string;
  readonly metric: string;
}

const reporters: readonly Reporter[] = [
  { label: "hinoban-agent", host: "outage-own", metric: "loadavg1" },
  { label: "zabbix_agentd, its default buffer", host: "outage-zabbix1", metric: "loadavg1" },
  { label: "zabbix_agent2, its default buffer", host: "outage-zabbix2", metric: "loadavg1" },
  { label: "Prometheus with node_exporter, remote write", host: "outage-prometheus", metric: "loadavg1" },
];

const { values: words } = parseArgs({
  options: { before: { type: "string" }, away: { type: "string" }, after: { type: "string" }, docs: { type: "boolean" } },
});
const lengths = { before: Number(words.before ?? 3), away: Number(words.away ?? 10), after: Number(words.after ?? 6) };
const folder = mkdtempSync(join(tmpdir(), "hinoban-outage-"));
chmodSync(folder, 0o711); // the database runs as another account
const port = await freePort();
const zabbixPort = await freeLowPort();
const url = `http://127.0.0.1:${port}`;
const running: Daemon[] = [];

const startServer = (): Promise<Daemon> => {
  const flags = ["--data-dir", join(folder, "data"), "--port", String(port), "--host", "127.0.0.1", "--no-agent"];
  const args = [join(process.cwd(), "dist", "hinoban.js"), "server", ...flags, "--zabbix-port", String(zabbixPort)];
  return startDaemon(process.execPath, args, `${url}/readyz`);
};

async function startAgents(key: string): Promise<void> {
  running.push(await startOwnAgent(key));
  for (const [n, program] of (["/usr/sbin/zabbix_agentd", "/usr/sbin/zabbix_agent2"] as const).entries()) {
    running.push(await startZabbixAgent(program, `outage-zabbix${n + 1}`));
  }
  const exporterPort = await freePort();
  const exporterUrl = `http://127.0.0.1:${exporterPort}/metrics`;
  running.push(await startDaemon("/usr/bin/prometheus-node-exporter", [`--web.listen-address=127.0.0.1:${exporterPort}`], exporterUrl));
  running.push(await startPrometheus(key, exporterPort));
}

async function startOwnAgent(key: string): Promise<Daemon> {
  const home = join(folder, "agent");
  mkdirSync(home);
  const config = join(home, "agent.conf");
  const lines = [`server = "${url}"`, `key = "${key}"`, `state_dir = "${home}"`, 'host_name = "outage-own"'];
  writeFileSync(config, `${lines.join("\n")}\n`, { mode: 0o600 });
  return startUnseen(process.execPath, [join(process.cwd(), "dist", "hinoban-agent.js"), "run", "--config", config]);
}

async function startZabbixAgent(program: string, host: string): Promise<Daemon> {
  const isSecond = program.endsWith("2");
  const home = join(folder, host);
  mkdirSync(home);
  const config = join(home, "agent.conf");
  const own = isSecond
    ? [`ControlSocket=${home}/control.sock`, `ListenPort=${await freeLowPort()}`, "ListenIP=127.0.0.1"]
    : ["StartAgents=0", "AllowRoot=1", `PidFile=${home}/agent.pid`];
  const common = ["LogType=file", `LogFile=${home}/agent.log`, `ServerActive=127.0.0.1:${zabbixPort}`, `Hostname=${host}`];
  writeFileSync(config, `${[...common, ...own].join("\n")}\n`);
  return startUnseen(program, ["-f", "-c", config]);
}

async function startPrometheus(key: string, exporterPort: number): Promise<Daemon> {
  const home = join(folder, "prometheus");
  mkdirSync(home);
  const config = join(home, "prometheus.yml");
  writeFileSync(
    config,
    `global: { scrape_interval: 30s }
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ["127.0.0.1:${exporterPort}"], labels: { host: outage-prometheus } }]
remote_write:
  - url: ${url}/api/v1/write
    authorization: { credentials: ${key} }
`,
  );
  const at = `127.0.0.1:${await freePort()}`;
  return startProgram(
    "/usr/bin/prometheus",
    [`--config.file=${config}`, `--storage.tsdb.path=${home}/data`, `--web.listen-address=${at}`],
    at,
  );
}

/** A program that listens nowhere: it runs, or the end of this run shows that it did not. */
async function startUnseen(command: string, args: readonly string[]): Promise<Daemon> {
  return startProgram(command, args, `127.0.0.1:${port}`);
}

/** Minutes that are missing between the first and the last that a reporter's host has. */
async function missing(
  api: ApiClient,
  { host, metric }: Reporter,
  from: number,
): Promise<{ readonly minutes: number; readonly lost: number }> {
  const { hosts } = await api.get<{ hosts: { id: string }[] }>("GET", `/api/v0/hosts?name=${host}`);
  const query = `name=${metric}&from=${from}&to=${Math.floor(Date.now() / 1000)}`;
  const { metrics } = await api.get<{ metrics: { time: number }[] }>("GET", `/api/v0/hosts/${hosts[0]?.id ?? ""}/metrics?${query}`);
  const there = new Set(metrics.map(({ time }) => Math.floor(time / 60)));
  const minutes = Math.max(...there) - Math.min(...there) + 1;
  return { minutes, lost: minutes - there.size };
}

const wait = async (what: string, minutes: number): Promise<void> => {
  console.log(`${new Date().toISOString().slice(11, 19)} ${what} (${minutes} minutes)`);
  await pause(minutes * 60_000);
};

let server = await startServer();
try {
  const from = Math.floor(Date.now() / 1000);
  const api = await withNewKey(await claim(url, await setupUrlOf(server)));
  await startAgents(api.apiKey);
  await wait("agents report", lengths.before);
  server.child.kill("SIGKILL");
  await wait("the server was killed", lengths.away);
  server = await startServer();
  await wait("the server is back", lengths.after);
  const rows: string[][] = [];
  for (const reporter of reporters) {
    const { minutes, lost } = await missing(api, reporter, from);
    rows.push([reporter.label, String(minutes), String(lost)]);
    // Nothing may be missing, and the outage must lie inside of what was looked at.
    if (lost > 0 || minutes < lengths.away + 2) process.exitCode = 1;
  }
  const table = tableText(["agent", "minutes looked at", "minutes lost"], rows);
  console.log(table);
  keepHistory("outage", { ...lengths, lost: Object.fromEntries(rows.map(([label = "", , lost = ""]) => [label, lost])) });
  if (words.docs)
    replaceInDocs("outage", `${table}\n\n_The server was killed with SIGKILL and away for ${lengths.away} minutes. ${takenOn()}._`);
} finally {
  for (const one of running.toReversed()) await one.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
