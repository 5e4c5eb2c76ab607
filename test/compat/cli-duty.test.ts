import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hours } from "#base/duration";
import { registerDuty } from "#features/duty";
import { registerIdentityV0 } from "#features/identity";
import { createApp, serveV0, type Served } from "#http";
import { withCli } from "#test/cli";
import { idOf, instant, withDuty } from "#test/duty-rig";
import { createKey } from "../../src/server/features/identity/create-key.ts";

const rig = withDuty();
let served: Served;
let key = "";
const origin = (): string => `http://127.0.0.1:${(served.app.server.address() as AddressInfo).port}`; // it listens on a port
const cli = withCli(() => ({ HINOBAN_APIBASE: origin(), HINOBAN_APIKEY: key, TZ: "Asia/Tokyo" }));

beforeAll(async () => {
  const { people } = rig;
  served = { app: await createApp({ logger: pino({ level: "silent" }), version: "0", trustProxy: [] }), gate: people.gate };
  registerDuty(served, rig.duty);
  await serveV0(served, [(v0) => registerIdentityV0(v0, people.identity)]);
  await served.app.listen({ host: "127.0.0.1", port: 0 });
  key = (await createKey(people.identity, people.first.actor, { name: "cli", rights: "read-write" })).secret.reveal();
  await rig.make({ name: "Night" });
});
afterAll(() => served.app.close());

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${origin()}${path}`, { headers: { "x-api-key": key, ...headers } });

describe("the command line", () => {
  test("tells who is on duty, overrides, proposes swaps, and takes shifts in and out", async () => {
    const names = { hanako: "Name of hanako@example.jp", jiro: "Name of jiro@example.jp" };
    expect((await cli.call(["duty"])).json).toMatchObject([{ schedule: "Night", onDuty: [names.hanako] }]);
    expect((await cli.call(["duty", "list"])).json).toMatchObject([{ name: "Night", layers: 1 }]);
    const at = String(Math.floor(rig.people.clock.now() / 1000));
    const override = ["duty", "override", "Night", "-p", "jiro@example.jp", "--from", at, "--for", "4h", "--reason", "dentist"];
    expect((await cli.call(override)).code).toBe(0);
    expect((await cli.call(["duty", "--at", at])).json).toMatchObject([{ onDuty: [names.jiro] }]);
    const shifts = await cli.call(["duty", "shifts", "Night", "--from", at, "--to", String(Number(at) + 86_400)]);
    expect(shifts.json).toMatchObject([{ onDuty: [names.jiro] }, { onDuty: [names.hanako] }]);
    const swap = ["duty", "swap", "Night", "-p", "hanako@example.jp", "--with", "taro@example.jp"];
    const day = instant("2026-01-11T09:00+09:00") / 1000;
    expect((await cli.call([...swap, "--from", String(day), "--for", "1d"])).code).toBe(0);
    expect((await cli.call(["duty", "swaps"])).json).toMatchObject([{ gives: names.hanako, acceptedBy: [] }]);
    const exported = await cli.call(["duty", "export", "Night"]);
    expect(exported.out.startsWith("BEGIN:VCALENDAR\r\n")).toBe(true);
    writeFileSync(join(cli.folder, "january.csv"), "日付,担当\n2026-01-20,jiro@example.jp\n2026-01-21,Nobody\n");
    const imported = await cli.call(["duty", "import", "Night", "--file", "january.csv"]);
    expect([imported.code, imported.err]).toEqual([0, expect.stringContaining("Nobody")]);
    expect((await cli.call(["duty", "--at", "2026-01-20T12:00"])).json).toMatchObject([{ onDuty: [names.jiro] }]);
    writeFileSync(join(cli.folder, "back.ics"), exported.out);
    expect((await cli.call(["duty", "import", "Night", "--file", "back.ics", "--layer", "january"])).code).toBe(0);
    expect((await cli.call(["duty", "list", "-v"])).json).toMatchObject([
      { layers: [{ name: "base" }, { name: "january", kind: "table" }] },
    ]);
  });

  test("says what is wrong before anything is sent", async () => {
    for (const [words, problem] of [
      [["duty", "override", "Nights", "-p", "x", "--for", "1h"], "There is no schedule Nights."],
      [["duty", "override", "Night", "-p", "nobody@example.jp", "--for", "1h"], "Nobody here has the address"],
      [["duty", "override", "Night", "-p", "x"], "Say when it ends"],
      [["duty", "swap", "Night", "-p", "x", "--with", "y", "--for", "1h", "--take-from", "0"], "come together"],
      [["duty", "import", "Night", "--file", "missing.ics"], "cannot be read"],
    ] as const) {
      const said = await cli.call([...words]);
      expect(said.code).not.toBe(0);
      expect(said.err).toContain(problem);
    }
  });
});

describe("over the network", () => {
  test("a secret address is a calendar, and nothing without its secret", async () => {
    const made = await fetch(`${origin()}/api/v1/orgs/first/duty/feeds`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ personId: idOf(rig.taro) }),
    });
    const { path } = (await made.json()) as { path: string }; // the contract's answer
    const read = await fetch(`${origin()}${path}`);
    expect([read.status, read.headers.get("content-type"), read.headers.get("x-robots-tag")]).toEqual([
      200,
      "text/calendar; charset=utf-8",
      "noindex",
    ]);
    expect(await read.text()).toContain("SUMMARY:Night");
    for (const wrong of [path.replace(/.{4}\.ics$/u, "AAAA.ics"), "/duty-calendar/x.ics", `${path}x`, path.replace(".ics", "")]) {
      expect((await fetch(`${origin()}${wrong}`)).status).toBe(404);
    }
  });

  test("ranges, previews and people of one's own are checked at the door", async () => {
    const now = rig.people.clock.now();
    const [schedule] = ((await (await ask("/api/v1/orgs/first/schedules")).json()) as { schedules: { id: string }[] }).schedules; // the contract's answer
    const at = `/api/v1/orgs/first/schedules/${schedule?.id ?? ""}`;
    expect((await ask(`${at}/shifts?from=${now}&to=${now + hours(24)}`)).status).toBe(200);
    expect((await ask(`${at}/shifts?from=${now}&to=${now}`)).status).toBe(400);
    expect((await ask(`${at}/shifts?from=0&to=${now}`)).status).toBe(400);
    expect((await ask(`/api/v1/orgs/first/duty/people/me/shifts?from=${now}&to=${now + 1000}`)).status).toBe(400);
    expect((await ask("/api/v1/orgs/first/calendars/weekdays/days?from=2026-01-01&to=2026-02-30")).status).toBe(400);
    const days = (await (await ask("/api/v1/orgs/first/calendars/weekdays/days?from=2026-01-01&to=2026-01-01")).json()) as object; // the contract's answer
    expect(days).toEqual({ days: [{ date: "2026-01-01", isWorking: false, isHoliday: true, name: { en: "New Year's Day", ja: "元日" } }] });
    const preview = await fetch(`${origin()}/api/v1/orgs/first/schedules/preview`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ timeZone: "Asia/Tokyo", layers: [rig.rotation()], from: now, to: now + hours(48) }),
    });
    expect(await preview.json()).toMatchObject({ shifts: [{}, {}], gaps: [], warnings: [] });
  });
});
