import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withCli, type CliEnd } from "#test/cli";
import { withRig } from "#test/inventory-rig";

const rig = withRig();
const url = (): string => `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`; // it listens on a port
const cli = withCli(() => ({ HINOBAN_APIBASE: url(), HINOBAN_APIKEY: rig.key }));
const call = (line: string): Promise<CliEnd> => cli.call(line.split(" "));
const file = (name = "monitors.json"): string => join(cli.folder, name);

const load = {
  type: "host",
  name: "load",
  metric: "loadavg5",
  operator: ">",
  warning: 5,
  critical: null,
  duration: 3,
  scopes: ["Shop: web"],
};
const site = { type: "external", name: "site", url: "https://shop.example.jp", maxCheckAttempts: 3, headers: [] };

beforeAll(async () => {
  await rig.ask("POST", "/api/v0/hosts?", { body: { name: "h", meta: {}, roleFullnames: ["Shop:web"] } });
  for (const body of [load, site]) await rig.ask("POST", "/api/v0/monitors?", { body });
  await rig.ask("POST", "/api/v1/orgs/first/monitors", {
    body: { settings: { type: "ping", name: "ours", probe: { kind: "ping", host: "a.example" } } },
  });
});

describe("monitors", () => {
  test("are pulled, and what was pulled is what the server has", async () => {
    const { code, err } = await call("monitors pull");
    expect([code, err]).toEqual([0, expect.stringContaining("Monitor rules are saved to 'monitors.json' (2 rules).")]);
    const { monitors } = JSON.parse(readFileSync(file(), "utf8"));
    expect(monitors).toEqual([
      { id: expect.any(String), ...site },
      { id: expect.any(String), ...load },
    ]);
    expect((await call("monitors")).json).toEqual(monitors);
    const { out, code: same } = await call("monitors diff -e");
    expect([out, same]).toEqual(["Summary: 0 modify, 0 append, 0 remove\n", 0]);
    expect((await call("monitors push")).err).toBe("");
  });

  test("are compared line by line, and a push does just what the comparison said", async () => {
    await call("monitors pull -F edited.json");
    const { monitors } = JSON.parse(readFileSync(file("edited.json"), "utf8"));
    const [first, second] = monitors;
    const added = { type: "connectivity", name: "gone", scopes: [] };
    writeFileSync(file("edited.json"), JSON.stringify({ monitors: [{ ...second, warning: 0, memo: "" }, added] }));
    const { out, code } = await call("monitors diff --exit-code --file-path edited.json");
    expect(code).toBe(1);
    expect(out).toContain("Summary: 1 modify, 1 append, 1 remove");
    expect(out).toContain('-  "warning": 5');
    expect(out).toContain('+  "warning": 0');
    expect(out).toContain(`-  "id": "${first.id}"`);
    expect((await call("monitors push -F edited.json --dry-run")).err).toMatch(/created gone[\s\S]*deleted \S+ site[\s\S]*updated/u);
    expect((await call("monitors diff -F edited.json")).out).toContain("1 modify, 1 append, 1 remove");
    expect((await call("monitors push -F edited.json")).code).toBe(0);
    expect((await call("monitors")).json).toEqual([
      { id: expect.any(String), type: "connectivity", name: "gone", scopes: [] },
      { ...second, warning: 0, memo: "" },
    ]);
    // The new rule has no id in the file: it is found again by its name.
    expect((await call("monitors diff -e -F edited.json")).code).toBe(0);
    expect((await rig.ask("GET", "/api/v1/orgs/first/monitors?type=ping")).json.total).toBe(1);
  });

  test("are muted and speak again by their ids", async () => {
    const [{ id }] = (await call("monitors")).json;
    expect((await call(`monitors mute ${id}`)).err).toContain("1 monitor");
    expect((await call("monitors")).json[0]).toMatchObject({ isMute: true });
    await call(`monitors unmute ${id}`);
    expect((await call("monitors")).json[0]).toMatchObject({ isMute: false });
  });

  test("of a file that is none are refused before anything is sent", async () => {
    writeFileSync(file("bad.json"), "{");
    expect((await call("monitors push -F bad.json")).code).toBe(2);
    writeFileSync(file("bad.json"), "{}");
    expect((await call("monitors push -F bad.json")).err).toContain("holds no list of monitors");
    expect((await call("monitors diff -F missing.json")).code).toBe(2);
  });
});
