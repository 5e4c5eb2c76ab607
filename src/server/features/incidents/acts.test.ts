import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addTime, days, minutes } from "#base/duration";
import { Secret } from "#base/secret";
import type { Actor } from "#http";
import { withIncidents } from "#test/incidents-rig";
import type { Somebody } from "#test/people";
import { commentIncident } from "./comment-incident.ts";
import { declineIncident } from "./decline-incident.ts";
import { passIncident } from "./pass-incident.ts";
import { releaseIncident } from "./release-incident.ts";
import { openIncidents } from "./incidents.ts";
import { renameIncident } from "./rename-incident.ts";
import { reopenIncident } from "./reopen-incident.ts";
import { resolveIncident } from "./resolve-incident.ts";
import { snoozeIncident } from "./snooze-incident.ts";
import { takeIncident } from "./take-incident.ts";
import { wakeIncident } from "./wake-incident.ts";

const rig = withIncidents();
let sato: Somebody;
let tanaka: Somebody;
let viewer: Somebody;
let origin: { readonly kind: "monitor"; readonly id: string };
/** The incident of each test. */
let id = "";
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
  await rig.people.acts();
  rig.forget();
});

/** Verb, actor and detail of what was recorded since. */
const recorded = async (): Promise<(readonly [string, string, unknown])[]> =>
  (await rig.people.acts()).map((act) => [act.verb, act.actor, act.detail] as const);

const responders = async (incidentId = id) =>
  (
    await rig.people.owner.query("select from_id, to_id, via from incidents_responder_change where incident_id = $1 order by n", [
      incidentId,
    ])
  ).rows;

const lines = async (incidentId = id): Promise<string[]> =>
  (await rig.people.owner.query("select kind from incidents_timeline where incident_id = $1 order by seq", [incidentId])).rows.map(
    (row) => row.kind,
  );

const by = (somebody: Somebody): string => `person:${somebody.actor.personId}`;

describe("taking", () => {
  test("gives it to one person, who is in the ledger, the timeline and the list of responders", async () => {
    const facts = await takeIncident(rig.incidents, sato.actor, { incidentId: id, via });
    expect(facts).toMatchObject({ state: "taken", responderId: sato.actor.personId, version: 2 });
    expect(await recorded()).toEqual([["incident.taken", by(sato), { person: sato.actor.personId, via }]]);
    expect(await lines()).toEqual(["opened", "alerts-joined", "taken"]);
    expect(await responders()).toEqual([{ from_id: null, to_id: sato.actor.personId, via }]);
    expect(rig.incidentChanges.map(({ effect, personId, fromPersonId }) => [effect, personId, fromPersonId])).toEqual([
      ["taken", sato.actor.personId, undefined],
    ]);
    await takeIncident(rig.incidents, sato.actor, { incidentId: id, via }); // a second click changes nothing
    expect(await recorded()).toEqual([]);
  });

  test("the second of two is told who has it since when", async () => {
    const outcomes = await Promise.allSettled([sato, tanaka].map((one) => takeIncident(rig.incidents, one.actor, { incidentId: id, via })));
    const won = outcomes.findIndex((one) => one.status === "fulfilled");
    const winner = [sato, tanaka][won];
    const lost = outcomes.find((one) => one.status === "rejected");
    expect(outcomes.filter((one) => one.status === "fulfilled").length).toBe(1);
    expect(lost?.reason).toMatchObject({
      code: "conflict",
      message: `Name of ${winner?.email} has this incident already.`,
      facts: { responderId: winner?.actor.personId, responderName: `Name of ${winner?.email}`, takenAt: rig.now() },
    });
    expect((await recorded()).map(([verb]) => verb)).toEqual(["incident.taken"]);
  });

  test("of one that is over says so", async () => {
    await resolveIncident(rig.incidents, sato.actor, { incidentId: id, via });
    await expect(takeIncident(rig.incidents, tanaka.actor, { incidentId: id, via })).rejects.toMatchObject({
      code: "conflict",
      facts: { resolvedAt: rig.now() },
    });
    await expect(takeIncident(rig.incidents, tanaka.actor, { incidentId: "none", via })).rejects.toMatchObject({ code: "not-found" });
  });

  test("by a link in a mail is done by the person to whom the mail went, if they may", async () => {
    const system: Actor = { kind: "system", organisationId: sato.actor.organisationId, name: "acts" };
    await expect(
      takeIncident(rig.incidents, system, { incidentId: id, via: "mail", personId: viewer.actor.personId }),
    ).rejects.toMatchObject({ code: "invalid-input" });
    await expect(takeIncident(rig.incidents, system, { incidentId: id, via: "mail" })).rejects.toMatchObject({ code: "invalid-input" });
    await takeIncident(rig.incidents, system, { incidentId: id, via: "mail", personId: tanaka.actor.personId });
    expect(await recorded()).toEqual([["incident.taken", by(tanaka), { person: tanaka.actor.personId, via: "mail" }]]);
  });

  test("for somebody else is passing on", async () => {
    await expect(takeIncident(rig.incidents, sato.actor, { incidentId: id, via, personId: tanaka.actor.personId })).rejects.toMatchObject({
      code: "invalid-input",
    });
  });
});

describe("passing on", () => {
  test("gives it to somebody else, from somebody or from nobody", async () => {
    await passIncident(rig.incidents, sato.actor, { incidentId: id, via, to: tanaka.actor.personId, note: "お願いします" });
    const facts = await passIncident(rig.incidents, tanaka.actor, {
      incidentId: id,
      via,
      to: sato.actor.personId,
      from: tanaka.actor.personId,
    });
    expect(facts).toMatchObject({ state: "taken", responderId: sato.actor.personId });
    expect((await recorded()).map(([verb, actor]) => [verb, actor])).toEqual([
      ["incident.passed", by(sato)],
      ["incident.passed", by(tanaka)],
    ]);
    expect(rig.incidentChanges.map(({ effect, personId, fromPersonId }) => [effect, personId, fromPersonId])).toEqual([
      ["passed", tanaka.actor.personId, undefined],
      ["passed", sato.actor.personId, tanaka.actor.personId],
    ]);
    expect((await responders()).map((row) => [row.from_id, row.to_id])).toEqual([
      [null, tanaka.actor.personId],
      [tanaka.actor.personId, sato.actor.personId],
    ]);
  });

  test("to somebody who may not have it, or from somebody who no longer has it, is refused", async () => {
    const to = tanaka.actor.personId;
    const stranger = (await rig.people.another(`else${count}`)).actor.personId;
    await rig.people.acts();
    for (const wrong of [viewer.actor.personId, "nobody"])
      await expect(passIncident(rig.incidents, sato.actor, { incidentId: id, via, to: wrong })).rejects.toMatchObject({
        code: "invalid-input",
      });
    expect(stranger).toBe(rig.people.first.actor.personId);
    await expect(passIncident(rig.incidents, sato.actor, { incidentId: id, via, to, from: stranger })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await recorded()).toEqual([]);
  });
});

describe("declining", () => {
  test("by somebody who was asked changes nothing but tells, so that the next one is asked", async () => {
    const facts = await declineIncident(rig.incidents, sato.actor, { incidentId: id, via, note: "移動中" });
    expect(facts).toMatchObject({ state: "open", version: 1 });
    expect(rig.incidentChanges.map(({ effect, personId, fromPersonId }) => [effect, personId, fromPersonId])).toEqual([
      ["declined", sato.actor.personId, undefined],
    ]);
    expect(await recorded()).toEqual([["incident.declined", by(sato), expect.objectContaining({ person: sato.actor.personId, via })]]);
  });

  test("by whom has it gives it back", async () => {
    await takeIncident(rig.incidents, sato.actor, { incidentId: id, via });
    expect(await declineIncident(rig.incidents, sato.actor, { incidentId: id, via })).toMatchObject({
      state: "open",
      responderId: undefined,
    });
    expect(rig.incidentChanges.at(-1)).toMatchObject({ effect: "declined", fromPersonId: sato.actor.personId });
    expect((await responders()).map((row) => row.to_id)).toEqual([sato.actor.personId, null]);
  });
});

test("releasing gives it back; what nobody has cannot be released", async () => {
  await expect(releaseIncident(rig.incidents, sato.actor, { incidentId: id, via })).rejects.toMatchObject({ code: "conflict" });
  await takeIncident(rig.incidents, sato.actor, { incidentId: id, via });
  expect(await releaseIncident(rig.incidents, tanaka.actor, { incidentId: id, via })).toMatchObject({ state: "open" });
  expect((await recorded()).map(([verb]) => verb)).toEqual(["incident.taken", "incident.released"]);
  expect(rig.incidentChanges.at(-1)).toMatchObject({ effect: "released", fromPersonId: sato.actor.personId });
});

describe("snoozing", () => {
  test("lasts until its moment, and is woken once although several servers look", async () => {
    const until = addTime(rig.now(), minutes(30));
    expect(await snoozeIncident(rig.incidents, sato.actor, { incidentId: id, via, until })).toMatchObject({ snoozedUntil: until });
    const others = [rig.another(), rig.another()];
    await Promise.all([rig.incidents, ...others].map((one) => one.lookNow()));
    expect(rig.effects().map((text) => text.split(" ")[0])).toEqual(["snoozed"]);
    await rig.people.clock.advance(minutes(30));
    await Promise.all([rig.incidents, ...others].map((one) => one.lookNow()));
    expect(rig.effects().map((text) => text.split(" ")[0])).toEqual(["snoozed", "woken"]);
    expect((await recorded()).map(([verb, actor]) => [verb, actor])).toEqual([
      ["incident.snoozed", by(sato)],
      ["incident.woken", "system:alerting"],
    ]);
  });

  test("wakes by itself when the background work runs", async () => {
    const stop = rig.incidents.start();
    await snoozeIncident(rig.incidents, sato.actor, { incidentId: id, via, until: addTime(rig.now(), minutes(1)) });
    rig.incidents.onChange({ organisationId: sato.actor.organisationId, topic: "incidents" });
    await rig.people.clock.advance(minutes(1));
    await rig.incidents.lookNow();
    await stop();
    expect(rig.effects().filter((text) => text.startsWith("woken")).length).toBe(1);
  });

  test("of one that cannot be woken keeps no other asleep, and is tried again", async () => {
    const until = addTime(rig.now(), minutes(5));
    const [second] = await rig.report([{ origin: { kind: "monitor", id: `${origin.id}b` }, status: "WARNING" }]);
    const other = second?.incidentId ?? "";
    for (const incidentId of [id, other]) await snoozeIncident(rig.incidents, sato.actor, { incidentId, via, until });
    const told: unknown[] = [];
    const broken = openIncidents({
      db: rig.people.identity.db,
      clock: rig.people.clock,
      serverKey: new Secret("a server key for tests"),
      publicUrl: "",
      onError: (error) => void told.push(error),
    });
    let isBroken = true;
    broken.listen({
      incidentsChanged: async (_tx, _at, changes) => {
        if (isBroken && changes.some(({ incident }) => incident.id === id)) throw new Error("a listener cannot");
      },
    });
    await rig.people.clock.advance(minutes(5));
    await broken.lookNow();
    expect(told).toEqual([new Error("a listener cannot")]);
    expect([await lines(id), await lines(other)].map((kinds) => kinds.includes("woken"))).toEqual([false, true]);
    isBroken = false;
    await broken.lookNow();
    expect(await lines(id)).toContain("woken");
  });

  test("ends when the incident gets worse, is taken, or somebody ends it", async () => {
    const until = addTime(rig.now(), minutes(30));
    const snooze = () => snoozeIncident(rig.incidents, sato.actor, { incidentId: id, via, until });
    await snooze();
    await rig.report([{ origin, status: "CRITICAL" }]);
    expect(rig.incidentChanges.at(-1)).toMatchObject({ effect: "severity-raised", incident: { snoozedUntil: undefined } });
    await snooze();
    expect(await wakeIncident(rig.incidents, sato.actor, { incidentId: id, via })).toMatchObject({ snoozedUntil: undefined });
    expect(rig.incidentChanges.at(-1)).toMatchObject({ effect: "woken", by: by(sato) });
    await snooze();
    expect(await takeIncident(rig.incidents, sato.actor, { incidentId: id, via })).toMatchObject({ snoozedUntil: undefined });
  });

  test("into the past or too far is refused", async () => {
    for (const until of [rig.now(), addTime(rig.now(), days(31))])
      await expect(snoozeIncident(rig.incidents, sato.actor, { incidentId: id, via, until })).rejects.toMatchObject({
        code: "invalid-input",
      });
  });
});

describe("resolving by hand", () => {
  test("leaves alerts open, and stays until one gets worse", async () => {
    await takeIncident(rig.incidents, sato.actor, { incidentId: id, via });
    expect(await resolveIncident(rig.incidents, sato.actor, { incidentId: id, via, note: "既知" })).toMatchObject({ state: "resolved" });
    expect((await rig.tx((tx) => rig.incidents.openAlertsOf(tx, origin))).length).toBe(1);
    rig.forget();
    await rig.report([{ origin, status: "WARNING", message: "CPU % 92 > 90" }]);
    expect(rig.incidentChanges).toEqual([]);
    await rig.report([{ origin, status: "CRITICAL" }]);
    expect(rig.incidentChanges.map(({ effect, incident, personId }) => [effect, incident.state, personId])).toEqual([
      ["reopened", "taken", sato.actor.personId],
    ]);
    expect((await responders()).map((row) => row.to_id)).toEqual([sato.actor.personId, null, sato.actor.personId]);
  });

  test("when it comes back it is reopened, too, and when it gets better it is not", async () => {
    await rig.report([{ origin, status: "CRITICAL" }]);
    await resolveIncident(rig.incidents, sato.actor, { incidentId: id, via });
    rig.forget();
    await rig.report([{ origin, status: "WARNING" }]);
    await rig.report([{ origin, status: "OK" }]);
    expect(rig.incidentChanges).toEqual([]);
    await rig.report([{ origin, status: "WARNING" }]);
    expect(rig.incidentChanges.map(({ effect, incident }) => [effect, incident.id, incident.state, incident.severity])).toEqual([
      ["reopened", id, "open", "warning"],
    ]);
  });

  test("twice records once", async () => {
    await resolveIncident(rig.incidents, sato.actor, { incidentId: id, via });
    await resolveIncident(rig.incidents, tanaka.actor, { incidentId: id, via });
    expect((await recorded()).map(([verb]) => verb)).toEqual(["incident.resolved"]);
  });
});

describe("reopening by hand", () => {
  test("gives it back to whom had it last", async () => {
    await takeIncident(rig.incidents, sato.actor, { incidentId: id, via });
    await resolveIncident(rig.incidents, sato.actor, { incidentId: id, via });
    await rig.people.acts();
    expect(await reopenIncident(rig.incidents, tanaka.actor, { incidentId: id, via })).toMatchObject({
      state: "taken",
      responderId: sato.actor.personId,
    });
    expect(await recorded()).toEqual([["incident.reopened", by(tanaka), { cause: "by-hand", person: sato.actor.personId, via }]]);
  });

  test("leaves it to nobody when they left", async () => {
    const leaving = await rig.people.join(rig.people.first, "collaborator");
    await takeIncident(rig.incidents, leaving.actor, { incidentId: id, via });
    await resolveIncident(rig.incidents, leaving.actor, { incidentId: id, via });
    await rig.people.owner.query("update identity_membership set removed_at = 1 where person_id = $1", [leaving.actor.personId]);
    expect(await reopenIncident(rig.incidents, tanaka.actor, { incidentId: id, via })).toMatchObject({
      state: "open",
      responderId: undefined,
    });
  });
});

test("a comment stands in the timeline, its text beside the ledger", async () => {
  await commentIncident(rig.incidents, sato.actor, { incidentId: id, via, text: " 再起動しました " });
  expect(await recorded()).toEqual([["incident.commented", by(sato), { via, text: expect.stringMatching(/^h:/u) }]]);
  const { rows } = await rig.people.owner.query("select text from incidents_timeline where incident_id = $1 and kind = 'commented'", [id]);
  expect(rows).toEqual([{ text: "再起動しました" }]);
  await expect(commentIncident(rig.incidents, sato.actor, { incidentId: id, via, text: "  " })).rejects.toMatchObject({
    code: "invalid-input",
  });
});

test("an incident can be described anew", async () => {
  await renameIncident(rig.incidents, sato.actor, { incidentId: id, via, title: "空調停止", description: "サーバー室" });
  expect((await recorded()).map(([verb]) => verb)).toEqual(["incident.changed"]);
  expect((await rig.tx((tx) => rig.incidents.factsOf(tx, id)))?.title).toBe("空調停止");
});
