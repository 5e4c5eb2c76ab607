import type { AddressInfo } from "node:net";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { listMembers } from "#wire/identity";
import { IncidentState, severities } from "#wire/alerting";
import { withCli } from "#test/cli";
import { withRig } from "#test/inventory-rig";
import { until } from "#test/until";
import { incidentSeverities, incidentStates } from "../../src/cli/table/incidents.ts";

const rig = withRig();
const cli = withCli(() => ({
  HINOBAN_APIBASE: `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`, // it listens on a port
  HINOBAN_APIKEY: rig.key,
}));
let host = "";
let email = "";

beforeAll(async () => {
  host = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "web01", meta: {}, roleFullnames: ["Shop:web"] } })).json.id;
  ({ email } = await rig.people.join(rig.people.first, "collaborator"));
});
let count = 0;
beforeEach(async () => {
  // Long enough apart that each alert makes an incident of its own.
  await rig.people.clock.advance(minutes(30));
});
/** Somebody's check finds something; the number of the incident that comes of it. */
async function find(status: "CRITICAL" | "OK" = "CRITICAL", name = `check-${(count += 1)}`): Promise<string> {
  const { db } = rig.people.identity;
  await db.tx({ organisationId: rig.people.first.actor.organisationId }, (tx) =>
    rig.incidents.report(tx, rig.people.clock.now(), [
      { origin: { kind: "check", id: name }, key: host, status, type: "check", name, message: "disk\nfull", hostId: host },
    ]),
  );
  return name;
}
const newest = async (): Promise<{ number: number; id: string; state: string; responder: string | null }> =>
  (await cli.call(["incidents", "--all"])).json.toSorted((a: { number: number }, b: { number: number }) => b.number - a.number)[0];

describe("incidents", () => {
  test("are listed with who has them, as JSON, as a table and by a template", async () => {
    await find();
    const { number } = await newest();
    const listed = await cli.call(["incidents"]);
    expect(listed.json).toContainEqual(
      expect.objectContaining({ number, state: "open", responder: null, severity: "critical", hosts: ["web01"], openAlerts: 1 }),
    );
    expect((await cli.call(["incidents", "list", "--table"])).out).toMatch(/^NUMBER\s+ID\s+SEVERITY/u);
    expect((await cli.call(["incidents", "--severity", "warning"])).json).toEqual([]);
    expect((await cli.call(["incidents", "--state", "gone"])).code).toBe(2);
    expect((await cli.call(["incidents", "-f", '{{range .}}#{{.number}}{{"\\n"}}{{end}}', "--text", `#${number}`])).out).toContain(
      `#${number}`,
    );
    expect((await cli.call(["incidents", "show", `#${number}`])).json).toMatchObject({
      number,
      members: [{}],
      timeline: [{ kind: "alerts-joined" }, { kind: "opened" }],
    });
  });

  test("are taken for a person, passed on, declined, given back, put off, commented and ended, each told in one line", async () => {
    await find();
    const { number } = await newest();
    const call = (...words: string[]) => cli.call(["incidents", ...words]);
    const nobody = await call("take", String(number));
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining("an API key is nobody")]);
    const taken = await call("take", String(number), "--person", email);
    expect([taken.code, taken.err]).toEqual([0, `   updated #${number} taken Name of ${email}\n`]);
    const lost = await call("take", String(number), "--person", "owner@example.jp");
    expect([lost.code, lost.err]).toEqual([1, expect.stringContaining(`Name of ${email} has this incident already.`)]);
    expect((await call("pass", String(number), "--to", "owner@example.jp", "-n", "shift ends", "--format", "json")).json).toMatchObject({
      responder: "Hanako Owner",
    });
    expect((await call("pass", String(number), "--to", "who@example.jp")).code).toBe(2);
    expect((await call("cannot", String(number), "--person", "owner@example.jp")).err).toBe(`   updated #${number} open\n`);
    expect((await call("take", String(number), "--person", email)).code).toBe(0);
    expect((await call("release", String(number))).err).toBe(`   updated #${number} open\n`);
    expect((await call("snooze", String(number))).code).toBe(2);
    expect((await call("snooze", String(number), "--for", "2h")).code).toBe(1); // the rig's clock is not the command line's
    expect((await cli.call(["incidents", "snooze", String(number), "--for", "2h"], { clock: rig.people.clock })).code).toBe(0);
    expect((await call("comment", String(number), "disk", "replaced")).code).toBe(0);
    expect((await call("resolve", String(number), "--note", "done")).err).toBe(`   updated #${number} resolved\n`);
    const shown = (await call("show", String(number))).json;
    expect(shown.timeline.map((line: { kind: string }) => line.kind)).toEqual([
      "resolved",
      "commented",
      "snoozed",
      "released",
      "taken",
      "declined",
      "passed",
      "taken",
      "alerts-joined",
      "opened",
    ]);
    expect(shown.timeline[1]).toMatchObject({ text: "disk replaced", via: "api" });
  });

  test("are watched: one line for each change, until its time is over", async () => {
    const { clock } = rig.people;
    const watching = cli.call(["incidents", "watch", "--every", "5s", "--for", "12s"], { clock });
    const waits = () => until("it waits", 10_000, () => clock.timers.includes("cli.watch"));
    await waits();
    await find();
    const { number } = await newest();
    await clock.advance(seconds(5));
    await waits();
    await cli.call(["incidents", "resolve", String(number)]);
    await clock.advance(seconds(5));
    const { out, code } = await watching;
    expect(code).toBe(0);
    const own = out.split("\n").filter((line) => line.includes(`\t#${number}\t`));
    expect(own.map((line) => line.split("\t")[2])).toEqual(["open", "resolved"]);
  });

  test("have the states and severities that the interface has", () => {
    expect(incidentStates).toEqual(IncidentState.anyOf.map((one) => one.const));
    expect(incidentSeverities).toEqual(severities);
    expect(listMembers.path).toBe("/orgs/:org/members");
  });
});

describe("alerts", () => {
  test("come as Mackerel has them, newest first and as many as asked for, across pages", async () => {
    for (let more = 0; more < 3; more += 1) await find();
    const all = (await cli.call(["alerts"])).json;
    expect(all[0]).toMatchObject({ status: "CRITICAL", type: "check", hostId: host, message: "disk\nfull" });
    expect((await cli.call(["alerts", "--limit", "2"])).json.map((one: { id: string }) => one.id)).toEqual(
      all.slice(0, 2).map((one: { id: string }) => one.id),
    );
  });

  test("are one line each, with monitor, host, its status and roles", async () => {
    await find();
    const [newestAlert] = (await cli.call(["alerts", "-l", "1"])).json;
    const line = (out: string): string => out.split("\n").find((one) => one.startsWith(newestAlert.id)) ?? "";
    const { out } = await cli.call(["alerts", "list"]);
    expect(line(out)).toMatch(/^\S{11} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d CRITICAL check disk full web01 working \[Shop: web\]$/u);
    expect((await cli.call(["alerts", "list", "--service", "Shop"])).out).toContain(newestAlert.id);
    expect((await cli.call(["alerts", "list", "-s", "Other"])).out).toBe("");
    expect((await cli.call(["alerts", "list", "-S", "standby"])).out).toBe("");
    expect((await cli.call(["alerts", "list", "--color"])).out).toContain("\u001B[31mCRITICAL\u001B[0m");
  });

  test("are closed with a reason, listed with the closed ones and show their log", async () => {
    await find();
    const [{ id }] = (await cli.call(["alerts", "-l", "1"])).json;
    const closed = await cli.call(["alerts", "close", "--reason", "false alarm", "-v", id]);
    expect([closed.err, closed.json]).toEqual([`   updated ${id}\n`, expect.objectContaining({ id, status: "OK", reason: "false alarm" })]);
    expect((await cli.call(["alerts"])).json.map((one: { id: string }) => one.id)).not.toContain(id);
    expect((await cli.call(["alerts", "-w"])).json.map((one: { id: string }) => one.id)).toContain(id);
    expect((await cli.call(["alerts", "logs", id])).json).toMatchObject([
      { status: "OK", trigger: "manual" },
      { status: "CRITICAL", trigger: "monitoring", statusDetail: { type: "check", detail: { message: "disk\nfull" } } },
    ]);
    expect((await cli.call(["alerts", "logs", "nothing"])).code).toBe(1);
    expect((await cli.call(["alerts", "close", "nothing"])).code).toBe(1);
    expect((await cli.call(["alerts", "close"])).code).toBe(2);
  });
});
