import { beforeEach, describe, expect, test } from "vitest";
import { hours, minutes, seconds } from "#base/duration";
import { withCalls } from "#test/calls-rig";
import type { LineInput } from "#wire/lines";
import { callMe } from "./call-me.ts";
import { changeCallSettings } from "./call-settings.ts";
import { changeLine } from "./change-line.ts";
import { checkLine } from "./check-line.ts";
import { createLine } from "./create-line.ts";
import { deleteLine } from "./delete-line.ts";
import { hangUp } from "./hang-up.ts";
import { hearCall } from "./hear-call.ts";
import { presentedOne } from "./lines-line.ts";
import { codeCallsOf, LinesWatch } from "./lines-watch.ts";
import { changeMyCalls, changePin } from "./my-calls.ts";
import { readCall, readCalls } from "./read-calls.ts";
import { switchLine } from "./switch-line.ts";

const rig = withCalls();
const { people } = rig.incidents;
const ofA = "+819011110001";

const trunk: LineInput = {
  kind: "sip",
  name: "main",
  priority: 1,
  capacity: 2,
  preset: "account",
  domain: "sip.example.jp",
  userName: "0312345678",
  password: "himitsu",
  registers: true,
  dialForm: "national",
  countryCode: "81",
  from: "03-1234-5678",
};

const scope = () => ({ organisationId: people.first.actor.organisationId });
const lineOf = (id: string) => people.identity.db.tx(scope(), (tx) => presentedOne(tx, people.clock.now(), rig.calls.lineSeal, id));
const verbsOf = async (prefix: string) => (await people.acts()).map(({ verb }) => verb).filter((verb) => verb.startsWith(prefix));
const viewer = async () => (await people.join(people.first, "viewer")).actor;

beforeEach(async () => {
  await people.owner.query("delete from calls_usage");
  await people.owner.query("delete from calls_weekly");
  await people.acts();
});

describe("a telephone line", () => {
  test("is created, changed, switched and deleted, each with its entry, and keeps its password to itself", async () => {
    const { actor } = people.first;
    const { id, ...created } = await createLine(rig.calls, actor, trunk);
    expect(created).toMatchObject({ name: "main", from: "+81312345678", secrets: ["password"], isOn: true });
    expect(JSON.stringify(created)).not.toContain("himitsu");
    const { rows } = await people.owner.query<{ secrets: Buffer }>("select secrets from calls_line where id = $1", [id]);
    expect(rows[0]?.secrets.toString("latin1")).not.toContain("himitsu");
    await rig.work();
    expect(await lineOf(id)).toMatchObject({ state: "ready" });

    const { password: _password, ...untyped } = trunk;
    expect(await changeLine(rig.calls, actor, id, { ...untyped, capacity: 4 })).toMatchObject({ capacity: 4, secrets: ["password"] });
    await expect(changeLine(rig.calls, actor, id, { ...untyped, domain: "elsewhere.example" })).rejects.toMatchObject({
      message: expect.stringContaining("password: must be typed again"),
    });
    await changeLine(rig.calls, actor, id, { ...untyped, capacity: 4 });
    expect(await switchLine(rig.calls, actor, id, false)).toMatchObject({ isOn: false, state: "off" });
    await switchLine(rig.calls, actor, id, false);
    await rig.work();
    expect(rig.line("main").isStopped).toBe(true);
    await deleteLine(rig.calls, actor, id);
    await expect(deleteLine(rig.calls, actor, id)).rejects.toMatchObject({ code: "not-found" });
    expect(await verbsOf("line.")).toEqual(["line.created", "line.changed", "line.switched", "line.deleted"]);
  });

  test.each([
    [{ domain: undefined }, "domain: must be given"],
    [{ password: undefined }, "password: must be given"],
    [{ srtp: true }, "srtp: needs transport TLS"],
    [{ from: "110" }, "from: must not be an emergency"],
    [{ url: "https://x.example" }, "url: a line of kind sip has none"],
    [{ preset: "twilio" as const }, "preset: is none of kind sip"],
    [{ monthlyCost: 100 }, "pricePerMinute: must be given"],
    [{ dialPrefix: "11" }, "dialPrefix: begins like an emergency number"],
    [{ countryCode: undefined }, "countryCode: must be given"],
  ])("is refused with %o and told why", async (wrong, problem) => {
    const input = Object.fromEntries(Object.entries({ ...trunk, ...wrong }).filter(([, value]) => value !== undefined)) as LineInput; // wrong on purpose
    await expect(createLine(rig.calls, people.first.actor, input)).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringContaining(problem),
    });
  });

  test("is tried before it is kept, and let go again", async () => {
    expect(await checkLine(rig.calls, people.first.actor, { ...trunk, name: "tried" })).toMatchObject({ ok: true, state: "ready" });
    expect(rig.line("tried").isStopped).toBe(true);
    rig.line("tried").startsAs = { state: "failed", problem: "The password is wrong." };
    expect(await checkLine(rig.calls, people.first.actor, { ...trunk, name: "tried" })).toMatchObject({
      ok: false,
      problem: "The password is wrong.",
    });
    expect(await verbsOf("line.")).toEqual(["line.checked", "line.checked"]);
  });

  test("looks anew when it was tried beside itself, for its registration may be gone", async () => {
    const id = await rig.addLine("main");
    let looks = 0;
    Object.assign(rig.line("main"), { look: () => (looks += 1) });
    expect(await checkLine(rig.calls, people.first.actor, { ...trunk, name: "tried" }, id)).toMatchObject({ ok: true });
    expect(looks).toBe(1);
    rig.line("tried").startsAs = { state: "failed", problem: "The password is wrong." };
    await checkLine(rig.calls, people.first.actor, { ...trunk, name: "tried" }, id);
    expect(looks).toBe(1);
  });

  test("stays open while somebody writes its row", async () => {
    const id = await rig.addLine("main");
    await people.owner.query("begin");
    await people.owner.query("select from calls_line where id = $1 for update", [id]);
    rig.calls.wake();
    await rig.calls.settled();
    await people.owner.query("rollback");
    expect(rig.line("main").isStopped).toBe(false);
    expect(await lineOf(id)).toMatchObject({ state: "ready" });
  });

  test("is nothing that a viewer changes", async () => {
    const actor = await viewer();
    const id = await rig.addLine("main");
    const refused = { code: "forbidden" };
    await expect(createLine(rig.calls, actor, trunk)).rejects.toMatchObject(refused);
    await expect(changeLine(rig.calls, actor, id, trunk)).rejects.toMatchObject(refused);
    await expect(switchLine(rig.calls, actor, id, false)).rejects.toMatchObject(refused);
    await expect(checkLine(rig.calls, actor, trunk)).rejects.toMatchObject(refused);
    await expect(deleteLine(rig.calls, actor, id)).rejects.toMatchObject(refused);
    await expect(changeCallSettings(rig.calls, actor, { countries: ["1"] })).rejects.toMatchObject(refused);
    await expect(callMe(rig.calls, actor, {})).rejects.toMatchObject(refused);
    await expect(hangUp(rig.calls, actor, "x")).rejects.toMatchObject(refused);
  });
});

describe("a call to oneself", () => {
  test("rings, is confirmed with a key, and stands in the list with what was said", async () => {
    await rig.number(rig.a, ofA);
    await expect(callMe(rig.calls, rig.a.actor, {})).rejects.toMatchObject({ code: "unavailable" });
    await rig.addLine("main");
    const id = await callMe(rig.calls, rig.a.actor, {});
    const call = await rig.callTo(ofA);
    await call.answer();
    await call.press("1");
    call.over("finished", { talked: seconds(61) });
    await rig.work();
    expect(await rig.list()).toEqual(["test a over finished confirmed"]);
    const seen = (actor: Parameters<typeof readCall>[2]) =>
      people.identity.db.tx(scope(), (tx) => readCall(tx, people.clock.now(), actor, id));
    const { call: shown, events } = await seen(rig.a.actor);
    expect(shown).toMatchObject({ number: ofA, result: "confirmed", pressed: "1", seconds: 61, lineName: "main" });
    expect(events.map(({ kind }) => kind)).toEqual(["asked", "dialled", "answered", "said", "key", "said", "ended"]);
    expect((await seen(await viewer())).call.number).toBe("•••001");
    expect(await verbsOf("call.requested")).toEqual(["call.requested"]);
  });

  test("goes to nobody else, not again while one is on its way, and not without end", async () => {
    const line = await rig.addLine("main");
    const contactId = await rig.number(rig.a, ofA);
    await expect(callMe(rig.calls, rig.b.actor, { contactId })).rejects.toMatchObject({ code: "not-found" });
    await expect(callMe(rig.calls, rig.b.actor, { personId: rig.a.actor.personId })).rejects.toMatchObject({ code: "forbidden" });
    for (let calls = 0; calls < 6; calls += 1) {
      await callMe(rig.calls, rig.a.actor, { lineId: line });
      await expect(callMe(rig.calls, rig.a.actor, {})).rejects.toMatchObject({ code: "too-many-requests" });
      (await rig.callTo(ofA)).over("busy");
      await rig.work();
    }
    await expect(callMe(rig.calls, rig.a.actor, {})).rejects.toMatchObject({ code: "too-many-requests" });
    await people.clock.advance(hours(1));
    await callMe(rig.calls, rig.a.actor, {});
  });

  test("is ended by hand, waiting or ringing", async () => {
    await rig.addLine("main");
    await rig.number(rig.a, ofA);
    const id = await callMe(rig.calls, rig.a.actor, {});
    const call = await rig.callTo(ofA);
    await hangUp(rig.calls, rig.a.actor, id);
    await rig.work();
    expect(call.isEnded).toBe(true);
    await expect(hangUp(rig.calls, rig.a.actor, id)).rejects.toMatchObject({ code: "conflict" });
    expect(await verbsOf("call.hung-up")).toEqual(["call.hung-up"]);
  });

  test("goes to allowed countries alone, and never to an emergency number", async () => {
    await rig.addLine("main");
    const contactId = await rig.number(rig.a, "+12125550100");
    await expect(callMe(rig.calls, rig.a.actor, { contactId })).rejects.toMatchObject({ code: "invalid-input" });
    await changeCallSettings(rig.calls, people.first.actor, { countries: ["81", "1"] });
    await callMe(rig.calls, rig.a.actor, { contactId });
    await changeCallSettings(rig.calls, people.first.actor, { countries: ["81"] });
    await rig.work();
    expect(await rig.list()).toEqual(["test a over wrong-number"]);
    expect(await verbsOf("call-settings")).toEqual(["call-settings.changed", "call-settings.changed"]);
    await people.owner.query("delete from calls_setting");
    await rig.number(rig.b, "+81110");
    await expect(callMe(rig.calls, rig.b.actor, {})).rejects.toMatchObject({ message: expect.stringContaining("emergency") });
  });

  test("of a number that the trunk would take for another country's is not dialled, though its country is allowed", async () => {
    const id = await rig.addLine("main");
    await people.owner.query("update calls_line set settings = $1 where id = $2", [
      JSON.stringify({ dialForm: "national", countryCode: "81" }),
      id,
    ]);
    // Kept before such numbers were refused.
    await callMe(rig.calls, rig.a.actor, { contactId: await rig.number(rig.a, "+811068212345") });
    await rig.work();
    expect(await rig.list()).toEqual(["test a over wrong-number"]);
  });
});

test("a number is proven by a call that reads six digits, which stand nowhere", async () => {
  await rig.addLine("main");
  const contactId = await rig.number(rig.a, ofA);
  const calls = codeCallsOf(rig.calls);
  await people.identity.db.tx(scope(), async (tx) => {
    expect(await calls.readNumber(tx, "090-1111-0001")).toBe(ofA);
    await expect(calls.readNumber(tx, "119")).rejects.toMatchObject({ code: "invalid-input" });
    const call = {
      personId: rig.a.actor.personId,
      contactId,
      number: ofA,
      code: "428170",
      language: "ja",
      timeZone: "Asia/Tokyo",
    } as const;
    await calls.place(tx, people.clock.now(), call);
  });
  const call = await rig.callTo(ofA);
  await call.answer();
  expect(call.heard.replaceAll(/\D/gu, "")).toContain("428170");
  call.over("finished");
  await rig.work();
  const { rows } = await people.owner.query<{ text: string }>(
    "select concat(content, said, detail, pressed) as text from calls_call, calls_event",
  );
  expect(rows.every(({ text }) => !text.includes("428170") && !text.includes("4、2、8"))).toBe(true);
});

describe("what somebody wants of calls", () => {
  test("is kept with an entry each, the PIN only as what it cannot be read from", async () => {
    const weekly = { isOn: true, weekday: 1, time: "10:00" };
    const changed = await changeMyCalls(rig.calls, rig.a.actor, { language: "en", ringSeconds: 40, hasRandomDigit: true, weekly });
    expect(changed).toMatchObject({ language: "en", ringSeconds: 40, hasRandomDigit: true, hasPin: false, weekly });
    await changeMyCalls(rig.calls, rig.a.actor, { language: "en", ringSeconds: 40, hasRandomDigit: true, weekly });
    expect(await changePin(rig.calls, rig.a.actor, "1234")).toMatchObject({ hasPin: true, language: "en" });
    const { rows } = await people.owner.query<{ pin_digest: Buffer }>("select pin_digest from calls_person");
    expect(rows[0]?.pin_digest).toHaveLength(32);
    expect(await changePin(rig.calls, rig.a.actor, null)).toMatchObject({ hasPin: false });
    expect(await verbsOf("call-")).toEqual(["call-preferences.changed", "call-pin.changed", "call-pin.changed"]);
  });

  test("is tested once a week, and the result is shown", async () => {
    const watch = new LinesWatch(rig.calls);
    const stop = watch.start();
    await rig.addLine("main");
    await rig.number(rig.a, ofA);
    const weekly = { isOn: true, weekday: 1, time: "10:00" };
    const { nextWeekly = 0 } = await changeMyCalls(rig.calls, rig.a.actor, { hasRandomDigit: false, weekly });
    const again = () => changeMyCalls(rig.calls, rig.a.actor, { hasRandomDigit: false, weekly });
    const due = async () => {
      await people.owner.query("update calls_weekly set due_at = $1", [people.clock.now()]);
      watch.wake();
      await watch.settled();
      await rig.work();
    };
    expect(nextWeekly).toBeGreaterThan(people.clock.now());
    await due();
    const call = await rig.callTo(ofA);
    expect(await again()).toMatchObject({ lastWeekly: { outcome: "running" } });
    await call.answer();
    await call.press("1");
    call.over("finished");
    await rig.work();
    expect(await again()).toMatchObject({ lastWeekly: { outcome: "passed" } });
    await due();
    (await rig.callTo(ofA)).over("no-answer");
    await rig.work();
    expect(await again()).toMatchObject({ lastWeekly: { outcome: "failed", problem: "no-answer" } });
    await people.owner.query("update notify_contact set muted_until = $1 where kind = 'phone'", [people.clock.now() + 1000]);
    await due();
    expect(await again()).toMatchObject({ lastWeekly: { outcome: "impossible" } });
    await stop();
  });
});

test("a line records only where people are told, for managers alone, and forgets", async () => {
  const watch = new LinesWatch(rig.calls);
  const stop = watch.start();
  const { actor } = people.first;
  const announcement = "この通話は録音されます。";
  await expect(createLine(rig.calls, actor, { ...trunk, isRecorded: true })).rejects.toMatchObject({
    message: expect.stringContaining("announcement: must be given"),
  });
  await createLine(rig.calls, actor, { ...trunk, isRecorded: true, announcement, recordingDays: 2 });
  await rig.work();
  await rig.number(rig.a, ofA);
  const id = await callMe(rig.calls, rig.a.actor, {});
  const call = await rig.callTo(ofA);
  await call.answer();
  expect(call.heard.startsWith(announcement)).toBe(true);
  const samples = Int16Array.from({ length: 800 }, (_one, at) => at);
  call.listener.recorded?.({ said: { samples }, heard: { samples } });
  await rig.work();
  call.over("hung-up", { talked: seconds(3) });
  await rig.work();
  const wav = Buffer.from(await hearCall(rig.calls, actor, id), "base64");
  expect(wav.subarray(0, 4).toString()).toBe("RIFF");
  expect(wav.readInt16LE(wav.length - 2)).toBe(2 * 799);
  const { rows } = await people.owner.query<{ sound: Buffer }>("select sound from calls_recording");
  expect(rows[0]?.sound.includes("RIFF")).toBe(false);
  await expect(hearCall(rig.calls, (await people.join(people.first, "collaborator")).actor, id)).rejects.toMatchObject({
    code: "forbidden",
  });
  expect(await verbsOf("call.listened")).toEqual(["call.listened"]);
  await people.clock.advance(hours(49));
  watch.wake();
  await watch.settled();
  await expect(hearCall(rig.calls, actor, id)).rejects.toMatchObject({ code: "not-found" });
  expect((await people.owner.query("select from calls_recording")).rowCount).toBe(0);
  await stop();
});

test("a line that nears its limit warns, and at the limit calls about critical incidents alone", async () => {
  const watch = new LinesWatch(rig.calls);
  const stop = watch.start();
  const id = await rig.addLine("main");
  const costs = { pricePerMinute: 10, currency: "JPY", monthlyCost: 100 };
  await people.owner.query("update calls_line set settings = $1 where id = $2", [JSON.stringify({ domain: "trunk.test", ...costs }), id]);
  await rig.number(rig.a, ofA);
  await rig.inOrder([rig.a]);
  const talk = async (length: number) => {
    await callMe(rig.calls, rig.a.actor, {});
    const call = await rig.callTo(ofA);
    await call.answer();
    call.over("hung-up", { talked: minutes(length) });
    await rig.work();
    watch.wake();
    await watch.settled();
  };
  const alerts = async () =>
    (
      await people.owner.query<{ status: string; name: string }>(
        "select status, name from incidents_alert where name like 'Limit%' and closed_at is null",
      )
    ).rows;
  await talk(7.5);
  expect(await lineOf(id)).toMatchObject({ usage: { calls: 1, minutes: 8, cost: 80, limit: "near" } });
  expect(await alerts()).toEqual([{ status: "WARNING", name: "Limit of line main" }]);
  await talk(2);
  expect(await lineOf(id)).toMatchObject({ usage: { cost: 100, limit: "reached" } });
  expect(await alerts()).toEqual([{ status: "CRITICAL", name: "Limit of line main" }]);
  await callMe(rig.calls, rig.a.actor, {});
  await rig.work();
  expect((await rig.list()).filter((one) => one.startsWith("test")).at(-1)).toBe("test a over line-failed");
  await rig.open("Web");
  expect((await rig.callTo(ofA)).dial.to).toBe(ofA);
  const { calls, next } = await people.identity.db.tx(scope(), (tx) =>
    readCalls(tx, people.clock.now(), people.first.actor, { kind: "test", limit: 2 }),
  );
  expect(calls.map(({ cost }) => cost)).toEqual([undefined, 20]);
  expect(next).toBeDefined();
  await changeLine(rig.calls, people.first.actor, id, {
    kind: "sip",
    name: "main",
    priority: 1,
    capacity: 1,
    domain: "trunk.test",
    ...costs,
    monthlyCost: 500,
  });
  watch.wake();
  await watch.settled();
  expect(await alerts()).toEqual([]);
  await stop();
});
