import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildAgent } from "#test/agent/bundle";
import { startAgent, type AgentProcess } from "#test/agent/process";
import { ApiClient, claim, withNewKey } from "#test/api-client";
import { openFolder } from "#test/folder";
import { freePort, startServer, type ServerProcess } from "#test/server-process";
import { until } from "#test/until";

// Debian's monitoring plugins and a metric plugin, run by the real agent from a mackerel-agent.conf, against a real server.

const plugins = "/usr/lib/nagios/plugins";
const folder = openFolder("hinoban-agent-checks-");
const conf = join(folder, "mackerel-agent.conf");
const included = join(folder, "conf.d");
const serverData = join(folder, "data");
let server: ServerProcess;
let agent: AgentProcess;
let owner: ApiClient;
let api: ApiClient;
let port = 0;
let closedPort = 0;
let web: Server;
let webPort = 0;

interface Check {
  readonly name: string;
  readonly memo: string;
  readonly status?: string;
  readonly message?: string;
}

interface Report {
  readonly status: string;
  readonly message: string;
  readonly occurredAt: number;
}

const start = (): Promise<ServerProcess> => startServer({ dataDir: serverData, port, args: ["--no-agent"] });

beforeAll(async () => {
  [port, closedPort] = [await freePort(), await freePort()];
  web = createServer((request, response) => response.writeHead(request.url === "/" ? 200 : 404).end("hello"));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  webPort = (web.address() as AddressInfo).port; // it listens on a port
  const bundle = join(folder, "hinoban-agent.mjs");
  [server] = await Promise.all([start(), buildAgent(bundle)]);
  owner = await claim(server.url, server.setupUrl);
  api = await withNewKey(owner);
  mkdirSync(included);
  writeFileSync(
    conf,
    `apibase = "${server.url}"\napikey = "${api.apiKey}"\npidfile = "/var/run/mackerel-agent.pid"\nroles = ["Real-Service:agent"]\ninclude = "${included}/*.conf"\nno_such_setting = 1\n`,
    { mode: 0o600 },
  );
  writeFileSync(join(included, "checks.conf"), checksFile());
  writeFileSync(join(included, "dice.conf"), `[plugin.metrics.dice]\ncommand = ["sh", "${dicePlugin()}"]\n`);
  agent = startAgent(bundle, ["--conf", conf, "--state-dir", join(folder, "state"), "--first-interval", "1"]);
});
afterAll(async () => {
  await agent.end();
  await server.end();
  web.closeAllConnections();
  web.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A plugin as people write them: graphs when asked, values otherwise. */
function dicePlugin(): string {
  const path = join(folder, "dice.sh");
  writeFileSync(
    path,
    `if [ "$MACKEREL_AGENT_PLUGIN_META" = 1 ]; then
  echo '# mackerel-agent-plugin'
  echo '{"graphs":{"dice":{"label":"My dice","unit":"integer","metrics":[{"name":"d6","label":"Die with six sides"}]}}}'
  exit 0
fi
printf 'dice.d6\\t4\\t%s\\n' "$(date +%s)"
`,
  );
  return path;
}

/** Name, command, and what else stands in its section. */
function checks(): readonly (readonly [name: string, command: string, more?: string])[] {
  const log = join(folder, "app.log");
  return [
    ["dummy0", `${plugins}/check_dummy 0 fine`, 'memo = "call Hanako"'],
    ["dummy1", `${plugins}/check_dummy 1 hmm`],
    ["dummy2", `${plugins}/check_dummy 2 "日本語 𠮷"`],
    ["dummy3", `${plugins}/check_dummy 3`],
    ["load", `${plugins}/check_load -w 1000,1000,1000 -c 2000,2000,2000`, "perfdata = true"],
    ["procs", `${plugins}/check_procs -w 1:1000000`],
    ["users", `${plugins}/check_users -w 1000 -c 2000`],
    ["disk", `${plugins}/check_disk -w 0% -c 0% -p /`, "perfdata = true"],
    ["swap", `${plugins}/check_swap -n ok -w 1% -c 1%`],
    ["tcp", `${plugins}/check_tcp -H 127.0.0.1 -p ${webPort}`],
    ["tcp closed", `${plugins}/check_tcp -H 127.0.0.1 -p ${closedPort}`],
    ["http", `${plugins}/check_http -I 127.0.0.1 -p ${webPort} -u /`],
    ["http missing", `${plugins}/check_http -I 127.0.0.1 -p ${webPort} -u /nowhere`],
    ["icmp", `${plugins}/check_icmp -H 127.0.0.1 -n 1`],
    ["ssh closed", `${plugins}/check_ssh -p ${closedPort} 127.0.0.1`],
    ["file age", `${plugins}/check_file_age -f ${conf} -w 86400 -c 864000`],
    ["ntp silent", `${plugins}/check_ntp_time -H 127.0.0.1 -t 1`],
    ["log", `${plugins}/check_log -F ${log} -O ${log}.seen -q ERROR`],
    ["slow", "sleep 60", "timeout_seconds = 1"],
    ["missing", `${plugins}/check_does_not_exist`],
    ["as nobody", process.getuid?.() === 0 ? '[ "$(id -un)" = nobody ]' : "true", process.getuid?.() === 0 ? 'user = "nobody"' : ""],
  ];
}

const section = (name: string, command: string, more = ""): string =>
  `[plugin.checks.${JSON.stringify(name)}]\ncommand = ${JSON.stringify(command)}\n${more}\n`;

function checksFile(): string {
  writeFileSync(join(folder, "app.log"), "all is well\n");
  spawnSync("sh", ["-c", checks().find(([name]) => name === "log")?.[1] ?? ""]); // it remembers where the file ended
  appendFileSync(join(folder, "app.log"), "ERROR: one\n");
  return checks()
    .map((check) => section(...check))
    .join("");
}

/** What each program says when a person runs it. */
const expected: Readonly<Record<string, string>> = {
  dummy0: "OK",
  dummy1: "WARNING",
  dummy2: "CRITICAL",
  dummy3: "UNKNOWN",
  load: "OK",
  procs: "OK",
  users: "OK",
  disk: "OK",
  swap: "OK",
  tcp: "OK",
  "tcp closed": "CRITICAL",
  http: "OK",
  "http missing": "WARNING",
  "ssh closed": "CRITICAL",
  "file age": "OK",
  "ntp silent": "CRITICAL",
  log: "CRITICAL",
  slow: "UNKNOWN",
  missing: "UNKNOWN",
  "as nobody": "OK",
};

const host = async (): Promise<{ readonly id: string; readonly roles: unknown } | undefined> =>
  (await api.get<{ hosts: { id: string; roles: unknown }[] }>("GET", "/api/v0/hosts?")).hosts[0];

async function hostId(): Promise<string> {
  return (await host())?.id ?? "";
}

const checksOf = async (id: string): Promise<readonly Check[]> =>
  (await owner.get<{ checks: Check[] }>("GET", `/api/v1/orgs/main/hosts/${id}/checks`)).checks;

const reportsOf = async (id: string, name: string): Promise<readonly Report[]> =>
  (await owner.get<{ reports: Report[] }>("GET", `/api/v1/orgs/main/hosts/${id}/check-reports?name=${encodeURIComponent(name)}`)).reports;

async function minutesOf(id: string, name: string): Promise<readonly number[]> {
  const now = Math.floor(Date.now() / 1000);
  const { status, body } = await api.call<{ metrics: { time: number }[] }>(
    "GET",
    `/api/v0/hosts/${id}/metrics?name=${name}&from=${now - 3600}&to=${now + 60}`,
  );
  return status === 200 ? body.metrics.map((point) => point.time) : [];
}

const said = (sentence: string): Promise<void> =>
  until(`the agent says "${sentence}"`, 10_000, () => agent.output().includes(sentence)).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${agent.output()}`);
  });

describe("an existing mackerel-agent.conf with nothing but its address and key changed", () => {
  test("brings every check to the server, with the state and the words of the program", async () => {
    await until("the host is there", 20_000, async () => (await hostId()) !== "").catch((error: unknown) => {
      throw new Error(`${String(error)}\n${agent.output()}`);
    });
    const id = await hostId();
    const wrong = async (): Promise<readonly string[]> => {
      const states = new Map((await checksOf(id)).map((check) => [check.name, check.status]));
      return Object.entries(expected).flatMap(([name, status]) =>
        states.get(name) === status ? [] : [`${name} is ${String(states.get(name))}, not ${status}`],
      );
    };
    await until("all checks have their states", 40_000, async () => (await wrong()).length === 0).catch(() => undefined);
    expect(await wrong()).toEqual([]);
    const found = new Map((await checksOf(id)).map((check) => [check.name, check]));
    expect(found.size).toBe(checks().length);
    expect(found.get("dummy0")).toMatchObject({ memo: "call Hanako", message: "OK: fine\n" });
    expect(found.get("dummy2")?.message).toBe("CRITICAL: 日本語 𠮷\n");
    expect(found.get("log")?.message).toContain("ERROR: one");
    expect(found.get("slow")?.message).toContain("took longer than 1 s");
    expect(found.get("missing")?.message).toContain("not found");
    expect(found.get("icmp")?.status).toMatch(/^(?:OK|CRITICAL|UNKNOWN)$/u); // an unprivileged container may not ping
    expect((await host())?.roles).toEqual({ "Real-Service": ["agent"] });
    expect(agent.output()).toContain("line 6: `no_such_setting` is not a setting and was left out");
    expect(agent.output()).not.toContain(api.apiKey);
  });

  test("draws a metric plugin under its own title", async () => {
    const id = await hostId();
    await until("the dice are drawn", 20_000, async () => (await minutesOf(id, "custom.dice.d6")).length > 0);
    interface Definition {
      readonly name: string;
      readonly displayName?: string;
      readonly unit?: string;
    }
    const graphs = async (): Promise<string> =>
      JSON.stringify(await owner.get<{ graphs: Definition[] }>("GET", `/api/v1/orgs/main/hosts/${id}/graphs`));
    await until("the graph has its title", 10_000, async () => (await graphs()).includes("My dice"));
    expect(await graphs()).toContain("Die with six sides");
  });
});

describe("a file that is read again on SIGHUP", () => {
  test("starts the new check, ends the old one, and stays as it was when the file is broken", async () => {
    const id = await hostId();
    writeFileSync(join(included, "more.conf"), section("reloaded", `${plugins}/check_dummy 0 new`));
    agent.signal("SIGHUP");
    await said("Read the configuration again: added plugin.checks.reloaded.");
    await until("the new check reports", 15_000, async () =>
      (await checksOf(id)).some(({ name, status }) => name === "reloaded" && status === "OK"),
    );
    writeFileSync(join(included, "more.conf"), "[plugin.checks.reloaded\n");
    agent.signal("SIGHUP");
    await said("The configuration was not taken over, the old one stays:");
    await said("more.conf line 1: this is not TOML");
    rmSync(join(included, "more.conf"));
    agent.signal("SIGHUP");
    await said("Read the configuration again: removed plugin.checks.reloaded.");
    await until("the server forgets the check", 15_000, async () => !(await checksOf(id)).some(({ name }) => name === "reloaded"));
  });
});

describe("an outage of the server", () => {
  test("loses no change of a state and no minute", { timeout: 150_000 }, async () => {
    const id = await hostId();
    const before = await minutesOf(id, "custom.dice.d6");
    expect(await server.end()).toBe(0);
    const minute = (Math.floor(Date.now() / 60_000) + 1) * 60; // the next one passes while the server is away
    const words = ["first", "second", "third", "fourth"];
    for (const [index, word] of words.entries()) {
      writeFileSync(join(included, "state.conf"), section("state", `${plugins}/check_dummy ${index % 2 === 0 ? 2 : 0} ${word}`));
      const sightings = agent.output().split("plugin.checks.state").length;
      agent.signal("SIGHUP");
      await until("the file is read", 10_000, () => agent.output().split("plugin.checks.state").length > sightings);
      await until(`the check says ${word}`, 20_000, () => spooledReports().includes(word));
    }
    await until("a minute passes", 75_000, () => Date.now() / 1000 > minute + 2);
    expect(readdirSync(join(folder, "state", "spool")).some((name) => name.startsWith(String(minute)))).toBe(true);
    server = await start();
    const heard = async (): Promise<readonly string[]> =>
      [...(await reportsOf(id, "state"))].reverse().map(({ status, message }) => `${status} ${message.trim().split(" ").at(-1) ?? ""}`);
    const changes = ["CRITICAL first", "OK second", "CRITICAL third", "OK fourth"];
    await until("the server hears of it", 60_000, async () => (await heard()).includes("OK fourth")).catch(() => undefined);
    expect(await heard()).toEqual(changes);
    await until("the minute arrives", 60_000, async () => (await minutesOf(id, "custom.dice.d6")).includes(minute));
    const after = await minutesOf(id, "custom.dice.d6");
    for (const time of before) expect(after).toContain(time);
    const all = [...after].sort((a, b) => a - b);
    for (let time = all[0] ?? 0; time <= minute; time += 60) expect(after).toContain(time);
    // What checks measured came along.
    expect(await minutesOf(id, "custom.check.load.load1")).not.toEqual([]);
    expect(await minutesOf(id, "custom.check.disk.root")).not.toEqual([]);
  });
});

/** What waits on disk for the server. */
const spooledReports = (): string => readFileSync(join(folder, "state", "reports.log"), "utf8");
