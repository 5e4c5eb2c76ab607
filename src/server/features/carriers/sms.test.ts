import { beforeEach, expect, test } from "vitest";
import { number, publicUrl, withCarriers } from "#test/carriers-rig";
import { notice } from "#test/notify-rig";
import type { SmsSenderInput } from "#wire/sms";
import { changeSmsSender, removeSmsSender } from "./change-sms-sender.ts";
import { readSmsState } from "./read-sms.ts";
import { testSmsSender } from "./test-sms-sender.ts";

const rig = withCarriers();
const people = () => rig.rig.incidents.people;
const owner = () => people().first.actor;
const scope = () => ({ organisationId: owner().organisationId });
const state = () => people().identity.db.tx(scope(), (tx) => readSmsState(rig.carriers, tx, rig.carriers.clock.now()));

const twilio = (more: Partial<SmsSenderInput> = {}): SmsSenderInput => ({
  kind: "twilio",
  from: "+815012345678",
  accountSid: rig.twilio.accountSid,
  baseUrl: rig.twilio.url,
  authToken: rig.twilio.authToken,
  mostSegments: 2,
  pricePerSegment: 8,
  currency: "JPY",
  ...more,
});
const service = (): SmsSenderInput => ({
  kind: "http",
  from: "Hinoban",
  url: `${rig.service.url}/sms`,
  signingKey: rig.service.signingKey,
  mostSegments: 3,
});

let sent = 0;
/** An urgent message to the first owner by short message; what became of it. */
async function send(title = "[重大] web01: CPU % 97 > 90") {
  sent += 1;
  const to = { kind: "person", personId: owner().personId, medium: "sms" } as const;
  const [id] = await rig.rig.notify.send({ to, key: `sms:${sent}`, about: "incident:1", isUrgent: true, write: () => notice({ title }) });
  const { rows } = await people().owner.query<{ state: string; problem: string | null }>(
    "select state, problem from notify_delivery where id = $1",
    [id],
  );
  return rows[0];
}

const addNumber = (address = number, position = 1) =>
  people().owner.query(
    `insert into notify_contact (id, organisation_id, person_id, kind, address, label, position, created_at, verified_at)
      values (md5($1), $2, $3, 'phone', $1, '', $4, 0, 0)`,
    [address, scope().organisationId, owner().personId, position],
  );

const recorded = async (verb: string) => (await people().acts()).filter((entry) => entry.verb.startsWith(verb));

beforeEach(async () => {
  await people().owner.query("delete from carriers_sms_sender");
  await people().owner.query("delete from carriers_sms_message");
});

test("a message goes to the first number that takes it, short, with its link, and what it costs is kept", async () => {
  await changeSmsSender(rig.carriers, owner(), twilio());
  await addNumber("+815011112222", 1);
  await addNumber(number, 2);
  expect(await send()).toMatchObject({ state: "sent" });
  const [message] = rig.twilio.messages;
  expect(message).toMatchObject({
    to: number,
    from: "+815012345678",
    body: "[重大] web01: CPU % 97 > 90\nhttps://hinoban.example/o/first/incidents/1",
  });
  const { month, recent } = await state();
  expect(month).toEqual({ messages: 1, segments: 1, cost: 8, currency: "JPY" });
  expect(recent[0]).toMatchObject({ state: "sent", encoding: "ucs-2", segments: 1 });
  expect(recent[0]?.number).not.toContain("901234");
});

test("what became of a message is believed only from its provider, and a late word takes nothing back", async () => {
  await changeSmsSender(rig.carriers, owner(), twilio());
  await addNumber();
  await send();
  const [message] = rig.twilio.messages;
  if (!message) throw new Error("nothing was sent");
  rig.twilio.authToken = "somebody else's";
  expect((await rig.twilio.tell(message, "failed")).status).toBe(401);
  rig.twilio.authToken = "right-token";
  expect((await rig.twilio.tell({ ...message, statusCallback: `${publicUrl}/hooks/twilio/sms/a.b.c` }, "failed")).status).toBe(404);
  expect((await rig.twilio.tell({ ...message, sid: "SMother" }, "failed")).status).toBe(200);
  expect((await state()).recent[0]?.state).toBe("sent");
  for (const word of ["delivered", "sent", "undelivered"]) expect((await rig.twilio.tell(message, word)).status).toBe(200);
  expect((await state()).recent[0]).toMatchObject({ state: "delivered" });
});

test("without a sender, with a wrong token or without a number the message fails with a sentence about why", async () => {
  expect(await send()).toMatchObject({ state: "failed", problem: expect.stringContaining("no verified telephone number") as string });
  await addNumber();
  expect(await send()).toMatchObject({ state: "failed", problem: "No service for text messages is set up." });
  await changeSmsSender(rig.carriers, owner(), twilio({ authToken: "wrong" }));
  expect(await send()).toMatchObject({ state: "failed", problem: expect.stringContaining("Authenticate") as string });
  expect(await state()).toMatchObject({
    problem: expect.stringContaining("Authenticate") as string,
    failingSince: expect.any(Number) as number,
  });
});

test("a service of one's own takes messages too, and tells what became of them under our signature", async () => {
  await changeSmsSender(rig.carriers, owner(), service());
  await addNumber();
  expect(await send("x".repeat(1000))).toMatchObject({ state: "sent" });
  const [message] = rig.service.messages;
  expect(message).toMatchObject({ to: number, from: "Hinoban" });
  expect((await state()).recent[0]).toMatchObject({ encoding: "gsm-7", segments: 3 });
  const url = String(message?.["callbackUrl"]);
  expect((await rig.service.send(url, { id: "m1", state: "failed", problem: "switched off" }, "another key")).status).toBe(401);
  expect((await rig.service.send(url, { id: "m1", state: "failed", problem: "switched off" })).status).toBe(200);
  expect((await state()).recent[0]).toMatchObject({ state: "failed", problem: "switched off" });
});

test("a sender is set, changed and removed with one entry each; secrets stay where they were typed for", async () => {
  await people().acts();
  await changeSmsSender(rig.carriers, owner(), twilio());
  const { authToken: _kept, ...without } = twilio({ mostSegments: 3 });
  const changed = await changeSmsSender(rig.carriers, owner(), without);
  expect(changed.sender).toMatchObject({ mostSegments: 3, secrets: ["authToken"] });
  expect(JSON.stringify(changed)).not.toContain("right-token");
  await changeSmsSender(rig.carriers, owner(), without);
  const moved = changeSmsSender(rig.carriers, owner(), { ...without, baseUrl: "https://evil.example" });
  await expect(moved).rejects.toMatchObject({ code: "invalid-input", facts: { fields: [{ field: "authToken" }] } });
  const wrong = changeSmsSender(rig.carriers, owner(), {
    kind: "twilio",
    from: "Hinoban",
    accountSid: "AC1",
    authToken: "x",
    mostSegments: 1,
    pricePerSegment: 1,
  });
  await expect(wrong).rejects.toMatchObject({ facts: { fields: [{ field: "accountSid" }, { field: "currency" }] } });
  expect((await removeSmsSender(rig.carriers, owner())).sender).toBeUndefined();
  const acts = await recorded("sms-sender.");
  expect(acts.map(({ verb }) => verb)).toEqual(["sms-sender.changed", "sms-sender.changed", "sms-sender.removed"]);
  expect(acts[1]?.detail["fields"]).toEqual(["mostSegments"]);
});

test("a test goes out at once, through the sender as it is typed, but never to an emergency number or abroad", async () => {
  await people().acts();
  const outcome = await testSmsSender(rig.carriers, owner(), { to: "090-1234-5678", sender: twilio(), language: "ja" });
  expect(outcome).toMatchObject({ ok: true, state: "sent", segments: 1, encoding: "ucs-2" });
  expect(rig.twilio.messages[0]?.body).toContain("テスト送信");
  for (const to of ["110", "+1 202 555 0123", "nonsense"]) {
    const refused = testSmsSender(rig.carriers, owner(), { to, sender: twilio(), language: "en" });
    await expect(refused).rejects.toMatchObject({ code: "invalid-input" });
  }
  await expect(testSmsSender(rig.carriers, owner(), { to: number, language: "en" })).rejects.toMatchObject({ code: "invalid-input" });
  expect((await recorded("sms-sender.tested"))[0]).toMatchObject({ outcome: "done", detail: { kind: "twilio", state: "sent" } });
});

test("who only looks changes and tests nothing", async () => {
  const viewer = (await people().join(people().first, "viewer")).actor;
  for (const act of [
    () => changeSmsSender(rig.carriers, viewer, twilio()),
    () => removeSmsSender(rig.carriers, viewer),
    () => testSmsSender(rig.carriers, viewer, { to: number, sender: twilio(), language: "en" }),
  ])
    await expect(act()).rejects.toMatchObject({ code: "forbidden" });
  expect(rig.twilio.messages).toHaveLength(0);
});
