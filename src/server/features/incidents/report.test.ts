import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { withIncidents } from "#test/incidents-rig";

const rig = withIncidents();
let count = 0;
/** An origin that no other test of this file has. */
const fresh = (): { readonly kind: "monitor"; readonly id: string } => ({ kind: "monitor", id: `m${(count += 1)}` });

/** What the tests of this file look into. */
const stateOf = async (incidentId: string | undefined) => {
  const { rows } = await rig.people.owner.query("select * from incidents_incident where id = $1", [incidentId]);
  return rows[0];
};

describe("one alert", () => {
  test("opens with its incident, is repeated, changes and closes, and the incident ends with it", async () => {
    const origin = fresh();
    await rig.people.acts();
    const [opened] = await rig.report([{ origin, status: "WARNING", value: 91 }]);
    expect(opened).toEqual({ effect: "opened", alertId: expect.any(String), incidentId: expect.any(String) });
    expect(await rig.report([{ origin, status: "WARNING", value: 91 }])).toEqual([{ ...opened, effect: "repeated" }]);
    await rig.people.clock.advance(minutes(1));
    expect(await rig.report([{ origin, status: "CRITICAL", value: 99 }])).toEqual([{ ...opened, effect: "changed" }]);
    await rig.people.clock.advance(minutes(1));
    expect(await rig.report([{ origin, status: "OK", value: 10 }])).toEqual([{ ...opened, effect: "closed" }]);
    expect(await rig.report([{ origin, status: "OK", value: 10 }])).toEqual([{ effect: "none" }]);

    expect(rig.alertChanges.map(({ effect, from, alert, wasCritical }) => [effect, from, alert.status, alert.value, wasCritical])).toEqual([
      ["opened", "OK", "WARNING", 91, false],
      ["changed", "WARNING", "CRITICAL", 99, true],
      ["closed", "CRITICAL", "OK", 10, true],
    ]);
    expect(rig.incidentChanges.map(({ effect, incident }) => [effect, incident.state, incident.severity])).toEqual([
      ["opened", "open", "warning"],
      ["severity-raised", "open", "critical"],
      ["resolved", "resolved", "critical"],
    ]);
    const acts = await rig.people.acts();
    expect(acts.map((act) => act.verb)).toEqual([
      "incident.opened",
      "alert.opened",
      "alert.changed",
      "incident.severity-raised",
      "alert.closed",
      "incident.resolved",
    ]);
    expect(new Set(acts.map((act) => act.actor))).toEqual(new Set(["system:alerting"]));
  });

  test("has one log for each change", async () => {
    const origin = fresh();
    const [opened] = await rig.report([{ origin, status: "WARNING" }]);
    await rig.report([{ origin, status: "CRITICAL" }]);
    await rig.report([{ origin, status: "CRITICAL", message: "CPU % 97 > 90", value: 97 }]);
    await rig.report([{ origin, status: "OK" }]);
    const { rows } = await rig.people.owner.query("select status, trigger from incidents_alert_log where alert_id = $1 order by seq", [
      opened?.alertId,
    ]);
    expect(rows).toEqual([
      { status: "WARNING", trigger: "monitoring" },
      { status: "CRITICAL", trigger: "monitoring" },
      { status: "OK", trigger: "monitoring" },
    ]);
  });

  test("that is muted makes no incident, and gets one when it is unmuted", async () => {
    const origin = fresh();
    const [muted] = await rig.report([{ origin, isMuted: true }]);
    expect(muted).toEqual({ effect: "opened", alertId: expect.any(String) });
    expect(rig.incidentChanges).toEqual([]);
    const [unmuted] = await rig.report([{ origin }]);
    expect(unmuted).toEqual({ effect: "changed", alertId: muted?.alertId, incidentId: expect.any(String) });
    expect(rig.incidentChanges.map(({ effect }) => effect)).toEqual(["opened"]);
    await rig.report([{ origin, isMuted: true }]);
    expect(rig.incidentChanges.map(({ effect }) => effect)).toEqual(["opened", "resolved"]);
  });

  test("reported several times in one call goes through all of it", async () => {
    const origin = fresh();
    const outcomes = await rig.report([{ origin }, { origin, status: "OK" }, { origin, status: "WARNING" }]);
    expect(outcomes.map(({ effect }) => effect)).toEqual(["opened", "closed", "opened"]);
    expect(new Set(outcomes.map((one) => one.incidentId)).size).toBe(1);
    expect(rig.incidentChanges.map(({ effect }) => effect)).toEqual(["opened", "resolved", "reopened"]);
  });
});

describe("grouping", () => {
  test("joins alerts of the same host, of a role in common and of a group of the origin, within the window", async () => {
    const web1 = await rig.host("web1", "Shop:web", "Shop:all");
    const web2 = await rig.host("web2", "Shop:web");
    const db = await rig.host("db1", "Shop:db");
    const [first] = await rig.report([{ origin: fresh(), hostId: web1 }]);
    const [sameHost] = await rig.report([{ origin: fresh(), hostId: web1 }]);
    const [sameRole] = await rig.report([{ origin: fresh(), hostId: web2 }]);
    const [other] = await rig.report([{ origin: fresh(), hostId: db }]);
    expect([sameHost?.incidentId, sameRole?.incidentId]).toEqual([first?.incidentId, first?.incidentId]);
    expect(other?.incidentId).not.toBe(first?.incidentId);
    await rig.people.clock.advance(minutes(6));
    const [late] = await rig.report([{ origin: fresh(), hostId: web1 }]);
    expect(late?.incidentId).not.toBe(first?.incidentId);
    const source = { kind: "source", id: "alertmanager" } as const;
    const [one, two, three] = await rig.report([
      { origin: source, key: "a", group: "g1" },
      { origin: source, key: "b", group: "g1" },
      { origin: source, key: "c", group: "g2" },
    ]);
    expect(two?.incidentId).toBe(one?.incidentId);
    expect(three?.incidentId).not.toBe(one?.incidentId);
  });
});

describe("flapping", () => {
  test("an alert that comes back within minutes comes back into its incident", async () => {
    const origin = fresh();
    const [first] = await rig.report([{ origin }]);
    for (let round = 1; round <= 2; round += 1) {
      await rig.people.clock.advance(minutes(1));
      await rig.report([{ origin, status: "OK" }]);
      await rig.people.clock.advance(minutes(1));
      const [again] = await rig.report([{ origin }]);
      expect(again).toMatchObject({ effect: "opened", incidentId: first?.incidentId });
      expect(again?.alertId).not.toBe(first?.alertId);
    }
    expect(rig.incidentChanges.map(({ effect }) => effect)).toEqual(["opened", "resolved", "reopened", "resolved", "reopened"]);
    expect(rig.incidentChanges.at(-1)?.incident.title).toBe("CPU ×3");
    expect((await stateOf(first?.incidentId))?.is_flapping).toBe(false);

    await rig.report([{ origin, status: "OK" }]);
    await rig.people.clock.advance(minutes(1));
    await rig.report([{ origin }]);
    expect((await stateOf(first?.incidentId))?.is_flapping).toBe(true);
    rig.forget();
    await rig.report([{ origin, status: "OK" }]);
    expect(rig.incidentChanges).toEqual([]); // it waits for ten minutes of quiet
    await rig.incidents.lookNow();
    expect((await stateOf(first?.incidentId))?.state).toBe("open");
    await rig.people.clock.advance(minutes(10));
    await rig.incidents.lookNow();
    expect(rig.incidentChanges.map(({ effect }) => effect)).toEqual(["resolved"]);
    await rig.people.clock.advance(seconds(1));
  });

  test("after a quiet time it is a new incident", async () => {
    const origin = fresh();
    const [first] = await rig.report([{ origin }]);
    await rig.report([{ origin, status: "OK" }]);
    await rig.people.clock.advance(minutes(11));
    const [second] = await rig.report([{ origin }]);
    expect(second?.incidentId).not.toBe(first?.incidentId);
  });
});
