import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { buildAgent } from "#test/agent/bundle";
import { FakeAws } from "#test/agent/fake-aws";
import { startAgent, type AgentProcess } from "#test/agent/process";
import { type ApiClient, claim, withNewKey } from "#test/api-client";
import { freePort, runOnce, startDaemon, withDaemons } from "#test/daemons";
import { openFolder } from "#test/folder";
import { IntegrationRig, withIntegrations } from "#test/integration-rig";
import { startServer, type ServerProcess } from "#test/server-process";
import { until } from "#test/until";
import type { Collected } from "../../src/agent/integrations/integration.ts";

// What the agent watches on its own machine, asked of this machine; and the whole agent with all of it against a real server.

const folder = openFolder("hinoban-agent-watch-");
const at = (...names: readonly string[]): string => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
withIntegrations();
withDaemons();

const lines = ({ checks = [] }: Collected): readonly string[] => checks.map(({ name, status, message }) => `${name} ${status}: ${message}`);

beforeAll(() => {
  mkdirSync(at("tls"));
  const names = ["-subj", "/CN=watch.example", "-addext", "subjectAltName=DNS:watch.example"];
  runOnce("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 20".split(" "),
    ...names,
    "-keyout",
    at("tls", "site.key"),
    "-out",
    at("tls", "site.crt"),
  ]);
});

test("smartctl of smartmontools is asked; a device that does not exist says so in smartctl's words", async () => {
  const none = await new IntegrationRig("smart", {}).round();
  for (const line of lines(none)) expect(line).toMatch(/^smart [\w-]+ (?:OK|WARNING|CRITICAL|UNKNOWN): /u);
  const missing = await new IntegrationRig("smart", { devices: ["/dev/hinoban-none"] }).round();
  expect(lines(missing)).toEqual([
    expect.stringMatching(/^smart hinoban-none UNKNOWN: \/dev\/hinoban-none did not answer: .*(?:No such|Unable to detect)/u),
  ]);
});

test("systemctl gives the units, or its own sentence where systemd does not run", async () => {
  const rig = new IntegrationRig("systemd", { units: ["hinoban-none"] });
  const found = await rig.round().catch((error: Error) => error.message);
  if (typeof found === "string") expect(found).toMatch(/systemctl/u);
  else expect(lines(found)).toContain("systemd hinoban-none.service CRITICAL: there is no unit hinoban-none.service");
});

describe("processes", () => {
  let child: ChildProcess;
  beforeAll(() => {
    child = spawn("sleep", ["4242"], { stdio: "ignore" });
  });
  afterAll(() => void child.kill());

  test("are counted by name and by command line, with memory and open files", async () => {
    const rig = new IntegrationRig("process", { name: "sleep", pattern: "^sleep 4242$" }, "nap");
    const found = await rig.round();
    expect(lines(found)).toEqual(["process nap OK: 1 process of sleep"]);
    expect(found.metrics).toMatchObject({ "custom.process.processes.nap.count": 1, "custom.process.threads.nap.count": 1 });
    expect(found.metrics?.["custom.process.memory.nap.rss"]).toBeGreaterThan(100_000);
    expect(found.metrics?.["custom.process.files.nap.count"]).toBeGreaterThanOrEqual(3);
    expect((await rig.round()).metrics?.["custom.process.cpu.nap.percentage"]).toBeLessThan(1);
    expect(rig.undefinedNames(found)).toEqual([]);
  });
});

describe("ports", () => {
  test("a TLS server answers with its protocol; its self-signed certificate is told unless it is meant", async () => {
    const server = createTlsServer({ key: readFileSync(at("tls", "site.key")), cert: readFileSync(at("tls", "site.crt")) });
    server.on("tlsClientError", () => undefined);
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const options = { port, protocol: "tls", server_name: "watch.example" };
    expect(lines(await new IntegrationRig("port", options, "site").round())[0]).toContain(
      "CRITICAL: 127.0.0.1:" + port + ": its certificate is self-signed",
    );
    const meant = await new IntegrationRig("port", { ...options, verify: false }, "site").round();
    expect(lines(meant)[0]).toMatch(/ OK: 127\.0\.0\.1:\d+ answered in [\d.]+ ms \(TLSv1\.3\)$/u);
    expect(Object.keys(meant.metrics ?? {})).toEqual([
      "custom.port.open.site.state",
      "custom.port.latency.site.tcp",
      "custom.port.latency.site.tls",
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  test("a port that a program opens is noticed", async () => {
    const rig = new IntegrationRig("port", { listening: true });
    await rig.round();
    const server = createTcpServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    expect(lines(await rig.round())[0]).toContain(`tcp/${port} appeared`);
    await new Promise((resolve) => server.close(resolve));
  });
});

test("a certificate that OpenSSL made has its days, and its key beside it fits", async () => {
  const found = await new IntegrationRig("tls-file", { paths: [at("tls", "*.crt")] }).round();
  expect(lines(found)[0]).toMatch(/(?:OK|WARNING|CRITICAL): /u);
  const [days] = Object.values(found.metrics ?? {});
  expect(days).toBeDefined();
});

test("this machine's mounts, counters and kernel log are read; what a program writes into the log does not count", async () => {
  const rig = new IntegrationRig("filesystem-errors", { ignore: ["^/(?!tmp)"] });
  await rig.round();
  try {
    writeFileSync("/dev/kmsg", "<3>EXT4-fs error (device sdz9): written by a test");
  } catch {
    // only root may
  }
  const found = await rig.round();
  expect(lines(found).map((line) => line.split(":")[0])).toContain("filesystem-errors read-only OK");
  expect(lines(found).join("\n")).not.toContain("sdz9");
  expect(rig.undefinedNames(found)).toEqual([]);
});

test("node_exporter is scraped", async () => {
  const port = await freePort();
  await startDaemon("prometheus-node-exporter", [`--web.listen-address=127.0.0.1:${port}`], { port });
  const url = `http://127.0.0.1:${port}/metrics`;
  const rig = new IntegrationRig("prometheus-scrape", { url, include: ["^node_(?:load|cpu_seconds)"], most_metrics: 200 }, "node");
  const first = await rig.round();
  expect(first.metrics).toHaveProperty(["custom.prometheus.node.node_load1.value"]);
  const second = await rig.round();
  expect(second.metrics).toHaveProperty(["custom.prometheus.node.node_cpu_seconds_total.0_idle"]);
  expect(lines(second)[0]).toMatch(/^prometheus-scrape\.node OK: \d+ metrics of \d+ samples$/u);
});

describe("the whole agent", () => {
  const aws = new FakeAws(new SystemClock());
  let server: ServerProcess;
  let agent: AgentProcess;
  let owner: ApiClient;
  let api: ApiClient;

  beforeAll(async () => {
    const bundle = at("hinoban-agent.mjs");
    const [endpoint, started] = await Promise.all([
      aws.start(),
      startServer({ dataDir: at("data"), port: await freePort(), args: ["--no-agent"] }),
      buildAgent(bundle),
    ]);
    server = started;
    owner = await claim(server.url, server.setupUrl);
    api = await withNewKey(owner);
    aws.keys.set("AKIAFAKE000000000001", { secret: "kept/secret+", account: "111111111111" });
    aws.pageSize = 50;
    aws.databases.set("111111111111 us-east-1", [{ DBInstanceIdentifier: "orders", Engine: "postgres", DBInstanceStatus: "available" }]);
    const minute = Math.floor(Date.now() / 60_000) * 60;
    const values = new Map([1, 2, 3].map((back) => [minute - back * 60, back * 10] as const));
    aws.values.set("111111111111 us-east-1 AWS/RDS CPUUtilization Average/60 DBInstanceIdentifier=orders", values);
    writeFileSync(at("aws.key"), "kept/secret+\n", { mode: 0o600 });
    writeFileSync(
      at("agent.conf"),
      `server = "${server.url}"
key = "${api.apiKey}"

[integrations.cloudwatch.shop]
regions = ["us-east-1"]
kinds = ["rds"]
access_key_id = "AKIAFAKE000000000001"
secret_access_key_file = "${at("aws.key")}"
endpoint = "${endpoint}"
roles = ["Shop:db"]

[integrations.process.agent]
pattern = '${at("hinoban-agent")}[.]mjs'

[integrations.port.server]
port = ${new URL(server.url).port}

[integrations.tls-file]
paths = ["${at("tls")}/*.crt"]

[integrations.filesystem-errors]
[integrations.systemd]
[integrations.smart]
[integrations.port]
listening = true

[integrations.prometheus-scrape.nobody]
url = "http://127.0.0.1:1/metrics"
`,
      { mode: 0o600 },
    );
    agent = startAgent(bundle, ["--config", at("agent.conf"), "--state-dir", at("state"), "--first-interval", "1"]);
  });
  afterAll(async () => {
    await agent.end();
    await server.end();
    await aws.stop();
  });

  interface Host {
    readonly id: string;
    readonly name: string;
    readonly customIdentifier?: string | null;
    readonly roles: unknown;
    readonly meta: { readonly cloud?: unknown };
  }
  const hosts = async (): Promise<readonly Host[]> => (await api.get<{ hosts: Host[] }>("GET", "/api/v0/hosts?")).hosts;
  const withLog = async (what: string, condition: () => Promise<boolean>): Promise<void> =>
    until(what, 40_000, condition).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${agent.output()}`);
    });

  test("makes a host for the database and fills in its past minutes", async () => {
    const database = async (): Promise<Host | undefined> =>
      (await hosts()).find((host) => host.customIdentifier === "orders.rds.us-east-1");
    await withLog("the database is a host", async () => (await database()) !== undefined);
    const found = await database();
    expect(found).toMatchObject({ name: "orders", roles: { Shop: ["db"] }, meta: { cloud: { provider: "rds" } } });
    const from = Math.floor(Date.now() / 1000) - 3600;
    const path = `/api/v0/hosts/${found?.id ?? ""}/metrics?name=custom.rds.CPUUtilization.CPUUtilization&from=${from}&to=${from + 3660}`;
    const values = async (): Promise<readonly number[]> => {
      const { status, body } = await api.call<{ metrics: { value: number }[] }>("GET", path);
      return status === 200 ? body.metrics.map(({ value }) => value) : [];
    };
    await withLog("its minutes are there", async () => (await values()).length === 3);
    expect(await values()).toEqual([30, 20, 10]);
    expect(agent.output()).not.toContain("kept/secret");
  });

  test("reports a check for everything that it watches, and one that says why a target gives nothing", async () => {
    const own = (await hosts()).find((host) => host.customIdentifier !== "orders.rds.us-east-1");
    const states = async (): Promise<ReadonlyMap<string, string>> => {
      const path = `/api/v1/orgs/main/hosts/${own?.id ?? ""}/checks`;
      const { checks } = await owner.get<{ checks: { name: string; status?: string; message?: string }[] }>("GET", path);
      return new Map(checks.map(({ name, status, message }) => [name, `${String(status)} ${String(message)}`]));
    };
    const expected: readonly (readonly [string, RegExp])[] = [
      ["cloudwatch.shop us-east-1", /^OK 1 watched/u],
      ["process agent", /^OK 1 process/u],
      ["port server", /^OK .*answered in/u],
      [`tls-file ${at("tls", "site.crt")}`, /^WARNING watch\.example ends in 19 days/u],
      ["filesystem-errors read-only", /^(?:OK|CRITICAL) /u],
      ["port listening", /^(?:OK|WARNING) /u],
      ["integration prometheus-scrape.nobody", /^CRITICAL .*127\.0\.0\.1:1/u],
    ];
    const wrong = async (): Promise<readonly string[]> => {
      const found = await states();
      return expected.flatMap(([name, pattern]) => (pattern.test(found.get(name) ?? "") ? [] : [`${name}: ${String(found.get(name))}`]));
    };
    await until("all checks are there", 40_000, async () => (await wrong()).length === 0).catch(() => undefined);
    expect(await wrong()).toEqual([]);
  });
});
