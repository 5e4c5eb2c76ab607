import { describe, expect, test } from "vitest";
import { hours, minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { from, goodPassword, withPeople, type Somebody } from "#test/people";
import { changeAccount } from "./change-account.ts";
import { changePassword } from "./change-password.ts";
import { endOtherSessions, endSession, listSessions, signOut, type Self } from "./end-sessions.ts";
import { resetPassword } from "./reset-password.ts";
import { onChange } from "./settings.ts";
import { signIn } from "./sign-in.ts";
import { purge } from "./upkeep.ts";

const people = withPeople();
let count = 0;
const open = async (email: string, password = goodPassword): Promise<string> =>
  (await signIn(people.identity, { email, password }, from(`198.51.100.${(count += 1) % 250}`))).token;
const principalOf = async (token: string) => {
  const principal = await people.gate.authenticate({
    cookie: `other=1; hinoban_session=${token}`,
    apiKey: undefined,
    address: "192.0.2.1",
  });
  if (principal?.kind !== "person") throw new Error("nobody");
  return principal;
};
const isOpen = async (token: string): Promise<boolean> => {
  try {
    await principalOf(token);
    return true;
  } catch (error) {
    if (error instanceof HinobanError && error.code === "session-expired") return false;
    throw error;
  }
};
const member = (): Promise<Somebody> => people.join(people.first, "viewer");

describe("a session", () => {
  test("lets its person in until it was not used for two hours", async () => {
    const { session } = await member();
    await people.clock.advance(minutes(110));
    expect(await isOpen(session.token)).toBe(true);
    await people.clock.advance(minutes(110));
    expect(await isOpen(session.token)).toBe(true);
    await people.clock.advance(minutes(121));
    expect(await isOpen(session.token)).toBe(false);
  });

  test("is not kept open by a screen that nobody touches", async () => {
    const { session } = await member();
    const cookie = `hinoban_session=${session.token}`;
    const ask = () => people.gate.authenticate({ cookie, apiKey: undefined, address: "192.0.2.1", isIdle: true });
    await people.clock.advance(minutes(110));
    expect(await ask()).toMatchObject({ kind: "person" });
    await people.clock.advance(minutes(11));
    await expect(ask()).rejects.toMatchObject({ code: "session-expired" });
  });

  test("ends after twelve hours even when it is used all the time", async () => {
    const { session } = await member();
    for (let hour = 1; hour < 12; hour += 1) {
      await people.clock.advance(hours(1));
      expect(await isOpen(session.token)).toBe(true);
    }
    await people.clock.advance(hours(1));
    expect(await isOpen(session.token)).toBe(false);
    await purge(people.identity);
    const { rows } = await people.owner.query("select id from identity_session where person_id = $1", [session.signedIn.person.id]);
    expect(rows).toEqual([]);
  });

  test("is kept as a hash: the stored value opens nothing", async () => {
    const { session } = await member();
    const { rows } = await people.owner.query(
      "select encode(token_hash, 'hex') as hex, encode(token_hash, 'base64') as b64 from identity_session where person_id = $1",
      [session.signedIn.person.id],
    );
    for (const stored of [rows[0].hex, rows[0].b64]) expect(await isOpen(stored)).toBe(false);
  });

  test("is listed to its person with where it came from, and the one in use is marked", async () => {
    const { email, session } = await member();
    await people.clock.advance(minutes(5));
    const token = await open(email);
    const self = await principalOf(token);
    const list = await listSessions(people.identity, self);
    expect(list.map(({ isCurrent, userAgent }) => ({ isCurrent, userAgent }))).toEqual([
      { isCurrent: true, userAgent: "test browser" },
      { isCurrent: false, userAgent: "test browser" },
    ]);
    expect(list[1]?.address).toBe("192.0.2.10");
    expect(list[1]?.expiresAt).toBe(session.signedIn.expiresAt);
  });
});

describe("ending sessions", () => {
  test("signing out ends this session at once and records it", async () => {
    const { session } = await member();
    const self = await principalOf(session.token);
    await people.acts();
    await signOut(people.identity, self, "signed-out");
    expect(await isOpen(session.token)).toBe(false);
    expect(await people.acts()).toMatchObject([
      {
        organisationId: people.first.actor.organisationId,
        verb: "session.ended",
        object: `session:${self.sessionId}`,
        detail: { cause: "signed-out" },
      },
    ]);
  });

  test("one of one's own can be ended from another, and somebody else's cannot be found", async () => {
    const { email, session } = await member();
    const token = await open(email);
    const [mine, other] = [await principalOf(token), await principalOf(session.token)];
    const stranger = await principalOf((await member()).session.token);
    await expect(endSession(people.identity, stranger, other.sessionId)).rejects.toMatchObject({ code: "not-found" });
    expect(await isOpen(session.token)).toBe(true);
    await people.acts();
    await endSession(people.identity, mine, other.sessionId);
    expect(await isOpen(session.token)).toBe(false);
    expect(await isOpen(token)).toBe(true);
    expect(await people.acts()).toMatchObject([{ verb: "session.ended", detail: { cause: "ended-by-person" } }]);
    await expect(endSession(people.identity, mine, other.sessionId)).rejects.toMatchObject({ code: "not-found" });
  });

  test("all others can be ended in one act", async () => {
    const { email, session } = await member();
    const [kept, gone] = [await open(email), await open(email)];
    await people.acts();
    expect(await endOtherSessions(people.identity, await principalOf(kept))).toBe(2);
    expect([await isOpen(kept), await isOpen(gone), await isOpen(session.token)]).toEqual([true, false, false]);
    expect(await people.acts()).toMatchObject([{ verb: "session.ended", detail: { cause: "ended-by-person", count: 2 } }]);
  });
});

describe("changing one's password", () => {
  const change = (self: Self, current: string, next: string) => changePassword(people.identity, self, { current, next }, "198.51.100.250");

  test("takes the present one, ends the other sessions at once and records how many", async () => {
    const { email, session } = await member();
    const token = await open(email);
    await principalOf(session.token);
    await people.acts();
    expect(await change(await principalOf(token), goodPassword, "another horse 43")).toBe(1);
    expect([await isOpen(token), await isOpen(session.token)]).toEqual([true, false]);
    const acts = await people.acts();
    expect(acts.map(({ verb, detail }) => ({ verb, detail }))).toEqual([
      { verb: "session.ended", detail: { cause: "password-changed", count: 1 } },
      { verb: "person.password-changed", detail: { sessionsEnded: 1 } },
    ]);
    await expect(open(email)).rejects.toMatchObject({ code: "wrong-credentials" });
    expect(await isOpen(await open(email, "another horse 43"))).toBe(true);
  });

  test("refuses each of the last four, short ones, ones without digits and ones with the address", async () => {
    const { email, session } = await member();
    const self = await principalOf(session.token);
    const used = [goodPassword, "second password 2", "third password 3", "fourth password 4"];
    for (let n = 1; n < used.length; n += 1) await change(self, used[n - 1] ?? "", used[n] ?? "");
    const refused = [...used, "short 1", "no digits in here", `${email.toUpperCase()} 1`];
    for (const next of refused)
      await expect(change(self, "fourth password 4", next), next).rejects.toMatchObject({
        code: "invalid-input",
        facts: { fields: [{ field: "next" }] },
      });
    await change(self, "fourth password 4", "fifth password 5");
    await change(self, "fifth password 5", goodPassword);
  });

  test("counts wrong present ones like wrong sign-ins", async () => {
    const { session } = await member();
    const self = await principalOf(session.token);
    await people.acts();
    for (let n = 1; n <= 10; n += 1) {
      await expect(change(self, "wrong password 1", "another horse 43")).rejects.toMatchObject({
        code: "invalid-input",
        facts: { fields: [{ field: "current" }] },
      });
      await people.clock.advance(minutes(1));
    }
    await expect(change(self, goodPassword, "another horse 43")).rejects.toMatchObject({ code: "locked" });
    const verbs = (await people.acts()).map(({ verb }) => verb);
    expect(verbs.filter((verb) => verb === "session.refused")).toHaveLength(10);
    expect(verbs.filter((verb) => verb === "person.locked")).toHaveLength(1);
  });

  test("at two places at once changes it once", async () => {
    const { email, session } = await member();
    const others = [await open(email), await open(email)];
    const selves = await Promise.all(others.map(principalOf));
    const results = await Promise.allSettled(selves.map((self, i) => change(self, goodPassword, `parallel password ${i}`)));
    expect(results.map((r) => r.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect((await Promise.all([...others, session.token].map(isOpen))).filter(Boolean)).toHaveLength(1);
  });
});

describe("changing one's account", () => {
  test("changes name, language and time zone, records which, and nothing when nothing differs", async () => {
    const { session } = await member();
    const self = await principalOf(session.token);
    await people.acts();
    const input = { name: "  新しい名前 ", language: "ja", timeZone: "Europe/Zurich" } as const;
    expect(await changeAccount(people.identity, self, input)).toMatchObject({
      name: "新しい名前",
      language: "ja",
      timeZone: "Europe/Zurich",
      num: expect.any(Number),
    });
    expect((await people.acts()).map(({ verb, detail }) => ({ verb, detail }))).toEqual([
      { verb: "person.changed", detail: { fields: ["name", "language", "timeZone"] } },
    ]);
    expect((await principalOf(session.token)).language).toBe("ja");
    await changeAccount(people.identity, self, input);
    expect(await people.acts()).toEqual([]);
    await expect(changeAccount(people.identity, self, { ...input, timeZone: "Mars/Olympus" })).rejects.toMatchObject({
      code: "invalid-input",
    });
  });
});

describe("a password reset by whoever runs the machine", () => {
  test("gives a new password, ends all sessions, lifts a lock, and is recorded as the operator's", async () => {
    const { email, session, actor } = await member();
    await principalOf(session.token);
    await people.owner.query("insert into identity_attempt (subject, failed, last_at, next_at, locked_until) values ($1, 10, $2, $2, $3)", [
      `person:${actor.personId}`,
      people.clock.now(),
      people.clock.now() + minutes(30),
    ]);
    await people.acts();
    const password = await resetPassword(people.identity, ` ${email.toUpperCase()} `);
    expect(String(password)).toBe("[secret]");
    expect(await people.acts()).toMatchObject([
      {
        organisationId: people.first.actor.organisationId,
        actor: "system:operator",
        verb: "person.password-changed",
        detail: { sessionsEnded: 1 },
      },
    ]);
    onChange(people.identity, { organisationId: "installation", topic: "people" }); // what the announcement brings about
    expect(await isOpen(session.token)).toBe(false);
    await expect(open(email)).rejects.toMatchObject({ code: "wrong-credentials" });
    expect(await isOpen(await open(email, password.reveal()))).toBe(true);
    await expect(resetPassword(people.identity, "nobody@example.jp")).rejects.toMatchObject({ code: "not-found" });
  });
});
