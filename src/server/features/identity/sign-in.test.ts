import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { from, goodPassword, withPeople } from "#test/people";
import { delayAfter } from "./attempts.ts";
import { signIn } from "./sign-in.ts";
import { purge } from "./upkeep.ts";

const people = withPeople({ wrongPasswordsPerAddress: 20 });
let addresses = 0;
/** An address that no other test has counted against. */
const elsewhere = () => from(`198.51.100.${(addresses += 1)}`);
const attempt = (email: string, password: string, origin = elsewhere()) => signIn(people.identity, { email, password }, origin);
const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return "done";
  } catch (error) {
    return error instanceof HinobanError ? error.code : String(error);
  }
};

/** Wrong passwords, each after the delay that the one before earned. */
async function wrongTimes(email: string, times: number): Promise<string[]> {
  const codes: string[] = [];
  for (let n = 1; n <= times; n += 1) {
    codes.push(await codeOf(attempt(email, "wrong password 1")));
    await people.clock.advance(delayAfter(n));
  }
  return codes;
}

describe("signing in", () => {
  test("takes the right password, whatever blanks and case the address is typed with, and is recorded in each of one's organisations", async () => {
    const person = await people.join(people.first, "viewer", "taro@example.jp");
    const second = await people.another("second-org");
    await people.owner.query("insert into identity_membership (organisation_id, person_id, role, joined_at) values ($1, $2, 'viewer', 0)", [
      second.actor.organisationId,
      person.actor.personId,
    ]);
    await people.acts();
    const opened = await attempt("  TARO@Example.jp\u3000", goodPassword);
    expect(opened.signedIn).toMatchObject({ signedIn: true, person: { email: "taro@example.jp", language: "en" } });
    expect(opened.signedIn.memberships.map((m) => m.name)).toEqual(["first", "second-org"]);
    const acts = await people.acts();
    expect(acts.map(({ organisationId, verb, actor }) => ({ organisationId, verb, actor }))).toEqual(
      [people.first, second]
        .map(({ actor }) => actor.organisationId)
        .toSorted()
        .map((organisationId) => ({ organisationId, verb: "session.opened", actor: `person:${person.actor.personId}` })),
    );
    expect(acts[0]?.detail).toEqual({ method: "password", address: expect.stringMatching(/^h:[0-9a-f]{64}$/u) });
  });

  test("gives an unknown address and a wrong password the same answer", async () => {
    const [unknown, wrong] = await Promise.allSettled([
      attempt("nobody@example.jp", "wrong password 1"),
      attempt("taro@example.jp", "wrong password 1"),
    ]);
    expect(unknown).toMatchObject({ status: "rejected", reason: { code: "wrong-credentials" } });
    expect(String(Reflect.get(unknown, "reason"))).toBe(String(Reflect.get(wrong, "reason")));
  });

  test("records a wrong password where the person's organisations see it, and an unknown name only by its address in the installation's own record", async () => {
    await people.acts();
    await codeOf(attempt("secret-typed-into-the-wrong-field", "wrong password 1", from("203.0.113.9")));
    const [unknown] = await people.acts();
    expect(unknown).toMatchObject({
      organisationId: "installation",
      actor: "anonymous",
      verb: "session.refused",
      outcome: "refused",
      object: "installation:sign-in",
    });
    expect(JSON.stringify(unknown)).not.toContain("secret-typed");
    const { rows } = await people.owner.query("select t::text as row from ledger_text t union all select t::text from identity_attempt t");
    expect(rows.filter(({ row }) => row.includes("secret-typed"))).toEqual([]);
    const person = await people.join(people.first, "viewer");
    await people.acts();
    await codeOf(attempt(person.email, "wrong password 1"));
    expect(await people.acts()).toMatchObject([
      {
        organisationId: people.first.actor.organisationId,
        actor: "anonymous",
        verb: "session.refused",
        object: `person:${person.actor.personId}`,
        detail: { cause: "wrong-password", method: "password" },
      },
    ]);
  });
});

describe("wrong passwords", () => {
  test("are waited for longer and longer, and the tenth in a row locks the account for thirty minutes, said with its end and recorded once", async () => {
    const person = await people.join(people.first, "viewer");
    await people.acts();
    expect(await wrongTimes(person.email, 2)).toEqual(["wrong-credentials", "wrong-credentials"]);
    await codeOf(attempt(person.email, "wrong password 1"));
    expect(await codeOf(attempt(person.email, goodPassword))).toBe("too-many-requests");
    await people.clock.advance(seconds(30));
    for (let n = 4; n <= 10; n += 1) {
      expect(await codeOf(attempt(person.email, "wrong password 1"))).toBe("wrong-credentials");
      await people.clock.advance(seconds(30));
    }
    const locks = (await people.acts()).filter(({ verb }) => verb === "person.locked");
    const lockedAt = people.clock.now() - seconds(30);
    expect(locks).toMatchObject([{ object: `person:${person.actor.personId}`, detail: { until: lockedAt + minutes(30) } }]);
    await expect(attempt(person.email, goodPassword)).rejects.toMatchObject({ code: "locked", facts: { retryAt: lockedAt + minutes(30) } });
    await people.clock.advance(minutes(30));
    expect(await codeOf(attempt(person.email, goodPassword))).toBe("done");
  });

  test("cannot be spread over spellings of one address", async () => {
    const { email } = await people.join(people.first, "viewer");
    const spellings = [email, ` ${email}`, email.toUpperCase(), `${email}\t`, `\u3000${email}`];
    for (let n = 1; n <= 10; n += 1) {
      await codeOf(attempt(spellings[n % spellings.length] ?? email, "wrong password 1"));
      await people.clock.advance(seconds(30));
    }
    expect(await codeOf(attempt(email, goodPassword))).toBe("locked");
  });

  test("cannot outrun the counter by being tried all at once", async () => {
    const { email } = await people.join(people.first, "viewer");
    const guesses = ["wrong password 1", "wrong password 2", "wrong password 3", "wrong password 4", "wrong password 5", goodPassword];
    const results = await Promise.allSettled(guesses.map((password) => attempt(email, password)));
    // Three are looked at before the first delay; the right one came too late to be among them.
    expect(results.filter((r) => r.status === "rejected" && r.reason.code === "wrong-credentials")).toHaveLength(3);
    expect(results.filter((r) => r.status === "rejected" && r.reason.code === "too-many-requests")).toHaveLength(3);
  });

  test("lock a name that nobody has just the same, so that the lock tells nothing", async () => {
    const email = "ghost@example.jp";
    for (let n = 1; n <= 10; n += 1) {
      expect(await codeOf(attempt(email, "wrong password 1"))).toBe("wrong-credentials");
      await people.clock.advance(seconds(30));
    }
    expect(await codeOf(attempt(` ${email.toUpperCase()}`, "wrong password 1"))).toBe("locked");
  });

  test("from one address lock that address out for all names, and a right one in between does not wash it clean", async () => {
    const person = await people.join(people.first, "viewer");
    const origin = from("2001:db8:1:2::17");
    for (let n = 1; n <= 19; n += 1) await codeOf(attempt(`victim-${n}@example.jp`, "wrong password 1", from(`2001:db8:1:2::${n}`)));
    expect(await codeOf(attempt(person.email, goodPassword, origin))).toBe("done");
    expect(await codeOf(attempt("victim-20@example.jp", "wrong password 1", origin))).toBe("wrong-credentials");
    expect(await codeOf(attempt(person.email, goodPassword, from("2001:db8:1:2:ffff::1")))).toBe("locked");
    expect(await codeOf(attempt(person.email, goodPassword, from("2001:db8:1:3::1")))).toBe("done");
  });

  test("are forgotten when the right one comes", async () => {
    const { email } = await people.join(people.first, "viewer");
    await wrongTimes(email, 9);
    await people.clock.advance(seconds(30));
    expect(await codeOf(attempt(email, goodPassword))).toBe("done");
    expect(await wrongTimes(email, 3)).toEqual(["wrong-credentials", "wrong-credentials", "wrong-credentials"]);
  });

  test("leave no rows behind for ever", async () => {
    await wrongTimes("passer-by@example.jp", 2);
    await people.clock.advance(minutes(60 * 25));
    expect(await purge(people.identity)).toBeGreaterThan(0);
    const { rows } = await people.owner.query("select count(*)::int as n from identity_attempt");
    expect(rows).toEqual([{ n: 0 }]);
  });
});

test("too many sign-ins at once are turned away with a time to come back, and the others go through", async () => {
  const { email } = people.first;
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => attempt(email, goodPassword)));
  const refused = results.filter((r) => r.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "too-many-requests", facts: { retryAfter: expect.any(Number) } });
  expect(results.filter((r) => r.status === "fulfilled").length).toBeGreaterThan(0);
});
