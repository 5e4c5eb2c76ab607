import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { FakeRunner } from "#test/agent/fake-runner";
import { FakeServer } from "#test/agent/fake-server";
import { AgentRig } from "#test/agent/rig";

// The agent with plugins, checks and metadata on a fake clock: what the server sees, through outages, reloads and restarts.

let server: FakeServer;
let rig: AgentRig;

beforeEach(async () => {
  server = new FakeServer();
  await server.start();
  folder = mkdtempSync(join(tmpdir(), "agent-watching-"));
  file = join(folder, "agent.conf");
  rig = new AgentRig(server, { config: file });
});
afterEach(async () => {
  server.fault = () => undefined;
  await rig.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

let folder = "";
let file = "";

function configure(text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
}

const id = (): string => readFileSync(join(rig.stateFolder, "id"), "utf8").trim();
const found = (name: string): readonly number[] => server.points.filter((point) => point.name === name).map((point) => point.value);
const heard = (name: string): string =>
  server.reports
    .filter((report) => report.name === name)
    .map((report) => report.status.slice(0, 1))
    .join("");
const log = (): string => rig.lines.join("\n");

const dice = `# mackerel-agent-plugin\n${JSON.stringify({ graphs: { dice: { label: "Dice", unit: "integer", metrics: [{ name: "d6" }] } } })}\n`;

describe("metric plugins", () => {
  test("give their values each minute and their graphs once they told them", async () => {
    configure('[plugin.metrics.dice]\ncommand = "dice"\n');
    rig.runner.answers.set("dice", (env) => (env["MACKEREL_AGENT_PLUGIN_META"] === "1" ? dice : "dice.d6\t3\t1\ndice.nan\tNaN\t1\n"));
    await rig.start();
    await rig.pass(minutes(3));
    expect(found("custom.dice.d6").length).toBeGreaterThanOrEqual(3);
    expect(found("custom.dice.nan")).toEqual([]);
    expect(server.graphDefinitions).toContainEqual({
      name: "custom.dice",
      displayName: "Dice",
      unit: "integer",
      metrics: [{ name: "custom.dice.d6", isStacked: false }],
    });
    expect(server.complaints).toEqual([]);
  });

  test("of another host go to that host, and nowhere while the server knows none", async () => {
    configure('[plugin.metrics.a]\ncommand = "a"\ncustom_identifier = "db-1"\n');
    rig.runner.answers.set("a", "x.y\t5\t1\n");
    await rig.start();
    await rig.pass(minutes(2));
    expect(found("custom.x.y")).toEqual([]);
    expect(log().match(/knows no host with this custom identifier/gu)).toHaveLength(1);
    server.hosts.set("other", { id: "other", name: "db", customIdentifier: "db-1", status: "working", isRetired: false, meta: {} });
    await rig.pass(minutes(12));
    expect(server.points.filter((point) => point.name === "custom.x.y").every((point) => point.hostId === "other")).toBe(true);
    expect(found("custom.x.y").length).toBeGreaterThan(1);
    expect(found("loadavg5").length).toBeGreaterThan(10);
  });

  test("that are slow hold up nothing: their values follow with the next minute, under their own time", async () => {
    configure('[plugin.metrics.slow]\ncommand = "slow"\n');
    const { runner, clock } = rig;
    const { run } = runner;
    runner.run = async (spec, options) => {
      if (options.env?.["MACKEREL_AGENT_PLUGIN_META"] === "")
        await clock.sleep("test.slow", seconds(25), options.signal).catch(() => undefined);
      return run.call(runner, spec, options);
    };
    runner.answers.set("slow", "s.v\t1\t1\n");
    await rig.start();
    await rig.pass(minutes(4));
    const times = (name: string): readonly string[] =>
      server.points.filter((point) => point.name === name).map((point) => new Date(point.time * 1000).toISOString().slice(11, 16));
    expect(times("custom.s.v").slice(0, 3)).toEqual(["12:00", "12:01", "12:02"]);
    expect(new Set(times("loadavg5"))).toEqual(new Set(["12:00", "12:01", "12:02", "12:03"]));
  });

  test("that fail are told once, and again when they work", async () => {
    configure('[plugin.metrics.a]\ncommand = "a"\n');
    await rig.start();
    await rig.pass(minutes(3));
    expect(log().match(/plugin\.metrics\.a gives no values: a was not found/gu)).toHaveLength(1);
    rig.runner.answers.set("a", "x.y\t5\t1\n");
    await rig.pass(minutes(2));
    expect(log()).toContain("plugin.metrics.a gives values again");
    expect(found("custom.x.y").length).toBeGreaterThan(0);
  });
});

describe("checks", () => {
  test("are listed with the host and reported: OK once, a change at once, trouble each time", async () => {
    configure('[plugin.checks.web]\ncommand = "web"\nmemo = "call Hanako"\nmax_check_attempts = 2\n');
    rig.runner.answers.set("web", FakeRunner.exit(0, "fine\n"));
    await rig.start();
    await rig.pass(minutes(3));
    expect(server.hosts.get(id())?.["checks"]).toEqual([{ name: "web", memo: "call Hanako" }]);
    expect(heard("web")).toBe("O");
    rig.runner.answers.set("web", FakeRunner.exit(2, "down"));
    await rig.pass(minutes(3));
    expect(heard("web")).toBe("OCCC");
    expect(server.reports.at(-1)).toMatchObject({ hostId: id(), message: "down", maxCheckAttempts: 2 });
    expect(new Set(server.reports.map((report) => report.occurredAt)).size).toBe(4);
    expect(server.complaints).toEqual([]);
  });

  test("lose no change in an outage, nor by a kill in the middle of it", async () => {
    configure('[plugin.checks.web]\ncommand = "web"\n');
    const say = (code: number): void => void rig.runner.answers.set("web", FakeRunner.exit(code, `is ${code}`));
    say(0);
    await rig.start();
    await rig.pass(minutes(2));
    await server.stop();
    for (const code of [2, 0, 1]) {
      say(code);
      await rig.pass(minutes(2));
    }
    await rig.stop(); // what is not delivered stays on disk
    await rig.start();
    await rig.pass(minutes(2));
    say(0);
    await rig.pass(minutes(2));
    await server.start();
    await rig.pass(minutes(3));
    expect(heard("web")).toMatch(/^OCC?C?OW+O$/u);
    const times = server.reports.map((report) => report.occurredAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(log()).toContain("Results of checks wait");
  });

  test("that the server refuses cost only themselves", async () => {
    configure('[plugin.checks.good]\ncommand = "good"\n[plugin.checks.bad]\ncommand = "bad"\n');
    rig.runner.answers.set("good", FakeRunner.exit(1, "x"));
    rig.runner.answers.set("bad", FakeRunner.exit(1, "x"));
    server.fault = ({ path, body }) => (path.endsWith("/report") && JSON.stringify(body).includes('"bad"') ? 400 : undefined);
    await rig.start();
    await rig.pass(minutes(5));
    expect(heard("good").length).toBeGreaterThanOrEqual(4);
    expect(heard("bad")).toBe("");
    expect(log()).toContain("check=bad");
    server.fault = ({ path }) => (path.endsWith("/report") ? 403 : undefined); // the key: that can be repaired
    await rig.pass(minutes(3));
    const before = heard("good").length;
    server.fault = () => undefined;
    await rig.pass(minutes(6));
    expect(heard("good").length - before).toBeGreaterThanOrEqual(7);
  });

  test("go in posts of at most twenty, and to the host they belong to", async () => {
    server.hosts.set("other", { id: "other", name: "db", customIdentifier: "db-1", status: "working", isRetired: false, meta: {} });
    const names = Array.from({ length: 45 }, (_, at) => `c${at}`);
    configure(
      `${names.map((name) => `[plugin.checks.${name}]\ncommand = "x"\n`).join("")}[plugin.checks.db]\ncommand = "x"\ncustom_identifier = "db-1"\n`,
    );
    rig.runner.answers.set("x", FakeRunner.exit(2, "y"));
    await rig.start();
    await rig.pass(minutes(1));
    expect(new Set(server.reports.filter((report) => report.hostId === id()).map((report) => report.name)).size).toBe(45);
    expect(server.reports.filter((report) => report.hostId === "other").map((report) => report.name)[0]).toBe("db");
    expect(server.hosts.get(id())?.["checks"]).toHaveLength(45);
    expect(server.complaints).toEqual([]);
  });
});

describe("metadata", () => {
  test("goes out when it changed, waits for a server that is away, and is no longer sent when its section goes", async () => {
    configure('[plugin.metadata.facts]\ncommand = "facts"\n');
    rig.runner.answers.set("facts", '{"a": 1}\n');
    await rig.start();
    await rig.pass(minutes(25));
    const sent = (): number => server.of("PUT", /metadata\/facts$/u).length;
    expect([sent(), server.metadata.get(`${id()}/facts`)]).toEqual([1, { a: 1 }]);
    await server.stop();
    rig.runner.answers.set("facts", "[2]");
    await rig.pass(minutes(20));
    await server.start();
    await rig.pass(minutes(2));
    expect(server.metadata.get(`${id()}/facts`)).toEqual([2]);
    rig.runner.answers.set("facts", "no json");
    await rig.pass(minutes(10));
    expect(log()).toContain("plugin.metadata.facts: it printed no JSON");
    configure("");
    rig.runtime?.reload();
    const runs = rig.runner.runs.length;
    await rig.pass(minutes(30));
    expect(rig.runner.runs).toHaveLength(runs);
  });
});

describe("a file that is read again", () => {
  const check = (name: string, more = ""): string => `[plugin.checks.${name}]\ncommand = "x"\n${more}`;
  const runsOf = (command: string): number => rig.runner.runs.filter((run) => run.command === command).length;

  test("changes what changed in it, says so, and leaves the rest alone", async () => {
    rig.runner.answers.set("x", FakeRunner.exit(0, "x"));
    rig.runner.answers.set("m", "a.b 1 1\n");
    configure(`display_name = "one"\n${check("keep")}${check("change")}${check("drop")}[plugin.metrics.m]\ncommand = "m"\n`);
    await rig.start();
    await rig.pass(minutes(2));
    expect(server.reports.map((report) => report.name).sort()).toEqual(["change", "drop", "keep"]);
    configure(`display_name = "two"\nlog_level = "warn"\n${check("keep")}${check("change", "check_interval = 5\n")}${check("new")}`);
    rig.runtime?.reload();
    await rig.pass(minutes(2));
    expect(log()).toContain(
      "Read the configuration again: display_name; added plugin.checks.new; changed plugin.checks.change; removed plugin.metrics.m, plugin.checks.drop.",
    );
    expect(log()).toContain("These count only after a restart: log_level.");
    expect(server.reports.map((report) => report.name).sort()).toEqual(["change", "change", "drop", "keep", "new"]);
    expect(server.hosts.get(id())).toMatchObject({ displayName: "two", checks: [{ name: "keep" }, { name: "change" }, { name: "new" }] });
    const before = runsOf("m");
    await rig.pass(minutes(2));
    expect(runsOf("m")).toBe(before);
    configure("");
    rig.runtime?.reload();
    await rig.pass(seconds(5));
    expect(server.hosts.get(id())?.["checks"]).toEqual([]);
    rig.runtime?.reload();
    expect(log()).toContain("Read the configuration again: nothing changed.");
  });

  test("changes nothing when it is broken, and says why", async () => {
    rig.runner.answers.set("x", FakeRunner.exit(1, "x"));
    configure(check("keep"));
    await rig.start();
    await rig.pass(minutes(2));
    for (const broken of ["[plugin.checks.keep\n", `${check("keep")}[plugin.checks.bad]\n`, "[integrations.no-such-kind]\n"]) {
      configure(broken);
      rig.runtime?.reload();
    }
    expect(log()).toMatch(/not taken over, the old one stays: \S+ line 1: this is not TOML/u);
    expect(log()).toMatch(/not taken over, the old one stays: \S+ line 3, plugin\.checks\.bad\.command/u);
    expect(log()).toMatch(/not taken over, the old one stays: \S+ line 1, integrations\.no-such-kind/u);
    const before = heard("keep").length;
    await rig.pass(minutes(3));
    expect(heard("keep").length).toBeGreaterThanOrEqual(before + 2);
  });
});

describe("an integration that cannot be made", () => {
  test("is a check that says why, and disturbs nothing else", async () => {
    configure('[integrations.no-such-kind]\n[plugin.checks.web]\ncommand = "web"\n');
    rig.runner.answers.set("web", FakeRunner.exit(0, "fine"));
    await rig.start();
    await rig.pass(minutes(3));
    expect(heard("integration no-such-kind")).toMatch(/^UUU/u);
    expect(server.reports.find((report) => report.status === "UNKNOWN")?.message).toMatch(/line 1.*`no-such-kind` is unknown/u);
    expect(heard("web")).toBe("O");
    expect(server.hosts.get(id())?.["checks"]).toEqual([{ name: "web" }, { name: "integration no-such-kind" }]);
    expect(found("loadavg5").length).toBeGreaterThan(2);
  });
});

describe("mackerel-agent's own file and folder", () => {
  test("are enough: the address, the key and the host it was", async () => {
    const mackerel = join(folder, "mackerel");
    mkdirSync(mackerel);
    writeFileSync(join(mackerel, "id"), "9rxGOHfVF8F");
    server.hosts.set("9rxGOHfVF8F", { id: "9rxGOHfVF8F", name: "web1", status: "working", isRetired: false, meta: {} });
    configure(
      `apibase = "${server.url}/"\napikey = "${server.key}"\nroot = "${mackerel}"\nroles = ["My-Service:app"]\n[host_status]\non_start = "standby"\n`,
    );
    await rig.close();
    rig = new AgentRig(server, { config: file, server: undefined });
    await rig.start();
    await rig.pass(minutes(1));
    expect([...server.hosts.keys()]).toEqual(["9rxGOHfVF8F"]);
    expect(server.hosts.get("9rxGOHfVF8F")).toMatchObject({ roleFullnames: ["My-Service:app"], status: "standby" });
    expect(id()).toBe("9rxGOHfVF8F");
    expect(readdirSync(mackerel)).toEqual(["id"]);
    expect(existsSync(join(rig.stateFolder, "reports.log"))).toBe(true);
  });

  test("with the id of another server make a new host", async () => {
    const mackerel = join(folder, "mackerel");
    mkdirSync(mackerel);
    writeFileSync(join(mackerel, "id"), "3yAYEDLXKL5\n");
    configure(`apibase = "${server.url}"\napikey = "${server.key}"\nroot = "${mackerel}"\n`);
    await rig.start();
    await rig.pass(minutes(1));
    expect([...server.hosts.keys()]).toEqual([id()]);
    expect(id()).not.toBe("3yAYEDLXKL5");
  });
});
