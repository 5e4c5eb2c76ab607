import { createHmac } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { number, publicUrl, withCarriers } from "#test/carriers-rig";
import { signedAsTwilio } from "#test/carriers/twilio-call";
import { until } from "#test/until";

const rig = withCarriers();
const kinds = ["twilio", "vonage", "http"] as const;
const fakeOf = (kind: (typeof kinds)[number]) => ({ twilio: rig.twilio, vonage: rig.vonage, http: rig.service })[kind];

const over = (id: string): Promise<void> => rig.until("the call is over", async () => (await rig.kept(id)).state === "over");

const eventsOf = async (id: string): Promise<string[]> => {
  const { rows } = await rig.rig.incidents.people.owner.query<{ kind: string }>(
    "select kind from calls_event where call_id = $1 order by seq",
    [id],
  );
  return rows.map(({ kind }) => kind);
};

let hangUp: () => void = () => undefined;
afterEach(() => hangUp());

/** A call of Twilio that talks and was asked for a key; nobody presses one until the end of the test. */
async function talking() {
  await rig.addLine("twilio");
  const silence = new Promise<undefined>((resolve) => (hangUp = () => resolve(undefined)));
  rig.twilio.phones.set(number, { kind: "answers", afterMs: 1, keys: () => silence });
  const id = await rig.call();
  await rig.until("it asks for a key", async () => (await eventsOf(id)).includes("answered"));
  const [made] = rig.twilio.made;
  if (!made) throw new Error("no call was made");
  return { id, made };
}

test.each(kinds)("%s: a call goes on through the hooks until its key is written down, and its end is known", async (kind) => {
  await rig.addLine(kind);
  fakeOf(kind).phones.set(number, { kind: "answers", keys: (_said, asked) => (asked === 1 ? "3" : "1") });
  const id = await rig.call();
  await over(id);
  expect(await rig.kept(id)).toMatchObject({ cause: "finished", result: "confirmed", pressed: "31" });
  expect(fakeOf(kind).made).toHaveLength(1);
  const problems =
    "problems" in fakeOf(kind) ? rig.vonage.problems.concat(rig.service.problems) : rig.twilio.made.flatMap((one) => one.problems);
  expect(problems).toEqual([]);
});

test("callbacks that come twice and in the wrong order change nothing", async () => {
  await rig.addLine("twilio");
  Object.assign(rig.twilio.mischief, { doubles: true, reorders: true });
  rig.twilio.phones.set(number, { kind: "answers", keys: () => "1" });
  const id = await rig.call();
  await over(id);
  await Promise.all(rig.twilio.running);
  expect(await rig.kept(id)).toMatchObject({ state: "over", result: "confirmed", pressed: "1" });
  const events = await eventsOf(id);
  expect(events.filter((event) => event === "ended")).toHaveLength(1);
  expect(new Set(events.filter((event) => event === "answered")).size).toBeLessThanOrEqual(1);
});

test("a key that a stranger sends, or one for another address, is refused and does nothing", async () => {
  const { id, made } = await talking();
  const form = { CallSid: made.facts.sid, AccountSid: rig.twilio.accountSid, CallStatus: "in-progress", Digits: "1" };
  const keys = `${made.facts.url}?about=keys&step=1`;
  const body = new URLSearchParams(form).toString();
  const send = (url: string, signature: string, type = "application/x-www-form-urlencoded") =>
    rig.deliver({ url, headers: { "content-type": type, "x-twilio-signature": signature }, body });
  const right = signedAsTwilio(rig.twilio.authToken, keys, Object.entries(form));
  expect((await send(keys, "")).status).toBe(401);
  expect((await send(keys, signedAsTwilio("a guess", keys, Object.entries(form)))).status).toBe(401);
  expect((await send(keys.replace("step=1", "step=2"), right)).status).toBe(401);
  expect((await send(keys, right.replace(publicUrl, "https://evil.example"), "application/json")).status).toBe(401);
  // A signature that is right for the name in the Host header is not right for ours.
  const hosted = keys.replace(publicUrl, "https://evil.example");
  expect((await send(keys, signedAsTwilio(rig.twilio.authToken, hosted, Object.entries(form)))).status).toBe(401);
  expect((await rig.kept(id)).pressed).toBe("");
});

test("an address that we did not write, and a call that nobody knows, say nothing", async () => {
  const { made } = await talking();
  const name = made.facts.url.split("/").at(-1) ?? "";
  const forged = made.facts.url.replace(name, `${name.slice(0, -2)}xx`);
  const wrongKind = made.facts.url.replace("/twilio/voice", "/vonage/voice");
  for (const url of [forged, wrongKind, `${publicUrl}/hooks/twilio/voice/x`, `${publicUrl}/hooks/calls/a.b.c.d`]) {
    expect((await made.post(url, { CallSid: made.facts.sid, CallStatus: "completed" })).status).toBe(404);
  }
});

test("the same callback again is a replay, and a second call in the name of the first is hung up", async () => {
  const { id, made } = await talking();
  const url = `${made.facts.url}?about=state`;
  const { owner } = rig.rig.incidents.people;
  hangUp();
  await over(id);
  await Promise.all(rig.twilio.running);
  const before = await eventsOf(id);
  const form = {
    CallSid: made.facts.sid,
    AccountSid: rig.twilio.accountSid,
    CallStatus: "completed",
    CallDuration: "5",
    SequenceNumber: "9",
  };
  expect((await made.post(url, form)).status).toBe(200);
  expect((await made.post(url, form)).status).toBe(200);
  expect(await eventsOf(id)).toEqual(before);
  const { rows } = await owner.query("select key from carriers_seen where key like '%:9:'");
  expect(rows).toHaveLength(1);
  const other = await made.post(made.facts.url, { CallSid: "CAother", CallStatus: "in-progress" });
  expect(other.body).toContain("<Hangup/>");
  // A call that is over is not begun again by asking for its first words.
  expect((await made.post(made.facts.url, { CallSid: made.facts.sid, CallStatus: "in-progress" })).body).not.toContain("<Gather");
});

test("the same key twice acts once and hears the same answer", async () => {
  const { id, made } = await talking();
  const answers: string[] = [];
  const form = { CallSid: made.facts.sid, AccountSid: rig.twilio.accountSid, CallStatus: "in-progress", Digits: "3" };
  for (let time = 0; time < 2; time += 1) answers.push((await made.post(`${made.facts.url}?about=keys&step=1`, form)).body);
  expect(answers[0]).toBe(answers[1]);
  expect(answers[0]).toContain("<Gather");
  expect((await rig.kept(id)).pressed).toBe("3");
});

test("requests that are too large, unreadable or not allowed are refused before anything is looked up", async () => {
  const { made } = await talking();
  const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "x" };
  expect((await rig.deliver({ url: made.facts.url, headers, body: "a=".padEnd(70_000, "b") })).status).toBe(413);
  expect((await rig.app.inject({ method: "GET", url: made.facts.url.slice(publicUrl.length) })).statusCode).toBe(404);
  expect((await made.post(`${made.facts.url}?about=state`, { CallSid: made.facts.sid, CallStatus: "nonsense" })).status).toBe(400);
  expect((await made.post(made.facts.url, { CallStatus: "in-progress" })).status).toBe(400);
  expect((await made.post(made.facts.url, { CallSid: made.facts.sid, AccountSid: "ACother" })).status).toBe(401);
});

test("while tokens change, the one before signs as well", async () => {
  const { made } = await talking();
  const { owner } = rig.rig.incidents.people;
  const { rows } = await owner.query<{ id: string }>("select id from calls_line");
  const id = rows[0]?.id ?? "";
  const { Secret } = await import("#base/secret");
  const secrets = JSON.stringify({ authToken: "the new token", previousAuthToken: rig.twilio.authToken });
  await owner.query("update calls_line set secrets = $1 where id = $2", [rig.calls.lineSeal.seal(new Secret(secrets), id), id]);
  const form = { CallSid: made.facts.sid, CallStatus: "initiated", SequenceNumber: "40" };
  for (const token of ["the new token", rig.twilio.authToken])
    expect((await made.post(`${made.facts.url}?about=state`, form, token)).status).toBe(200);
  expect((await made.post(`${made.facts.url}?about=state`, form, "neither")).status).toBe(401);
});

test("Vonage's tokens must be new, of this body, this application and this minute", async () => {
  await rig.addLine("vonage");
  const id = await rig.call();
  await rig.until("it was made", () => rig.vonage.made.length === 1);
  const [made] = rig.vonage.made;
  const url = made?.eventUrl ?? "";
  const body = { uuid: made?.uuid, status: "busy" };
  expect((await rig.vonage.post(url, body, { secret: "a guess of thirty-two letters at least" })).status).toBe(401);
  expect((await rig.vonage.post(url, body, { at: Date.now() / 1000 - 900 })).status).toBe(401);
  const token = (claims: object, alg = "HS256"): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${part({ alg, typ: "JWT" })}.${part(claims)}`;
    return `${signed}.${alg === "none" ? "" : createHmac("sha256", rig.vonage.signatureSecret).update(signed).digest("base64url")}`;
  };
  const claims = { iat: Math.floor(Date.now() / 1000), jti: "j1", payload_hash: "0".repeat(64) };
  for (const forged of [token(claims), token(claims, "none"), "nonsense"]) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${forged}` };
    expect((await rig.deliver({ url, headers, body: JSON.stringify(body) })).status).toBe(401);
  }
  expect((await rig.kept(id)).state).not.toBe("over");
  rig.vonage.problems.length = 0;
  expect((await rig.vonage.post(url, body, { twice: true })).status).toBe(204);
  await over(id);
  expect((await rig.kept(id)).cause).toBe("busy");
});

test("a generic provider must sign with the line's key, lately, and count its messages", async () => {
  await rig.addLine("http");
  const id = await rig.call();
  await rig.until("it was made", () => rig.service.made.length === 1);
  const [made] = rig.service.made;
  const url = made?.callbackUrl ?? "";
  const ended = { id: made?.id, event: "ended", cause: "declined", seq: 70 };
  expect((await rig.service.send(url, ended, "another key")).status).toBe(401);
  expect((await rig.service.send(url, ended, rig.service.signingKey, Math.floor(Date.now() / 1000) - 400)).status).toBe(401);
  expect((await rig.service.send(url, { ...ended, seq: undefined })).status).toBe(400);
  expect((await rig.service.send(url, { id: made?.id, event: "jumped" })).status).toBe(400);
  expect((await rig.service.send(url, ended)).status).toBe(204);
  expect((await rig.service.send(url, { ...ended, cause: "busy" })).status).toBe(204);
  await over(id);
  expect((await rig.kept(id)).cause).toBe("declined");
});

test("two services that number their calls and messages alike do not take each other's for replays", async () => {
  await rig.addLine("http");
  const ids: string[] = [];
  for (const cause of ["declined", "busy"]) {
    // As one that has just begun: its first call is called c1 again.
    rig.service.clear();
    await rig.rig.incidents.people.owner.query("delete from notify_contact where address = $1", [number]);
    const id = await rig.call();
    await rig.until("it was made", () => rig.service.made.length === 1);
    const [made] = rig.service.made;
    ids.push(made?.id ?? "");
    expect((await rig.service.send(made?.callbackUrl ?? "", { id: made?.id, event: "ended", cause, seq: 70 })).status).toBe(204);
    await over(id);
    expect((await rig.kept(id)).cause).toBe(cause);
  }
  expect(new Set(ids)).toEqual(new Set(["c1"]));
});

test("old memories are forgotten", async () => {
  const { owner, first } = rig.rig.incidents.people;
  const organisationId = first.actor.organisationId;
  await owner.query("insert into carriers_seen (organisation_id, key, at) values ($1, 'old', 5), ($1, 'new', $2)", [
    organisationId,
    Date.now(),
  ]);
  await rig.carriers.purge();
  await until("the old one is gone", 1000, async () => (await owner.query("select 1 from carriers_seen where key = 'old'")).rowCount === 0);
  expect((await owner.query("select 1 from carriers_seen where key = 'new'")).rowCount).toBe(1);
});
