import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { recurrenceTypes, weekdayNames } from "#wire/downtimes";
import { withCli } from "#test/cli";
import { openFolder } from "#test/folder";
import { withRig } from "#test/inventory-rig";
import { downtimeStates, recurrences, weekdays } from "../../src/cli/table/downtimes.ts";

const rig = withRig();
const cli = withCli(() => ({
  HINOBAN_APIBASE: `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`, // it listens on a port
  HINOBAN_APIKEY: rig.key,
}));
const folder = openFolder("hinoban-cli-routing-");
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
let host = "";

beforeAll(async () => {
  host = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "web01", meta: {}, roleFullnames: ["Shop:web"] } })).json.id;
  await rig.ask("POST", "/api/v0/channels?", { body: { name: "Hook", type: "webhook", url: "https://example.jp/", events: ["alert"] } });
  await rig.ask("POST", "/api/v0/channels?", {
    body: { name: "Night", type: "webhook", url: "https://example.jp/", addToDefaultNotificationGroup: false, events: ["alert"] },
  });
});

describe("downtimes", () => {
  test("are started, listed, ended and deleted", async () => {
    const started = await cli.call(["downtimes", "start", "--for", "1h", "--host", host, "--name", "quiet"]);
    expect(started.json).toMatchObject({ name: "quiet", state: "active", covers: { hostScopes: ["web01"] }, repeats: null });
    const { id } = started.json;
    expect((await cli.call(["downtimes", "--host", host])).json).toMatchObject([{ id }]);
    expect((await cli.call(["downtimes", "list", "--state", "planned"])).json).toEqual([]);
    expect((await cli.call(["downtimes", "--table"])).out).toMatch(/^ID\s+NAME\s+STATE/u);
    await rig.people.clock.advance(60_000 as never);
    expect((await cli.call(["downtimes", "end", id])).err).toContain("updated");
    expect((await cli.call(["downtimes", "end", id])).code).not.toBe(0);
    expect((await cli.call(["downtimes", "delete", id])).err).toContain("deleted");
    expect((await cli.call(["downtimes"])).json).toEqual([]);
  });

  test("that repeat are planned, and tried out before", async () => {
    const when = ["--start", "2027-01-31T02:00:00Z", "--for", "90m", "--repeat", "monthly"];
    const { json: windows } = await cli.call(["downtimes", "preview", ...when]);
    expect(windows.map(({ from }: { from: string }) => new Date(from).toISOString()).slice(0, 3)).toEqual([
      "2027-01-31T02:00:00.000Z",
      "2027-02-28T02:00:00.000Z",
      "2027-03-31T02:00:00.000Z",
    ]);
    const words = "--start 2027-01-31T02:00:00Z --for 90m --repeat weekly --interval 2 --weekday Monday,Friday --role Shop:web";
    const { json } = await cli.call(["downtimes", "add", "--name", "Backup", ...words.split(" "), "--except-service", "Shop"]);
    expect(json).toMatchObject({
      state: "planned",
      repeats: "weekly/2 Monday,Friday",
      covers: { roleScopes: ["Shop:web"], serviceExcludeScopes: ["Shop"] },
    });
    expect((await cli.call(["downtimes", "add", "--name", "x", "--start", "now", "--for", "1h", "--role", "Shop:nope"])).err).toContain(
      "Shop:nope",
    );
    expect((await cli.call(["downtimes", "start"])).code).toBe(2);
  });

  test("know the words of the contracts", () => {
    expect(recurrences).toEqual(recurrenceTypes);
    expect(weekdays).toEqual(weekdayNames);
    expect(downtimeStates).toEqual(["active", "planned", "over"]);
  });
});

describe("notification groups", () => {
  test("go from the server to a file and back, by name", async () => {
    const night = fileOf("night.yaml", "name: Night\nnotificationLevel: critical\nchannels: [Night]\nservices: [Shop]\n");
    expect((await cli.call(["notification-groups", "apply", "-f", night])).err).toContain("created");
    const shown = await cli.call(["notification-groups", "show", "night"]);
    expect(shown.json).toEqual({ name: "Night", notificationLevel: "critical", channels: ["Night"], groups: [], services: ["Shop"] });
    const again = fileOf("again.json", JSON.stringify({ ...shown.json, notificationLevel: "all" }));
    expect((await cli.call(["notification-groups", "apply", "-f", again])).err).toContain("updated");
    expect((await cli.call(["notification-groups"])).json).toMatchObject([
      { type: "group-default", name: "Default", channels: ["Hook"] },
      { type: "group", name: "Night", notificationLevel: "all" },
    ]);
  });

  test("are tried out", async () => {
    const tried = await cli.call(["notification-groups", "try", "--host", host, "--status", "WARNING"]);
    expect(tried.json).toEqual([
      { channel: "Hook", via: "Default", told: true, because: null },
      { channel: "Night", via: "Night", told: true, because: null },
    ]);
    const { json: monitor } = await rig.ask("POST", "/api/v0/monitors?", {
      body: { type: "connectivity", name: "muted", isMute: true },
    });
    expect((await cli.call(["notification-groups", "try", "--monitor", monitor.id])).json).toMatchObject([
      { told: false, because: "muted" },
    ]);
  });

  test("are deleted, but not the default one, and no file that is none is taken", async () => {
    expect((await cli.call(["notification-groups", "delete", "Night"])).err).toContain("deleted");
    expect((await cli.call(["notification-groups", "delete", "Default"])).code).not.toBe(0);
    expect((await cli.call(["notification-groups", "delete", "Nobody"])).code).toBe(2);
    expect((await cli.call(["notification-groups", "apply", "-f", fileOf("bad.yaml", "a: [b")])).code).toBe(2);
    expect((await cli.call(["notification-groups", "apply", "-f", fileOf("x.yaml", "name: X\nchannels: [Nowhere]")])).err).toContain(
      "Nowhere",
    );
  });
});

test("alert groups are written from a file, listed and deleted", async () => {
  const file = fileOf("shop.yaml", "name: Shop\nserviceScopes: [Shop]\nnotificationInterval: 30\n");
  expect((await cli.call(["alert-groups", "apply", "-f", file])).err).toContain("created");
  expect((await cli.call(["alert-groups", "apply", "-f", file])).err).toContain("updated");
  expect((await cli.call(["alert-groups"])).json).toMatchObject([{ name: "Shop", serviceScopes: ["Shop"], notificationInterval: 30 }]);
  expect((await cli.call(["alert-groups", "delete", "Shop"])).err).toContain("deleted");
  expect((await cli.call(["alert-groups"])).json).toEqual([]);
});

describe("reports", () => {
  test("are made, listed, written to files and sent", async () => {
    expect((await cli.call(["reports", "make"])).err).toContain("administer");
    const env = { HINOBAN_APIKEY: await rig.newKey(rig.people.first, "administer") };
    const made = await cli.call(["reports", "make", "--language", "en"], { env });
    expect(made.json).toMatchObject({ period: "2026-01", language: "en", isComplete: false, sent: 0 });
    const { id } = made.json;
    expect((await cli.call(["reports", "--month", "2026-01"])).json).toMatchObject([{ id }]);
    expect((await cli.call(["reports", "list", "--month", "2025-12"])).json).toEqual([]);
    expect((await cli.call(["reports", "get", id])).json).toMatchObject({ period: "2026-01", calls: { requested: 0 } });
    const [html, csv] = [join(folder, "report.html"), join(folder, "report.csv")];
    expect((await cli.call(["reports", "get", "2026-01", "--html", html, "--csv", csv, "--language", "ja"])).code).toBe(0);
    expect(readFileSync(html, "utf8")).toContain("<h1>運用月次レポート 2026年1月</h1>");
    expect(readFileSync(csv, "utf8")).toMatch(/^\uFEFF運用月次レポート 2026年1月,/u);
    expect((await cli.call(["reports", "get", "2025-12"])).err).toContain("hinoban reports make --month 2025-12");
    expect((await cli.call(["reports", "make", "--month", "2030-01"], { env })).err).toContain("has not begun");
    expect((await cli.call(["reports", "send", id, "--to", "auditor@example.com"], { env })).err).toContain("1");
    expect((await cli.call(["reports", "send", id, "--to", "nobody"], { env })).code).not.toBe(0);
  });
});
