import { beforeEach, describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { takeIncident } from "#features/incidents";
import { withCalls } from "#test/calls-rig";
import type { Somebody } from "#test/people";
import { pinDigest } from "./call-preferences.ts";

const rig = withCalls();
const { people } = rig.incidents;
const [ofA, secondOfA, ofB, ofC] = ["+819011110001", "+81312340001", "+819011110002", "+819011110003"];

beforeEach(async () => {
  await people.owner.query("update identity_person set language = 'ja'");
  await rig.number(rig.a, ofA);
  await rig.number(rig.b, ofB);
  await rig.number(rig.c, ofC);
  await rig.inOrder([rig.a, rig.b, rig.c]);
  await people.acts();
});

async function setPin({ actor: { organisationId, personId } }: Somebody): Promise<void> {
  const digest = pinDigest(rig.calls.serverKey, organisationId, personId, "4711");
  await people.owner.query("insert into calls_person (organisation_id, person_id, pin_digest, pin_length) values ($1, $2, $3, 4)", [
    organisationId,
    personId,
    digest,
  ]);
}

const attempts = async (incident: string): Promise<string[]> =>
  (await rig.told(incident)).map(({ who, medium, state }) => `${who} ${medium ?? "-"} ${state}`);

describe("a process that ends", () => {
  beforeEach(async () => void (await rig.addLine("main")));

  test("before anything left: the call is made once", async () => {
    rig.line().become({ state: "connecting" });
    await rig.settled();
    await rig.open();
    await rig.work();
    await rig.crash();
    await rig.callTo(ofA);
    expect(rig.line().asked).toEqual([]);
    expect(await rig.list()).toEqual(["incident a dialing"]);
  });

  test.each(["dialing", "ringing", "talking"])(
    "while it is %s: the line ends the first, and the same person is called once more",
    async (state) => {
      await rig.open();
      const call = await rig.callTo(ofA);
      if (state !== "dialing") call.ring();
      await rig.settled();
      if (state === "talking") await call.answer();
      await rig.crash();
      const again = await rig.callTo(ofA);
      expect(rig.line().asked).toEqual([`wire-${call.dial.ref}`]);
      expect(await rig.list()).toEqual(["incident a over lost", "incident a dialing"]);
      // What the dead process would have said changes nothing.
      await rig.calls.ended(rig.a.actor.organisationId, call.dial.ref, { cause: "busy", talked: seconds(0) });
      expect(await rig.list()).toEqual(["incident a over lost", "incident a dialing"]);
      await rig.crash();
      await rig.callTo(ofB); // nobody is called for ever because of us
      expect(again.dial.to).toBe(ofA);
      expect(await rig.list()).toEqual(["incident a over lost", "incident a over lost", "incident b dialing"]);
      expect((await people.acts()).filter(({ verb }) => verb === "call.recovered")).toHaveLength(2);
    },
  );

  test("after a key was written down: what it asked for is done, and nobody is called again", async () => {
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    const pending = JSON.stringify({ action: "take", incidentIds: [incident], at: people.clock.now() });
    await people.owner.query("update calls_call set pending = $1 where id = $2", [pending, call.dial.ref]);
    await rig.crash();
    await rig.work();
    const { rows } = await people.owner.query<{ state: string; responder_id: string }>(
      "select state, responder_id from incidents_incident where id = $1",
      [incident],
    );
    expect(rows).toEqual([{ state: "taken", responder_id: rig.a.actor.personId }]);
    expect(rig.ringing()).toEqual([]);
    expect((await rig.list())[0]).toContain("incident a over");
    expect((await people.acts()).filter(({ verb }) => verb === "incident.taken")).toHaveLength(1);
  });

  test("and they had said that they cannot: it is said once", async () => {
    const incident = await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    await call.press("2");
    const pending = JSON.stringify({ action: "cannot", incidentIds: [incident], at: people.clock.now() });
    await people.owner.query("update calls_call set pending = $1 where id = $2", [pending, call.dial.ref]);
    await rig.crash();
    await rig.callTo(ofB);
    expect((await people.acts()).filter(({ verb }) => verb === "incident.declined")).toHaveLength(1);
  });

  test("and somebody took it meanwhile: nobody is called again", async () => {
    const incident = await rig.open();
    await rig.callTo(ofA);
    await rig.crash();
    await takeIncident(rig.incidents.incidents, rig.c.actor, { incidentId: incident, via: "console" });
    await rig.work();
    expect(rig.ringing()).toEqual([]);
  });

  test("and the other side cannot be asked: the next call waits until the first can ring no more", async () => {
    await rig.open();
    await rig.callTo(ofA);
    rig.line().recovered = "unknown";
    await rig.crash();
    await rig.work();
    expect(rig.ringing()).toEqual([]);
    await rig.pass(seconds(20));
    expect(rig.ringing()).toEqual([]);
    await rig.pass(seconds(15));
    expect((await rig.callTo(ofA)).dial.to).toBe(ofA);
  });

  test("and the provider goes on with the call by itself: nobody else is called", async () => {
    await rig.open();
    const call = await rig.callTo(ofA);
    rig.line().recovered = "alive";
    await rig.crash();
    await rig.work();
    expect(rig.ringing()).toEqual([]);
    const { organisationId } = rig.a.actor;
    await rig.calls.next(organisationId, call.dial.ref, { kind: "answered" });
    const turn = await rig.calls.next(organisationId, call.dial.ref, { kind: "keys", digits: "1" }, 1);
    expect(turn).toMatchObject({ isLast: true, seq: 2 });
    await rig.calls.ended(organisationId, call.dial.ref, { cause: "finished", talked: seconds(10) });
    await rig.work();
    expect(await rig.list()).toEqual(["incident a over finished taken"]);
  });
});

describe("lines", () => {
  test("one that fails: the same person at once over the next, and the failure is told", async () => {
    const first = await rig.addLine("first", { priority: 1 });
    await rig.addLine("second", { priority: 2 });
    rig.line("first").broken = { sipCode: 503, problem: "503 Service Unavailable", retryAfter: seconds(30) };
    await rig.open();
    const call = await rig.callTo(ofA);
    expect(rig.line("second").calls).toEqual([call]);
    expect(await rig.list()).toEqual(["incident a over line-failed", "incident a dialing"]);
    const { rows } = await people.owner.query<{ failures: number; suspended_until: number }>(
      "select failures, suspended_until from calls_line where id = $1",
      [first],
    );
    expect(rows[0]).toMatchObject({ failures: 1 });
    expect(Number(rows[0]?.suspended_until) - people.clock.now()).toBeGreaterThanOrEqual(30_000);
    await rig.pass(seconds(40));
    const { rows: reports } = await people.owner.query<{ origin_id: string; status: string }>("select origin_id, status from calls_report");
    expect(reports).toContainEqual({ origin_id: `line:${first}`, status: "CRITICAL" });
  });

  test("all of them fail: the same person by another way, not the next one", async () => {
    await rig.addLine("main");
    rig.line().broken = { sipCode: 403, problem: "403 Forbidden", retryAfter: minutes(5) };
    const incident = await rig.open();
    await rig.work();
    expect(await attempts(incident)).toEqual(["a phone failed", "a mail sent"]);
  });

  test("none is set up: they are told by mail at once", async () => {
    const incident = await rig.open();
    await rig.work();
    expect(await attempts(incident)).toEqual(["a phone failed", "a mail sent"]);
  });

  test("a short failure of the only one is waited for once", async () => {
    await rig.addLine("main");
    rig.line().broken = { problem: "timeout" };
    await rig.open();
    await rig.work();
    rig.line().broken = undefined;
    await rig.pass(seconds(10));
    expect(rig.ringing().map(({ dial }) => dial.to)).toEqual([ofA]);
  });

  test("one with room for one call: the worse incident first, then the older", async () => {
    await rig.addLine("main");
    await rig.inOrder([rig.a]);
    await rig.open("First");
    const call = await rig.callTo(ofA);
    await rig.inOrder([rig.b]);
    await rig.open("Second", "error");
    await rig.pass(seconds(5));
    await rig.inOrder([rig.c]);
    await rig.open("Third", "critical");
    await rig.work();
    expect(await rig.list()).toEqual(["incident a dialing", "incident b queued", "incident c queued"]);
    call.over("no-answer");
    await rig.callTo(ofC);
    expect(rig.ringing()).toHaveLength(1);
  });

  test("several lines: several incidents at the same moment", async () => {
    await rig.addLine("main", { capacity: 2 });
    await rig.addLine("other", { priority: 2 });
    for (const who of [rig.a, rig.b, rig.c]) {
      await rig.inOrder([who]);
      await rig.open();
    }
    await rig.work();
    expect(
      rig
        .ringing()
        .map(({ dial }) => dial.to)
        .toSorted(),
    ).toEqual([ofA, ofB, ofC]);
    expect(rig.line("other").calls).toHaveLength(1);
  });
});

describe("one person", () => {
  beforeEach(async () => void (await rig.addLine("main", { capacity: 5 })));

  test("hears of several incidents in one call, and takes them with one key", async () => {
    await rig.inOrder([rig.a]);
    const first = await rig.open("Disk");
    const call = await rig.callTo(ofA);
    const second = await rig.open("Web");
    await rig.work();
    expect(await rig.list()).toEqual(["incident a dialing"]);
    await call.answer();
    expect(call.heard).toContain("2件中1件目。");
    expect(call.heard).toContain("2件中2件目。");
    await call.press("1");
    expect(call.heard).toBe("2件を、aさんの担当として記録しました。");
    const { rows } = await people.owner.query<{ state: string }>("select state from incidents_incident where id = any($1)", [
      [first, second],
    ]);
    expect(rows.map(({ state }) => state)).toEqual(["taken", "taken"]);
  });

  test("is never called twice at once: what comes while they listen waits for its turn", async () => {
    await rig.inOrder([rig.a]);
    await rig.open("Disk");
    const call = await rig.callTo(ofA);
    await call.answer();
    await rig.open("Web");
    await rig.work();
    expect(rig.ringing()).toHaveLength(1);
    expect(await rig.list()).toEqual(["incident a talking", "incident a queued"]);
    await call.press("1");
    call.over("finished", { talked: seconds(5) });
    await rig.callTo(ofA);
    await expect(
      people.owner
        .query(`insert into calls_call (id, organisation_id, kind, person_id, number, language, time_zone, state, severity, rank, ring_ms, longest_ms, asked_at, due_at)
        select 'double', organisation_id, 'test', person_id, '+81311112222', 'ja', 'Asia/Tokyo', 'dialing', severity, 0, 1, 1, 0, 0 from calls_call where state = 'dialing'`),
    ).rejects.toThrow("calls_call_one_person");
  });

  test("with two numbers: the second is called when the first does not answer", async () => {
    await rig.number(rig.a, secondOfA);
    await rig.open();
    (await rig.callTo(ofA)).over("no-answer");
    const call = await rig.callTo(secondOfA);
    call.over("no-answer");
    await rig.callTo(ofB);
    expect(await rig.list()).toEqual(["incident a over no-answer", "incident a over no-answer", "incident b dialing"]);
  });

  test("whose number is wrong is told by mail, and the call list says why", async () => {
    const incident = await rig.open();
    (await rig.callTo(ofA)).over("wrong-number", { sipCode: 404 });
    await rig.work();
    expect(await attempts(incident)).toEqual(["a phone failed", "a mail sent"]);
  });

  test("with a PIN hears nothing before it", async () => {
    await setPin(rig.a);
    await rig.open("Secret thing");
    const call = await rig.callTo(ofA);
    expect(await call.answer()).toMatchObject({ digits: 4 });
    expect(call.heard).not.toContain("Secret");
    await call.press("0000");
    expect(call.heard).toContain("暗証番号が違います。");
    await call.press("4711");
    expect(call.heard).toContain("Secret thing");
    await call.press("1");
    expect(call.heard).toBe("aさんを担当者として記録しました。");
    const { rows } = await people.owner.query<{ pressed: string }>("select pressed from calls_call");
    expect(rows).toEqual([{ pressed: "1" }]);
    expect(JSON.stringify(await people.acts())).not.toContain("4711");
  });

  test("who wants a random key takes with that one alone", async () => {
    await people.owner.query("insert into calls_person (organisation_id, person_id, has_random_digit) values ($1, $2, true)", [
      rig.a.actor.organisationId,
      rig.a.actor.personId,
    ]);
    await rig.open();
    const call = await rig.callTo(ofA);
    await call.answer();
    expect(call.heard).toContain("対応する方は 5");
    await call.press("1");
    expect(call.heard).toContain("その番号は使えません。");
    await call.press("5");
    expect(call.heard).toBe("aさんを担当者として記録しました。");
  });
});

describe("calling back", () => {
  beforeEach(async () => {
    await rig.addLine("main", { takesCalls: true, capacity: 5 });
    await setPin(rig.a);
    await setPin(rig.c);
  });

  test("whoever is known by their number hears what is open and takes it", async () => {
    await rig.inOrder([rig.b]);
    const incident = await rig.open("Web");
    await rig.callTo(ofB);
    const call = await rig.line().incoming("090-1111-0001");
    expect(await call?.answer()).toMatchObject({ digits: 4 });
    await call?.press("4711");
    expect(call?.heard).toContain("aさん、担当者のいない件が1件あります。");
    expect(call?.heard).toContain("Web");
    await call?.press("1");
    expect(call?.heard).toBe("aさんを担当者として記録しました。");
    call?.over("finished", { talked: seconds(9) });
    await rig.work();
    expect(rig.ringing(), "the one who was called is left in peace").toEqual([]);
    const { rows } = await people.owner.query<{ state: string }>("select state from incidents_incident where id = $1", [incident]);
    expect(rows).toEqual([{ state: "taken" }]);
    expect((await people.acts()).map(({ verb }) => verb)).toEqual(
      expect.arrayContaining(["call.received", "call.answered", "incident.taken"]),
    );
  });

  test("strangers hear a short refusal, and are not answered when they call again and again", async () => {
    await rig.open("Web");
    const call = await rig.line().incoming("+81399999999");
    expect(await call?.answer()).toMatchObject({ isLast: true, digits: 0 });
    expect(call?.heard).toBe("この番号からのご用件は承れません。");
    call?.over("finished");
    await rig.settled();
    for (let times = 0; times < 5; times += 1) {
      (await rig.line().incoming("+81399999999"))?.over("finished");
      await rig.settled();
    }
    expect(await rig.line().incoming("+81399999999")).toBeUndefined();
    expect(await rig.line().incoming("090-1111-0001")).toBeDefined();
  });

  test("whoever guesses PINs under somebody's number keeps that person from nothing that they are called for", async () => {
    await rig.inOrder([rig.a]);
    for (let times = 0; times < 2; times += 1) {
      const call = await rig.line().incoming(ofA);
      await call?.answer();
      for (const pin of ["0000", "1111", "2222"]) await call?.press(pin);
      call?.over("finished");
      await rig.settled();
    }
    const back = await rig.line().incoming(ofA);
    await back?.answer();
    await back?.press("4711");
    expect(back?.heard).toContain("お伝えできません");
    back?.over("finished");
    await rig.open("Web");
    const call = await rig.callTo(ofA);
    await call.answer();
    await call.press("4711");
    expect(call.heard).toContain("Web");
  });

  test("somebody who may only look hears that they may not take it", async () => {
    await people.owner.query("update identity_membership set role = 'viewer' where person_id = $1", [rig.c.actor.personId]);
    await rig.inOrder([rig.a]);
    await rig.open("Web");
    const call = await rig.line().incoming(ofC);
    await call?.answer();
    await call?.press("4711");
    await call?.press("1");
    expect(call?.heard).toContain("権限がないため");
    expect((await people.acts()).map(({ verb }) => verb)).toContain("permission.refused");
    await people.owner.query("update identity_membership set role = 'collaborator' where person_id = $1", [rig.c.actor.personId]);
  });
});
