import { expect, test } from "vitest";
import { addTime, days } from "#base/duration";
import type { Addressee } from "#features/notify";
import { withIncidents } from "#test/incidents-rig";
import { resolveIncident } from "./resolve-incident.ts";
import { takeIncident } from "./take-incident.ts";

const rig = withIncidents();

const person = (personId: string): Addressee => ({
  recipient: { kind: "person", personId, medium: "mail" },
  deliveryId: "delivery1",
  language: "ja",
  timeZone: "Asia/Tokyo",
});
const channel: Addressee = { ...person(""), recipient: { kind: "channel", channelId: "channel1" } };

test("a notice links to the incident and lets its reader act, as long as there is something to do", async () => {
  const host = await rig.host("web01", "Shop:web");
  const detail = { source: host, metric: "cpu%", monitorOperator: ">", criticalThreshold: 90 };
  const [outcome] = await rig.report([{ hostId: host, value: 96.2, detail }]);
  const id = outcome?.incidentId ?? "";
  const me = rig.people.first.actor.personId;
  const notice = (cause: "opened" | "taken" | "resolved", to: Addressee) => rig.tx((tx) => rig.incidents.noticeOf(tx, id, cause, to));

  const opened = await notice("opened", person(me));
  expect(opened).toMatchObject({
    title: "[重大] web01: CPU #1",
    summary: "CPU % 96.2 > 90",
    url: `https://hinoban.example/o/first/incidents/${id}`,
    thread: `incident:${id}`,
    picture: { source: host, metric: "cpu%", at: rig.now() },
  });
  expect(opened.facts).toContainEqual({ label: "サービス", value: "Shop" });
  expect(opened.actions.map(({ action, label }) => [action, label])).toEqual([
    ["take", "担当する"],
    ["cannot", "対応できない"],
  ]);
  const [take] = opened.actions;
  expect(take?.url).toBe(`https://hinoban.example/act/${take?.token}`);
  const token = rig.incidents.tokens.read(take?.token ?? "", rig.now());
  expect(token).toEqual({
    organisationId: rig.people.first.actor.organisationId,
    incidentId: id,
    action: "take",
    to: { kind: "person", id: me },
    deliveryId: "delivery1",
    expiresAt: expect.any(Number),
  });
  expect((await notice("opened", channel)).actions.map(({ action }) => action)).toEqual(["take", "resolve"]);

  await takeIncident(rig.incidents, rig.people.first.actor, { incidentId: id, via: "mail" });
  const taken = await notice("taken", person(me));
  expect(taken.summary).toBe("Hanako Owner さんが担当します。");
  expect(taken.actions.map(({ action }) => action)).toEqual(["resolve", "cannot"]);
  expect((await notice("taken", person("somebody"))).actions).toEqual([]);
  expect((await notice("taken", channel)).actions.map(({ action }) => action)).toEqual(["resolve"]);

  await resolveIncident(rig.incidents, rig.people.first.actor, { incidentId: id, via: "mail" });
  const over = await notice("resolved", person(me));
  expect(over.actions).toEqual([]);
  expect(over.summary).toContain("Hanako Owner");
  await expect(rig.tx((tx) => rig.incidents.noticeOf(tx, "none", "opened", channel))).rejects.toMatchObject({ code: "not-found" });
});

test("a token has its effect once", async () => {
  const facts = {
    organisationId: rig.people.first.actor.organisationId,
    incidentId: "i",
    action: "cannot" as const,
    to: { kind: "channel" as const, id: "c" },
    deliveryId: "d",
    expiresAt: rig.now(),
  };
  const token = rig.incidents.tokens.mint(facts);
  const uses = await Promise.all([1, 2, 3].map(() => rig.tx((tx) => rig.incidents.tokens.use(tx, token, facts))));
  expect(uses.filter(Boolean).length).toBe(1);
  const later = { ...facts, expiresAt: addTime(facts.expiresAt, days(8)) };
  await rig.tx((tx) => rig.incidents.tokens.use(tx, rig.incidents.tokens.mint(later), later));
  const { rows } = await rig.people.owner.query("select expires_at from incidents_used_token");
  expect(rows).toEqual([{ expires_at: later.expiresAt }]); // what nobody can use any more is forgotten
});
