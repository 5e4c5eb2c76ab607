import { beforeEach, describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { takeIncident } from "#features/incidents";
import { withCalls } from "#test/calls-rig";

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
