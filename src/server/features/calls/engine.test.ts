import { beforeEach, describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { takeIncident } from "#features/incidents";
import { withCalls } from "#test/calls-rig";
import { act } from "./answers.ts";
import { queueIncident } from "./place.ts";

const rig = withCalls();
const { people } = rig.incidents;
const [ofA, ofB, ofC] = ["+819011110001", "+819011110002", "+819011110003"];

beforeEach(async () => {
  await people.owner.query("update identity_person set language = 'ja'");
  await rig.number(rig.a, ofA);
  await rig.number(rig.b, ofB);
  await rig.number(rig.c, ofC);
  await rig.addLine("main");
  await rig.inOrder([rig.a, rig.b, rig.c]);
  await people.acts();
});

describe("calls in order", () => {
  test("the first is busy, the second cannot, the third takes it, the fourth is never called", async () => {
    const incident = await rig.open("Web");
    const first = await rig.callTo(ofA);
    expect(first.dial).toMatchObject({ to: ofA, ringFor: 25_000, language: "ja" });
    first.over("busy", { sipCode: 486 });
    const second = await rig.callTo(ofB);
    second.ring();
    await rig.settled();
    await second.answer();
    expect(second.heard).toContain("火の番です");
    expect(second.heard).toContain("重大な警報です。");
    expect(second.heard).toContain("対応する方は 1、対応できない方は 2");
    expect((await second.press("2")).isLast).toBe(true);
    expect(second.heard).toBe("次の担当者に連絡します。");
    second.over("finished", { talked: seconds(12) });
    const third = await rig.callTo(ofC);
    third.ring();
    await rig.settled();
    await third.answer();
    const end = await third.press("1");
    expect(end.isLast).toBe(true);
    expect(third.heard).toBe("cさんを担当者として記録しました。");
    third.over("finished", { talked: seconds(20) });
    await rig.work();
    expect(await rig.list()).toEqual(["incident a over busy", "incident b over finished declined", "incident c over finished taken"]);
    expect(rig.ringing()).toEqual([]);
    const timeline = (await rig.timeline(incident)).filter((line) => /^(call|taken|declined)/u.test(line));
    expect(timeline).toEqual([
      "call asked a",
      "call dialled a",
      "call ended a",
      "call asked b",
      "call dialled b",
      "call answered b",
      "call key b",
      "declined b",
      "call ended b",
      "call asked c",
      "call dialled c",
      "call answered c",
      "call key c",
      "taken c",
      "call ended c",
    ]);
    const acts = (await people.acts()).filter(({ verb }) => verb.startsWith("call.") || verb.startsWith("incident."));
    expect(acts.map(({ verb, actor }) => `${verb} ${rig.nameOf(actor.replace("person:", ""))}`)).toEqual([
      "incident.opened system:alerting",
      "incident.escalated system:escalation",
      "call.asked system:calls",
      "call.dialled system:calls",
      "call.ended system:calls",
      "incident.escalated system:escalation",
      "call.asked system:calls",
      "call.dialled system:calls",
      "call.answered system:calls",
      "call.key-pressed b",
      "incident.declined b",
      "call.ended system:calls",
      "incident.escalated system:escalation",
      "call.asked system:calls",
      "call.dialled system:calls",
      "call.answered system:calls",
      "call.key-pressed c",
      "incident.taken c",
      "call.ended system:calls",
    ]);
  });

  test("somebody takes it elsewhere while a phone rings: it stops ringing", async () => {
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    call.ring();
    await rig.settled();
    await takeIncident(rig.incidents.incidents, rig.b.actor, { incidentId: incident, via: "console" });
    await rig.work();
    expect(call.isEnded).toBe(true);
    expect(await rig.list()).toEqual(["incident a over cancelled"]);
    expect(rig.ringing()).toEqual([]);
  });

  test("somebody takes it elsewhere while another one listens: they hear who has it", async () => {
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    await takeIncident(rig.incidents.incidents, rig.b.actor, { incidentId: incident, via: "console" });
    await rig.work();
    expect(call.heard).toBe("すでにbさんが対応しています。 失礼します。");
    expect(call.said.at(-1)?.isLast).toBe(true);
    call.over("finished", { talked: seconds(9) });
    await rig.work();
    expect(rig.ringing()).toEqual([]);
    expect(await rig.list()).toEqual(["incident a over finished"]);
  });

  test("two who press at the same moment: one has it, the other hears who", async () => {
    await rig.addLine("second", { priority: 2 });
    await rig.inOrder([rig.a, rig.b]);
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    const [, pressed] = await Promise.allSettled([
      takeIncident(rig.incidents.incidents, rig.b.actor, { incidentId: incident, via: "console" }),
      call.press("1"),
    ]);
    expect(pressed.status).toBe("fulfilled");
    expect(call.said.at(-1)?.isLast).toBe(true);
    expect(["aさんを担当者として記録しました。", "すでにbさんが対応しています。", "すでにbさんが対応しています。 失礼します。"]).toContain(
      call.heard,
    );
  });

  test("voicemail presses nothing: after three readings the next one is called", async () => {
    await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    await call.silence();
    await call.silence();
    expect((await call.silence()).isLast).toBe(true);
    expect(call.heard).toBe("応答がないため、次の担当者に連絡します。");
    call.over("finished", { talked: seconds(60) });
    await rig.callTo(ofB);
    expect((await rig.list())[0]).toBe("incident a over finished unanswered");
  });

  test("nobody hears a call twice: the same key again has the same answer", async () => {
    await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    const { organisationId } = rig.a.actor;
    const id = call.dial.ref;
    const once = await rig.calls.next(organisationId, id, { kind: "keys", digits: "2" }, 1);
    const twice = await rig.calls.next(organisationId, id, { kind: "keys", digits: "2" }, 1);
    expect(twice).toEqual(once);
    const again = await rig.calls.next(organisationId, id, { kind: "answered" });
    expect(again).toEqual(once);
    expect((await people.acts()).filter(({ verb }) => verb === "incident.declined")).toHaveLength(1);
  });

  test("what is recovered before anybody was dialled makes no call", async () => {
    rig.line().become({ state: "connecting" });
    await rig.settled();
    const incident = await rig.open();
    await rig.work();
    expect(await rig.list()).toEqual(["incident a queued"]);
    await rig.incidents.report([{ origin: { kind: "monitor", id: "m0" }, status: "OK" }]);
    await people.owner.query("update incidents_incident set state = 'resolved', resolved_at = 1 where id = $1", [incident]);
    rig.line().become({ state: "ready" });
    await rig.work();
    expect(await rig.list()).toEqual(["incident a over cancelled"]);
    expect(rig.ringing()).toEqual([]);
  });
});

const organisationId = () => rig.a.actor.organisationId;
const callRow = (id: string) =>
  people.identity.db.tx({ organisationId: organisationId() }, (tx) =>
    tx.selectFrom("calls_call").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
  );
const deliveries = async (): Promise<string[]> => {
  const { rows } = await people.owner.query<{ state: string }>("select state from notify_delivery where medium = 'phone' order by seq");
  return rows.map(({ state }) => state);
};

describe("a line", () => {
  test("that is changed during a call is opened anew beside it, and the call goes on", async () => {
    await rig.open("Web");
    const call = await rig.callTo(ofA);
    const before = rig.line();
    await people.owner.query("update calls_line set revision = revision + 1");
    await rig.work();
    expect([call.isEnded, before.isStopped, rig.line() === before]).toEqual([false, false, false]);
    await call.answer();
    await call.press("2");
    call.over("finished");
    const next = await rig.callTo(ofB);
    expect(rig.line().calls).toEqual([next]);
    expect(before.isStopped).toBe(true);
    const { rows } = await people.owner.query<{ state: string }>("select state from calls_line");
    expect(rows, "what the old one says of its end is not so of the new one").toEqual([{ state: "ready" }]);
  });

  test("that cannot be opened says so, and its calls go another way at once", async () => {
    await people.owner.query("update calls_line set kind = 'twilio', revision = revision + 1");
    await rig.work();
    const { rows } = await people.owner.query<{ state: string; problem: string }>("select state, problem from calls_line");
    expect(rows).toEqual([{ state: "failed", problem: "This server cannot use lines of kind twilio." }]);
    // Whatever its row says: what is not open here is not dialled over.
    await people.owner.query("update calls_line set state = 'ready'");
    const incident = await rig.open();
    await rig.pass(seconds(25));
    expect((await rig.told(incident)).map(({ who, medium, state }) => `${who} ${medium} ${state}`).slice(0, 2)).toEqual([
      "a phone failed",
      "a mail sent",
    ]);
    expect((await people.acts()).filter(({ verb }) => verb === "call.recovered")).toEqual([]);
  });
});

describe("a process that slept longer than its lease", () => {
  test("dials nothing that another one took on meanwhile, and ends nothing of it", async () => {
    rig.line().become({ state: "connecting" });
    await rig.settled();
    await rig.open();
    await rig.work();
    const { rows } = await people.owner.query<{ id: string }>(
      "update calls_call set state = 'claimed', claims = 2, leased_by = 'server:test', leased_until = 9e15, recover_at = 9e15 returning id",
    );
    const id = rows[0]?.id ?? "";
    const late = rig.calls.listenerFor(organisationId(), id, 1);
    await expect(late.saved("wire")).rejects.toMatchObject({ code: "gone" });
    late.ended({ cause: "line-failed", talked: seconds(0) });
    await rig.settled();
    expect(await callRow(id)).toMatchObject({ state: "claimed", saved: null });
    await people.owner.query("update calls_call set leased_by = 'server:other'");
    await expect(rig.calls.saved(organisationId(), id, "wire", 2)).rejects.toMatchObject({ code: "gone" });
    await people.owner.query("update calls_call set leased_by = 'server:test'");
    await rig.calls.saved(organisationId(), id, "wire", 2);
    expect(await callRow(id)).toMatchObject({ state: "dialing", saved: "wire" });
  });

  test("counts no more than the longest call as talked", async () => {
    await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    await people.owner.query("update calls_call set answered_at = answered_at - 86400000");
    await rig.calls.ended(organisationId(), call.dial.ref, { cause: "hung-up", talked: seconds(0) });
    expect(await callRow(call.dial.ref)).toMatchObject({ talked_ms: 300_000 });
  });
});

describe("what is taken back", () => {
  const input = (incidentId: string, deliveryId: string) => ({
    incidentId,
    deliveryId,
    personId: rig.a.actor.personId,
    contactId: "c",
    number: ofA,
    further: [],
    language: "ja" as const,
    timeZone: "Asia/Tokyo",
    severity: "critical" as const,
    ringFor: undefined,
  });
  const queued = (incidentId: string, deliveryId: string) =>
    people.identity.db.tx({ organisationId: organisationId() }, (tx) =>
      queueIncident(rig.calls, tx, people.clock.now(), organisationId(), input(incidentId, deliveryId)),
    );

  test("and sent anew before anybody noticed goes on with the telephone that rings", async () => {
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    await people.owner.query("update notify_delivery set state = 'cancelled', ended_at = 0 where state = 'calling'");
    expect(await queued(incident, "anew")).toBe(true);
    await rig.work();
    expect(call.isEnded).toBe(false);
    expect(await queued(incident, "anew"), "the same again").toBe(true);
    await people.owner.query("update calls_topic set state = 'unanswered'");
    expect(await queued(incident, "anew"), "settled already").toBe(false);
  });

  test.each(["ringing", "talking"])("too late, since it was being handed on, ends what is %s and settles it", async (state) => {
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    if (state === "talking") await call.answer();
    await people.owner.query("update notify_delivery set state = 'claimed', leased_until = 9e15 where state = 'calling'");
    await takeIncident(rig.incidents.incidents, rig.b.actor, { incidentId: incident, via: "console" });
    expect((await deliveries()).at(-1)).toBe("claimed");
    await rig.work();
    await people.owner.query("update notify_delivery set state = 'calling', leased_until = 0 where state = 'claimed'");
    await rig.work();
    if (state === "talking") expect(call.heard).toContain("すでにbさんが対応しています。");
    else expect(call.isEnded).toBe(true);
    expect((await deliveries()).at(-1)).toBe("sent");
  });
});

test("the next step is asked for once, however often its key is carried out", async () => {
  let steps = 0;
  rig.calls.extend({ nextStep: async () => (steps += 1) > 0 });
  const incident = await rig.open();
  const call = await rig.callTo(ofA);
  await call.answer();
  const pending = { action: "next", incidentIds: [incident], at: people.clock.now() } as const;
  const row = await callRow(call.dial.ref);
  expect(await act(rig.calls, row, pending)).toEqual([{ incidentId: incident, kind: "next" }]);
  expect(await act(rig.calls, row, pending)).toEqual([{ incidentId: incident, kind: "next" }]);
  expect(steps).toBe(1);
});
