import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addTime, minutes } from "#base/duration";
import { withIncidents } from "#test/incidents-rig";
import type { Somebody } from "#test/people";
import { changeAlert } from "./change-alert.ts";
import { changeGrouping } from "./change-grouping.ts";
import { closeAlert } from "./close-alert.ts";
import { commentIncident } from "./comment-incident.ts";
import { createGroupSetting } from "./create-group-setting.ts";
import { declineIncident } from "./decline-incident.ts";
import { mergeIncident } from "./merge-incidents.ts";
import { openIncident } from "./open-incident.ts";
import { passIncident } from "./pass-incident.ts";
import { releaseIncident } from "./release-incident.ts";
import { renameIncident } from "./rename-incident.ts";
import { reopenIncident } from "./reopen-incident.ts";
import { resolveIncident } from "./resolve-incident.ts";
import { setDependencies } from "./set-dependencies.ts";
import { snoozeIncident } from "./snooze-incident.ts";
import { splitIncident } from "./split-incident.ts";
import { takeIncident } from "./take-incident.ts";
import { wakeIncident } from "./wake-incident.ts";

const rig = withIncidents();
let sato: Somebody;
let tanaka: Somebody;
let viewer: Somebody;
let origin: { readonly kind: "monitor"; readonly id: string };
/** The incident of each test. */
let id = "";
let alertId = "";
let count = 0;

const via = "console";

beforeAll(async () => {
  sato = await rig.people.join(rig.people.first, "collaborator", "sato@example.jp");
  tanaka = await rig.people.join(rig.people.first, "collaborator", "tanaka@example.jp");
  viewer = await rig.people.join(rig.people.first, "viewer", "viewer@example.jp");
});

beforeEach(async () => {
  origin = { kind: "monitor", id: `m${(count += 1)}` };
  const [outcome] = await rig.report([{ origin, status: "WARNING" }]);
  id = outcome?.incidentId ?? "";
  alertId = outcome?.alertId ?? "";
  await rig.people.acts();
  rig.forget();
});

/** Verb, actor and detail of what was recorded since. */
const recorded = async (): Promise<(readonly [string, string, unknown])[]> =>
  (await rig.people.acts()).map((act) => [act.verb, act.actor, act.detail] as const);

const by = (somebody: Somebody): string => `person:${somebody.actor.personId}`;

describe("an incident without alerts", () => {
  test("is opened by a person and ends only by one", async () => {
    await rig.host("shop1", "Shop:web");
    await rig.people.acts();
    const opened = await openIncident(rig.incidents, sato.actor, { title: "電源が落ちた", severity: "critical", services: ["Shop"], via });
    expect(opened).toMatchObject({ state: "open", severity: "critical", serviceIds: [expect.any(String)] });
    expect(await recorded()).toEqual([
      ["incident.opened", by(sato), expect.objectContaining({ cause: "person", severity: "critical", number: opened.number })],
    ]);
    await mergeIncident(rig.incidents, sato.actor, { incidentId: opened.id, otherId: id, via });
    await rig.report([{ origin, status: "OK" }]);
    expect(await rig.tx((tx) => rig.incidents.factsOf(tx, opened.id))).toMatchObject({ state: "open" });
    await expect(
      openIncident(rig.incidents, sato.actor, { title: "x", severity: "warning", services: ["None"], via }),
    ).rejects.toMatchObject({ code: "invalid-input" });
  });
});

describe("splitting and merging", () => {
  const second = async (): Promise<string> => {
    const host = await rig.host(`split${count}`);
    const outcomes = await rig.report([
      { origin, key: "a", hostId: host },
      { origin, key: "b", hostId: host, name: "Disk" },
    ]);
    return outcomes[0]?.incidentId ?? "";
  };

  test("alerts split out have an incident of their own, which the same person has", async () => {
    const incidentId = await second();
    await takeIncident(rig.incidents, sato.actor, { incidentId, via });
    const alerts = await rig.tx((tx) => rig.incidents.alertsOf(tx, incidentId));
    await rig.people.acts();
    rig.forget();
    const { incident, original } = await splitIncident(rig.incidents, sato.actor, { incidentId, via, alertIds: [alerts[1]?.id ?? ""] });
    expect([incident.state, incident.responderId, incident.title]).toEqual(["taken", sato.actor.personId, "Disk"]);
    expect(original.state).toBe("taken");
    expect((await recorded()).map(([verb]) => verb)).toEqual(["incident.opened", "incident.split"]);
    expect(rig.incidentChanges.map(({ effect, incident: one }) => [effect, one.id])).toEqual([
      ["opened", incident.id],
      ["taken", incident.id],
    ]);
    expect((await rig.tx((tx) => rig.incidents.alertsOf(tx, incident.id))).map((one) => one.key)).toEqual(["b"]);
    await rig.report([{ origin, key: "b", status: "OK" }]);
    expect(rig.effects().at(-1)).toBe(`resolved ${incident.number}`);
  });

  test("nothing may be split out that is not in it, nor all of it", async () => {
    const split = (alertIds: string[]) => splitIncident(rig.incidents, sato.actor, { incidentId: id, via, alertIds });
    await expect(split(["none"])).rejects.toMatchObject({ code: "invalid-input" });
    await expect(split([alertId])).rejects.toMatchObject({ code: "conflict" });
  });

  test("merging moves the alerts, ends the other, and keeps its responder when there was none", async () => {
    const otherId = await second();
    await takeIncident(rig.incidents, tanaka.actor, { incidentId: otherId, via });
    await rig.people.acts();
    rig.forget();
    const facts = await mergeIncident(rig.incidents, sato.actor, { incidentId: id, otherId, via });
    expect(facts).toMatchObject({ state: "taken", responderId: tanaka.actor.personId, severity: "critical" });
    expect((await recorded()).map(([verb]) => verb)).toEqual(["incident.resolved", "incident.merged", "incident.severity-raised"]);
    expect(rig.incidentChanges.map(({ effect, incident }) => [effect, incident.id])).toEqual([
      ["resolved", otherId],
      ["taken", id],
      ["joined", id],
      ["severity-raised", id],
    ]);
    expect(await rig.tx((tx) => rig.incidents.factsOf(tx, otherId))).toMatchObject({ state: "resolved", mergedInto: id });
    expect((await rig.tx((tx) => rig.incidents.alertsOf(tx, id))).length).toBe(3);
    await expect(reopenIncident(rig.incidents, sato.actor, { incidentId: otherId, via })).rejects.toMatchObject({ code: "conflict" });
    await expect(mergeIncident(rig.incidents, sato.actor, { incidentId: id, otherId: id, via })).rejects.toMatchObject({
      code: "invalid-input",
    });
    await expect(mergeIncident(rig.incidents, sato.actor, { incidentId: id, otherId, via })).rejects.toMatchObject({ code: "conflict" });
  });

  test("an alert that comes back after its incident was merged comes back into the other", async () => {
    const otherId = await second();
    await mergeIncident(rig.incidents, sato.actor, { incidentId: id, otherId, via });
    await rig.report([{ origin, key: "a", status: "OK" }]);
    const [again] = await rig.report([{ origin, key: "a" }]);
    expect(again?.incidentId).toBe(id);
  });
});

test("an alert is closed by hand with a reason, its memo changed", async () => {
  await changeAlert(rig.incidents, sato.actor, { id: alertId, memo: "see wiki" });
  await closeAlert(rig.incidents, sato.actor, { id: alertId, reason: "planned" });
  await closeAlert(rig.incidents, sato.actor, { id: alertId, reason: "again" });
  expect((await recorded()).map(([verb, actor]) => [verb, actor])).toEqual([
    ["alert.memo-changed", by(sato)],
    ["alert.closed", by(sato)],
    ["incident.resolved", by(sato)],
  ]);
  expect(rig.alertChanges.map(({ trigger, by: person }) => [trigger, person])).toEqual([["manual", sato.actor.personId]]);
});

describe("settings", () => {
  test("how alerts are grouped is changed by managers, and holds from then on", async () => {
    const { first } = rig.people;
    expect(await changeGrouping(rig.incidents, first.actor, { byRole: false, windowMinutes: 0 })).toMatchObject({
      byRole: false,
      byHost: true,
    });
    expect(await recorded()).toEqual([["alerting.grouping-changed", by(first), { fields: ["windowMinutes", "byRole"] }]]);
    const host = await rig.host("alone");
    const outcomes = await rig.report([
      { origin, key: "x", hostId: host },
      { origin, key: "y", hostId: host },
    ]);
    expect(new Set(outcomes.map((one) => one.incidentId)).size).toBe(2);
    await changeGrouping(rig.incidents, first.actor, { byRole: true, windowMinutes: 5 });
  });

  test("dependencies are replaced as a whole, and make no circle", async () => {
    const [a, b, c] = [await rig.host("a"), await rig.host("b"), await rig.host("c")];
    await rig.people.acts();
    const set = (hostId: string, dependsOn: string[]) => setDependencies(rig.incidents, sato.actor, { hostId, dependsOn });
    expect(await set(a, [b])).toEqual([{ host: { id: a, name: "a" }, dependsOn: { id: b, name: "b" } }]);
    await set(b, [c]);
    await expect(set(c, [a])).rejects.toMatchObject({ code: "conflict" });
    await expect(set(c, [c])).rejects.toMatchObject({ code: "invalid-input" });
    await expect(set(c, ["none"])).rejects.toMatchObject({ code: "invalid-input" });
    await expect(set("none", [a])).rejects.toMatchObject({ code: "not-found" });
    expect(await set(a, [c])).toEqual([{ host: { id: a, name: "a" }, dependsOn: { id: c, name: "c" } }]);
    expect((await recorded()).map(([verb, , detail]) => [verb, detail])).toEqual([
      ["host.dependencies-changed", { added: [b], removed: [] }],
      ["host.dependencies-changed", { added: [c], removed: [] }],
      ["host.dependencies-changed", { added: [c], removed: [b] }],
    ]);
  });
});

describe("a viewer", () => {
  const on = () => ({ incidentId: id, via }) as const;
  test.each<[string, () => Promise<unknown>]>([
    ["takes", () => takeIncident(rig.incidents, viewer.actor, on())],
    ["passes on", () => passIncident(rig.incidents, viewer.actor, { ...on(), to: sato.actor.personId })],
    ["declines", () => declineIncident(rig.incidents, viewer.actor, on())],
    ["releases", () => releaseIncident(rig.incidents, viewer.actor, on())],
    ["snoozes", () => snoozeIncident(rig.incidents, viewer.actor, { ...on(), until: addTime(rig.now(), minutes(1)) })],
    ["wakes", () => wakeIncident(rig.incidents, viewer.actor, on())],
    ["resolves", () => resolveIncident(rig.incidents, viewer.actor, on())],
    ["reopens", () => reopenIncident(rig.incidents, viewer.actor, on())],
    ["comments", () => commentIncident(rig.incidents, viewer.actor, { ...on(), text: "x" })],
    ["renames", () => renameIncident(rig.incidents, viewer.actor, { ...on(), title: "x" })],
    ["splits", () => splitIncident(rig.incidents, viewer.actor, { ...on(), alertIds: [alertId] })],
    ["merges", () => mergeIncident(rig.incidents, viewer.actor, { ...on(), otherId: "x" })],
    ["opens", () => openIncident(rig.incidents, viewer.actor, { title: "x", severity: "warning", via })],
    ["closes an alert", () => closeAlert(rig.incidents, viewer.actor, { id: alertId })],
    ["writes a memo", () => changeAlert(rig.incidents, viewer.actor, { id: alertId, memo: "x" })],
    ["changes grouping", () => changeGrouping(rig.incidents, viewer.actor, { byRole: false })],
    ["sets dependencies", () => setDependencies(rig.incidents, viewer.actor, { hostId: "x", dependsOn: [] })],
    ["makes an alert group", () => createGroupSetting(rig.incidents, viewer.actor, { name: "x" })],
  ])("never %s", async (_name, act) => {
    await expect(act()).rejects.toMatchObject({ code: "forbidden" });
    expect(await recorded()).toEqual([]);
  });
});
