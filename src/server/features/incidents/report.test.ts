import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { withIncidents } from "#test/incidents-rig";
import { setDependencies } from "./set-dependencies.ts";
import { takeIncident } from "./take-incident.ts";

/** Hosts for which a downtime holds. */
const covered = new Set<string>();
const downtimes = {
  covers: async (_tx: unknown, _at: unknown, things: readonly { readonly hostId?: string | undefined }[]) =>
    things.map(({ hostId }) => (hostId !== undefined && covered.has(hostId) ? "downtime" : undefined)),
  monitorNames: async () => undefined,
};
const rig = withIncidents(() => ({ downtimes }));
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
    const incidentOf = async (hostId: string) => (await rig.report([{ origin: fresh(), hostId }]))[0]?.incidentId;
    const first = await incidentOf(web1);
    expect([await incidentOf(web1), await incidentOf(web2)]).toEqual([first, first]);
    expect(await incidentOf(db)).not.toBe(first);
    await rig.people.clock.advance(minutes(6));
    expect(await incidentOf(web1)).not.toBe(first);
  });

  test("keeps together what an origin groups, and apart what it does not", async () => {
    const source = { kind: "source", id: "alertmanager" } as const;
    const outcomes = await rig.report([
      { origin: source, key: "a", group: "g1" },
      { origin: source, key: "b", group: "g1" },
      { origin: source, key: "c", group: "g2" },
      { origin: source, key: "d" },
    ]);
    const ids = outcomes.map((one) => one.incidentId);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  test("never groups what Hinoban says about itself", async () => {
    const host = await rig.host("self", "Own:server");
    const outcomes = await rig.report([
      { origin: { kind: "system", id: "escalation" }, hostId: host },
      { origin: { kind: "system", id: "channel:1" }, hostId: host },
      { origin: fresh(), hostId: host },
    ]);
    expect(new Set(outcomes.map((one) => one.incidentId)).size).toBe(3);
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

describe("dependencies", () => {
  /** A router and a host behind it. */
  async function behind(): Promise<{ router: string; web: string }> {
    const [router, web] = [await rig.host("router"), await rig.host("web")];
    await setDependencies(rig.incidents, rig.people.first.actor, { hostId: web, dependsOn: [router] });
    return { router, web };
  }
  const down = { key: "c", type: "connectivity", name: "connectivity" } as const;
  const close = (origin: { readonly kind: "monitor"; readonly id: string }, key = "") => rig.report([{ origin, key, status: "OK" }]);

  test("an alert of a host behind one that is down joins quietly, and speaks for itself once that is up again", async () => {
    const { router, web } = await behind();
    const [routerOrigin, webOrigin] = [fresh(), fresh()];
    const [cause] = await rig.report([{ origin: routerOrigin, ...down, hostId: router }]);
    rig.forget();
    const [consequence] = await rig.report([{ origin: webOrigin, hostId: web }]);
    expect(consequence?.incidentId).toBe(cause?.incidentId);
    expect(rig.incidentChanges).toEqual([]);
    expect(rig.alertChanges.map(({ alert }) => alert.inhibitedBy)).toEqual([router]);
    rig.forget();
    await close(routerOrigin, "c");
    expect(rig.alertChanges.map(({ effect, from, alert }) => [effect, from, alert.status, alert.inhibitedBy])).toEqual([
      ["closed", "CRITICAL", "OK", undefined],
      ["changed", "CRITICAL", "CRITICAL", undefined],
    ]);
    expect((await stateOf(cause?.incidentId))?.state).toBe("open");
    await close(webOrigin);
    expect((await stateOf(cause?.incidentId))?.state).toBe("resolved");
  });

  test("the outage of a host takes over what nobody has yet of the hosts behind it", async () => {
    const { router, web } = await behind();
    const other = await rig.host("other");
    await setDependencies(rig.incidents, rig.people.first.actor, { hostId: other, dependsOn: [router] });
    const [first] = await rig.report([{ origin: fresh(), hostId: web }]);
    const [second] = await rig.report([{ origin: fresh(), hostId: other }]);
    expect(second?.incidentId).not.toBe(first?.incidentId);
    rig.forget();
    const [cause] = await rig.report([{ origin: fresh(), ...down, hostId: router }]);
    expect(cause?.incidentId).toBe(first?.incidentId);
    expect(rig.incidentChanges.map(({ effect, incident }) => [effect, incident.id, incident.mergedInto])).toEqual([
      ["resolved", second?.incidentId, first?.incidentId],
      ["joined", first?.incidentId, undefined],
    ]);
    const alerts = await rig.tx((tx) => rig.incidents.alertsOf(tx, first?.incidentId ?? ""));
    expect(alerts.length).toBe(3);
  });

  test("an incident that somebody has is not taken over", async () => {
    const { router, web } = await behind();
    const other = await rig.host("third");
    await setDependencies(rig.incidents, rig.people.first.actor, { hostId: other, dependsOn: [router] });
    await rig.report([{ origin: fresh(), hostId: web }]);
    const [taken] = await rig.report([{ origin: fresh(), hostId: other }]);
    await takeIncident(rig.incidents, rig.people.first.actor, { incidentId: taken?.incidentId ?? "", via: "api" });
    await rig.report([{ origin: fresh(), ...down, hostId: router }]);
    expect((await stateOf(taken?.incidentId))?.state).toBe("taken");
  });
});

describe("what is covered by a downtime", () => {
  test("is not opened when another product reports it, and is when a monitor says so, who asked already", async () => {
    const web = await rig.host("covered");
    covered.add(web);
    const outcomes = await rig.report([
      { origin: { kind: "source", id: "am" }, key: "x", hostId: web },
      { origin: fresh(), hostId: web },
    ]);
    expect(outcomes.map((one) => one.effect)).toEqual(["none", "opened"]);
    covered.clear();
    expect((await rig.report([{ origin: { kind: "source", id: "am" }, key: "x", hostId: web }]))[0]?.effect).toBe("opened");
  });
});

describe("odd reports", () => {
  test("are cut to what can be kept", async () => {
    const [outcome] = await rig.report([
      {
        origin: fresh(),
        key: "k\0\ud800",
        name: "n".repeat(300),
        message: `\0${"火".repeat(2000)}\udc00`,
        value: Number.NaN,
        detail: { text: "\0\ud800", big: "x".repeat(40_000) },
      },
    ]);
    const [alert] = await rig.tx((tx) => rig.incidents.alertsOf(tx, outcome?.incidentId ?? ""));
    expect([alert?.name.length, alert?.message.length, alert?.value, alert?.key]).toEqual([255, 1024, undefined, "k\ufffd"]);
    expect(alert?.detail).toEqual({ truncated: true });
    expect(await rig.report([])).toEqual([]);
  });

  test("with an origin or key that could not be found again are refused, and nothing is written", async () => {
    const long = "x".repeat(256);
    const good = fresh();
    await expect(rig.report([{ origin: good }, { origin: { kind: "monitor", id: "" } }])).rejects.toThrow(/origin\.id/);
    await expect(rig.report([{ origin: good }, { origin: fresh(), key: long }])).rejects.toThrow(/key/);
    expect(await rig.tx((tx) => rig.incidents.openAlertsOf(tx, good))).toEqual([]);
  });

  test("another organisation's alerts are its own", async () => {
    const theirs = await rig.people.another("theirs");
    const origin = fresh();
    await rig.report([{ origin }]);
    expect(await rig.tx((tx) => rig.incidents.openAlertsOf(tx, origin), theirs)).toEqual([]);
    const [opened] = await rig.tx(
      (tx) => rig.incidents.report(tx, rig.now(), [{ origin, key: "", status: "CRITICAL", type: "host", name: "x", message: "" }]),
      theirs,
    );
    expect(opened?.effect).toBe("opened");
    expect(rig.incidentChanges.at(-1)?.incident.number).toBe(1);
  });
});
