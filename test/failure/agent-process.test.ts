import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildAgent } from "#test/agent/bundle";
import { FakeServer } from "#test/agent/fake-server";

// The bundled file as a process of its own, on this machine and in real time.

let folder = "";
let bundle = "";
let server: FakeServer;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "agent process-"));
  bundle = join(folder, "hinoban-agent.mjs");
  await buildAgent(bundle);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  server = new FakeServer();
  await server.start();
  state = join(folder, `state ${String((count += 1))}`);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await server.stop();
});

let count = 0;
let state = "";

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  output: string;
  readonly exit: Promise<number | NodeJS.Signals | null>;
}

function start(args: readonly string[], input: "ignore" | "pipe" = "ignore"): Running {
  const child = spawn(process.execPath, [bundle, ...args], {
    stdio: [input, "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HINOBAN_AGENT_KEY: server.key, HINOBAN_AGENT_CONFIG: "none" },
  });
  children.push(child);
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  const running: Running = { child, pid: child.pid ?? 0, output: "", exit };
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (running.output += chunk.toString("utf8")));
  return running;
}

const runAgent = (...more: readonly string[]): Running =>
  start(["run", "--server", server.url, "--state-dir", state, "--first-interval", "1", ...more]);
const spooled = (): readonly string[] =>
  existsSync(join(state, "spool")) ? readdirSync(join(state, "spool")).filter((name) => name.endsWith(".json")) : [];
const within = { timeout: 20_000, interval: 20 };

describe("the agent as a process", () => {
  test("shows its first points within 5 seconds, and ends with its stop status on SIGTERM", async () => {
    const began = performance.now();
    const agent = start(["run", "--server", server.url, "--state-dir", state, "--on-stop", "standby"]);
    await expect.poll(() => server.points.length, within).toBeGreaterThan(5);
    expect(performance.now() - began).toBeLessThan(8000); // 3 s of measuring, plus the start of a process on a busy machine
    expect(server.points.some((point) => point.name === "cpu.idle.percentage")).toBe(true);
    expect(statSync(join(state, "id")).mode & 0o777).toBe(0o600);
    agent.child.kill("SIGTERM");
    expect(await agent.exit).toBe(0);
    const [host] = server.hosts.values();
    expect(host?.["status"]).toBe("standby");
    expect(server.complaints).toEqual([]);
    expect(existsSync(join(state, "agent.pid"))).toBe(false);
  });

  test("loses nothing when it is killed while the server is away", async () => {
    const first = runAgent();
    await expect.poll(() => server.points.length, within).toBeGreaterThan(5);
    await expect.poll(spooled, within).toHaveLength(0);
    const before = server.posts.length;
    await server.stop();
    await expect.poll(spooled, within).toHaveLength(1); // the second short sample, 10 s after the first
    const [kept = ""] = spooled();
    first.child.kill("SIGKILL");
    expect(await first.exit).toBe("SIGKILL");
    expect(spooled()).toEqual([kept]);
    await server.start();
    runAgent();
    await expect.poll(() => server.posts.length, within).toBeGreaterThan(before);
    expect(server.posts[before]).toEqual([Number(kept.slice(0, 10))]);
    expect(server.hosts.size).toBe(1);
  }, 60_000);

  test("tells the status of a running agent, and refuses a second one in the same folder", async () => {
    const agent = runAgent();
    await expect.poll(() => server.points.length, within).toBeGreaterThan(5);
    const asked = start(["status", "--state-dir", state]);
    expect(await asked.exit).toBe(0);
    expect(asked.output).toContain(`running:          yes, process ${agent.pid}`);
    const second = runAgent();
    expect(await second.exit).toBe(1);
    expect(second.output).toContain(`An agent already runs with ${state} (process ${agent.pid}).`);
    agent.child.kill("SIGINT");
    expect(await agent.exit).toBe(0);
    const later = start(["status", "--state-dir", state, "--json"]);
    expect(await later.exit).toBe(1);
    expect(JSON.parse(later.output)).toMatchObject({ isRunning: false, hostId: expect.any(String) });
  });

  test("stops at once when nobody answers, and keeps what it has", async () => {
    await server.stop();
    const agent = runAgent("--on-stop", "poweroff");
    await expect.poll(spooled, within).toHaveLength(1);
    const began = performance.now();
    agent.child.kill("SIGTERM");
    expect(await agent.exit).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(spooled()).toHaveLength(1);
  });

  test("ends within 10 seconds although the server hangs", async () => {
    const agent = runAgent("--on-stop", "poweroff");
    await expect.poll(() => server.hosts.size, within).toBe(1);
    server.fault = () => "hang";
    await expect.poll(() => server.hanging, within).toBeGreaterThan(0);
    const began = performance.now();
    agent.child.kill("SIGTERM");
    expect(await agent.exit).toBe(0);
    expect(performance.now() - began).toBeLessThan(12_000);
  }, 60_000);
});

describe("the agent as a child", () => {
  test("ends when its standard input ends", async () => {
    const agent = start(["run", "--parent", "--server", server.url, "--state-dir", state, "--first-interval", "1"], "pipe");
    await expect.poll(() => server.points.length, within).toBeGreaterThan(5);
    agent.child.stdin?.end();
    expect(await agent.exit).toBe(0);
    expect(agent.output).toContain("the process that started the agent is gone");
  });

  test("does not outlive a starting process that was killed", async () => {
    const script = join(folder, "parent.mjs");
    writeFileSync(
      script,
      `import { spawn } from "node:child_process";
       const child = spawn(process.execPath, process.argv.slice(2), { stdio: ["pipe", "ignore", "pipe"] }); // its log breaks when we are gone
       console.log(child.pid);`,
    );
    const args = [script, bundle, "run", "--parent", "--server", server.url, "--state-dir", state, "--first-interval", "1"];
    const env = { PATH: process.env["PATH"], HINOBAN_AGENT_KEY: server.key, HINOBAN_AGENT_CONFIG: "none" };
    const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    children.push(parent);
    await expect.poll(() => server.points.length, within).toBeGreaterThan(5);
    expect(existsSync(join(state, "agent.pid"))).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => existsSync(join(state, "agent.pid")), within).toBe(false);
  });
});

describe("the other commands", () => {
  test("once prints this machine's metrics without any server", async () => {
    const table = start(["once"]);
    expect(await table.exit).toBe(0);
    expect(table.output).toMatch(/^memory\.total +\d+$/mu);
    const json = start(["once", "--json"]);
    expect(await json.exit).toBe(0);
    expect(JSON.parse(json.output)).toMatchObject({ loadavg1: expect.any(Number), "cpu.idle.percentage": expect.any(Number) });
  });

  test("retire asks, then tells the server and forgets the host", async () => {
    const agent = runAgent();
    await expect.poll(() => server.points.length, within).toBeGreaterThan(5);
    const retire = ["retire", "--server", server.url, "--state-dir", state];
    const tooEarly = start([...retire, "--force"]);
    expect(await tooEarly.exit).toBe(1);
    expect(tooEarly.output).toContain("still runs");
    agent.child.kill("SIGTERM");
    await agent.exit;
    const refused = start(retire, "pipe");
    refused.child.stdin?.end("n\n");
    expect(await refused.exit).toBe(1);
    expect(refused.output).toContain("A retired host does not come back. [y/N] Nothing was changed.");
    const agreed = start(retire, "pipe");
    agreed.child.stdin?.end("yes\n");
    expect(await agreed.exit).toBe(0);
    const [host] = server.hosts.values();
    expect(host?.["isRetired"]).toBe(true);
    expect(existsSync(join(state, "id"))).toBe(false);
    const again = start([...retire, "--force"]);
    expect(await again.exit).toBe(1);
    expect(again.output).toContain("not registered");
  });

  test("install prepares another root: program, configuration for the owner only, unit; and repeats as an update", async () => {
    const root = join(folder, "root");
    const install = ["install", "--root", root, "--server", server.url, "--roles", "web:app", "--on-stop", "standby"];
    const done = start(install);
    expect(await done.exit).toBe(0);
    expect(done.output).not.toContain(server.key);
    const config = join(root, "etc/hinoban-agent.conf");
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(readFileSync(config, "utf8")).toBe(
      `# Settings of hinoban-agent; \`hinoban-agent --help\` lists them.\nserver = "${server.url}"\nkey = "${server.key}"\nroles = ["web:app"]\non_stop = "standby"\n`,
    );
    expect(readFileSync(join(root, "usr/local/lib/hinoban-agent/hinoban-agent.mjs"))).toEqual(readFileSync(bundle));
    const unit = readFileSync(join(root, "etc/systemd/system/hinoban-agent.service"), "utf8");
    expect(unit).toMatch(
      /^ExecStart="\/.*node" .*"\/usr\/local\/lib\/hinoban-agent\/hinoban-agent\.mjs" "run" "--config" "\/etc\/hinoban-agent\.conf"/mu,
    );
    expect(unit).toContain("User=hinoban-agent");
    writeFileSync(config, `# mine\n${readFileSync(config, "utf8")}memo = "keep"\n`);
    const again = start(["install", "--root", root, "--server", "https://new.example"]);
    expect(await again.exit).toBe(0);
    expect(readFileSync(config, "utf8")).toMatch(
      /^# mine\n[^]*server = "https:\/\/new\.example"\n[^]*roles = \["web:app"\]\n[^]*memo = "keep"\n$/u,
    );
    const gone = start(["uninstall", "--root", root]);
    expect(await gone.exit).toBe(0);
    expect(existsSync(join(root, "usr/local/lib/hinoban-agent"))).toBe(false);
    expect(existsSync(config)).toBe(true);
  });

  test("install --dry-run shows everything and changes nothing", async () => {
    const root = join(folder, "untouched");
    const shown = start(["install", "--dry-run", "--root", root, "--server", server.url]);
    expect(await shown.exit).toBe(0);
    expect(shown.output).toContain(`would write ${root}/etc/hinoban-agent.conf (0600)`);
    expect(shown.output).toContain("[Service]");
    expect(existsSync(root)).toBe(false);
  });
});
