import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiClient } from "#test/api-client";
import { openFolder } from "#test/folder";
import { until } from "#test/until";
import { graphCard, openGraphTable, rowsOf } from "./support/graph-table.ts";
import { withHouse } from "./support/house.ts";
import { org, sato, settle } from "./support/seed.ts";

const agentFile = fileURLToPath(new URL("../../dist/hinoban-agent.js", import.meta.url));
const places = ["/etc/hinoban-agent.conf", "/etc/systemd/system/hinoban-agent.service"];

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line as a shell does. */
function shell(line: string): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile("/bin/sh", ["-c", line], { timeout: 60_000 }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe("adding a host", () => {
  const house = withHouse({ agent: false });
  let key: ApiClient;
  let line: string;
  let agent: ChildProcess | undefined;
  let state: string;
  beforeAll(async () => {
    ({ key } = await settle(house.url, house.setupUrl));
    state = openFolder("hinoban e2e agent ");
  });
  afterAll(async () => {
    if (agent?.exitCode === null) {
      const ended = new Promise((resolve) => agent?.once("exit", resolve));
      agent.kill("SIGTERM");
      await ended;
    }
    rmSync(state, { recursive: true, force: true });
  });

  test("the page without hosts gives the line, with a key made on the spot", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts`);
    await page.getByRole("heading", { name: "No host yet" }).waitFor();
    await page.getByRole("button", { name: "Create API key" }).click();
    await page.getByText("The new key stands in the command.").waitFor();
    line = await page.getByRole("textbox", { name: "Install command" }).inputValue();
    expect(line).toMatch(/^curl -fsSL -H 'X-Api-Key: [\w-]+' http:\/\/127\.0\.0\.1:\d+\/install\.sh \| sudo sh$/u);
    expect(complaints).toEqual([]);
  });

  test("the line fetches the agent of this build and, as a dry run, shows every step and changes nothing", async () => {
    const before = places.map((path) => existsSync(path));
    const { code, stdout, stderr } = await shell(line.replace("| sudo sh", "| sh -s -- --dry-run"));
    expect([code, stderr]).toEqual([0, expect.stringContaining(`fetching ${house.url}/agent/hinoban-agent.js`)]);
    for (const place of places) expect(stdout).toContain(place);
    expect(stdout).toContain("ExecStart=");
    expect(places.map((path) => existsSync(path))).toEqual(before);

    const served = Buffer.from(await (await fetch(`${house.url}/agent/hinoban-agent.js`)).arrayBuffer());
    expect(served.equals(readFileSync(agentFile))).toBe(true);
    const script = await key.call<string>("GET", "/install.sh");
    expect(script.body).toContain(createHash("sha256").update(served).digest("hex"));
  });

  test("a wrong key gets no script", async () => {
    const { code, stdout } = await shell(line.replace(/X-Api-Key: [\w-]+/u, "X-Api-Key: wrong").replace("| sudo sh", ""));
    expect([code, stdout]).toEqual([22, ""]);
  });

  test("an agent started with the key registers itself, and its graphs appear on the page that waits for it", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts`);
    await page.getByRole("heading", { name: "No host yet" }).waitFor();
    const secret = /X-Api-Key: ([\w-]+)/u.exec(line)?.[1];
    const args = ["run", "--config", "none", "--server", house.url, "--state-dir", `${state}/state`, "--host-name", "second-01.example.jp"];
    agent = spawn(process.execPath, [agentFile, ...args], { env: { ...process.env, HINOBAN_AGENT_KEY: secret }, stdio: "ignore" });

    const host = page.getByRole("link", { name: "second-01.example.jp" });
    await host.waitFor({ timeout: 60_000 });
    await host.click();
    await graphCard(page, "Load average").waitFor({ timeout: 60_000 });
    const table = await openGraphTable(page, "Load average", { options: "Options of", asTable: "Show as table" });
    await until("its first point is there", 60_000, async () => (await rowsOf(table)).length > 0);
    expect((await rowsOf(table))[0]?.values[0]).toMatch(/^\d/u);
    expect(complaints).toEqual([]);
  });
});
