import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addTime, millis, unixMs } from "#base/duration";
import { KeyRights, memberRoles, permissions, type MemberRole, type Permission } from "#wire/permissions";
import { atLeast, may, type Context, type Rule, type Subject } from "./model.ts";

const now = unixMs(1_000_000);
const context: Context = { now, isInsideNetworks: true };
const person = (role: MemberRole | undefined, state: "active" | "suspended" | "left" = "active"): Subject => ({
  kind: "person",
  state,
  role,
});
const key = (rights: KeyRights, expiresAt?: number): Subject => ({
  kind: "key",
  rights,
  expiresAt: expiresAt === undefined ? undefined : unixMs(expiresAt),
  networks: [],
});
const verbs = Object.keys(permissions) as Permission[]; // the object's own keys are its type's

describe("who may do what", () => {
  /** Mackerel's table of roles, one example of each of its rows and more: viewer, collaborator, manager, owner. */
  const byRole: readonly (readonly [Permission, boolean, boolean, boolean, boolean])[] = [
    ["organisation.view", true, true, true, true],
    ["member.view", true, true, true, true],
    ["ledger.view", true, true, true, true],
    ["ledger.verify", true, true, true, true],
    ["inventory.view", true, true, true, true],
    ["metrics.view", true, true, true, true],
    ["host.register", false, true, true, true],
    ["host.change", false, true, true, true],
    ["host.retire", false, true, true, true],
    ["service.change", false, true, true, true],
    ["metrics.post", false, true, true, true],
    ["organisation.change", false, false, true, true],
    ["member.invite", false, false, true, true],
    ["member.change", false, false, true, true],
    ["key.view", false, false, true, true],
    ["key.change", false, false, true, true],
    ["owner.change", false, false, false, true],
    ["organisation.create", false, false, false, true],
    ["backup.make", false, false, false, true],
  ];
  test.each(byRole)("%s by role", (verb, ...answers) => {
    expect(memberRoles.map((role) => may(person(role), verb, "organisation:o", context).allow)).toEqual(answers);
  });

  /** read, write, read-write, administer. */
  const byKey: readonly (readonly [Permission, boolean, boolean, boolean, boolean])[] = [
    ["inventory.view", true, false, true, true],
    ["metrics.view", true, false, true, true],
    ["ledger.view", true, false, true, true],
    ["host.assign", false, true, true, true],
    ["host.register", false, false, true, true],
    ["metrics.post", false, false, true, true],
    ["dashboard.change", false, false, true, true],
    ["invitation.view", true, false, true, true],
    ["member.invite", false, false, false, true],
    ["member.change", false, false, false, true],
    ["network.change", false, false, false, true],
    ["key.change", false, false, false, false],
    ["owner.change", false, false, false, false],
    ["organisation.change", false, false, false, false],
  ];
  test.each(byKey)("%s by key", (verb, ...answers) => {
    const rights = ["read", "write", "read-write", "administer"] as const;
    expect(rights.map((right) => may(key(right), verb, "organisation:o", context).allow)).toEqual(answers);
  });

  test.each([
    ["somebody suspended", person("owner", "suspended"), context, { rule: "person", missing: ["active"] }],
    ["somebody who left", person("owner", "left"), context, { rule: "person", missing: ["active"] }],
    ["no member", person(undefined), context, { rule: "membership", missing: ["membership"] }],
    ["a viewer", person("viewer"), context, { rule: "role:viewer", missing: ["role"] }],
    ["a key at the very moment of its end", key("read-write", now), context, { rule: "key", missing: ["unexpired"] }],
    ["a key outside its networks", key("read-write"), { ...context, isInsideNetworks: false }, { rule: "key", missing: ["network"] }],
    [
      "a person from a shut out address",
      person("owner"),
      { ...context, isShutOut: true },
      { rule: "organisation", missing: ["organisation-network"] },
    ],
    [
      "a key from a shut out address",
      key("read-write"),
      { ...context, isShutOut: true },
      { rule: "organisation", missing: ["organisation-network"] },
    ],
    ["a key that may only read", key("read"), context, { rule: "key:read", missing: ["key-right"] }],
  ] as const)("%s is refused with what is missing", (_name, subject, where, refusal) => {
    expect(may(subject, "host.retire", "host:h", where)).toEqual({ allow: false, ...refusal });
  });

  test("a key is good until the millisecond before its end", () => {
    expect(may(key("read-write", now + 1), "host.retire", "host:h", context).allow).toBe(true);
    expect(may(key("read-write", now + 1), "host.retire", "host:h", { ...context, now: addTime(now, millis(1)) }).allow).toBe(false);
  });

  test("the system itself may", () =>
    expect(may({ kind: "system" }, "owner.change", "person:p", context)).toEqual({ allow: true, rule: "system" }));
});

describe("rules of the organisation's own", () => {
  const rule = (more: Partial<Rule>): Rule => ({ id: "r", effect: "deny", role: "*", verb: "*", scope: "*", ...more });
  test.each([
    ["a deny wins over the role", "owner", [rule({})], { allow: false, rule: "r", missing: ["rule"] }],
    ["a deny of another verb does not count", "owner", [rule({ verb: "metrics.post" })], { allow: true, rule: "role:owner" }],
    ["a deny of another role does not count", "owner", [rule({ role: "viewer" })], { allow: true, rule: "role:owner" }],
    ["a deny of another scope does not count", "owner", [rule({ scope: "host:other" })], { allow: true, rule: "role:owner" }],
    ["an allow gives what the role lacks", "viewer", [rule({ effect: "allow", verb: "host.retire" })], { allow: true, rule: "r" }],
    [
      "a deny wins over an allow, whichever comes first",
      "viewer",
      [rule({ effect: "allow" }), rule({ id: "d" })],
      { allow: false, rule: "d", missing: ["rule"] },
    ],
  ] as const)("%s", (_name, role, rules, decision) => expect(may(person(role), "host.retire", "host:h", context, rules)).toEqual(decision));
});

const anyRole = fc.constantFrom(...memberRoles);
const anyVerb = fc.constantFrom(...verbs);
const anyRights = fc.constantFrom<KeyRights>("read", "write", "read-write", "administer");
const anyObject = fc.constantFrom("host:a", "host:b", "service:web", "organisation:o");
const anyRule: fc.Arbitrary<Rule> = fc.record({
  id: fc.string({ minLength: 1, maxLength: 4 }),
  effect: fc.constantFrom("allow", "deny"),
  role: fc.constantFrom("*", ...memberRoles),
  verb: fc.constantFrom("*", ...verbs),
  scope: fc.constantFrom("*", "host:", "host:a", "service:"),
});
const anySubject: fc.Arbitrary<Subject> = fc.oneof(
  fc.record({
    kind: fc.constant("person" as const),
    state: fc.constantFrom("active", "suspended", "left"),
    role: fc.option(anyRole, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("key" as const),
    rights: anyRights,
    expiresAt: fc.option(fc.integer({ min: 0, max: 2_000_000 }).map(unixMs), { nil: undefined }),
    networks: fc.constant([]),
  }),
);
const anyContext: fc.Arbitrary<Context> = fc.record({
  now: fc.integer({ min: 0, max: 2_000_000 }).map(unixMs),
  isInsideNetworks: fc.boolean(),
});

describe("whatever the rules", () => {
  test("adding a deny anywhere never turns a refusal into a permit", () => {
    fc.assert(
      fc.property(
        anySubject,
        anyVerb,
        anyObject,
        anyContext,
        fc.array(anyRule, { maxLength: 6 }),
        anyRule,
        fc.nat(6),
        (subject, verb, object, where, rules, added, at) => {
          const before = may(subject, verb, object, where, rules);
          const after = may(subject, verb, object, where, rules.toSpliced(at, 0, { ...added, effect: "deny" }));
          expect(!before.allow && after.allow).toBe(false);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("a deny that covers the act refuses it to every person", () => {
    fc.assert(
      fc.property(anyRole, anyVerb, anyObject, fc.array(anyRule, { maxLength: 6 }), fc.nat(6), (role, verb, object, rules, at) => {
        const deny: Rule = { id: "deny", effect: "deny", role, verb, scope: object };
        expect(may(person(role), verb, object, context, rules.toSpliced(at, 0, deny)).allow).toBe(false);
      }),
    );
  });

  test("a key never has more than its rights, nor anything after its end or outside its networks", () => {
    fc.assert(
      fc.property(
        anySubject,
        anyVerb,
        anyObject,
        anyContext,
        fc.array(anyRule, { maxLength: 6 }),
        (subject, verb, object, where, rules) => {
          fc.pre(subject.kind === "key");
          if (!may(subject, verb, object, where, rules).allow) return;
          const needed = permissions[verb].key;
          expect(needed).not.toBe("none");
          expect(
            subject.rights === needed || subject.rights === "administer" || (subject.rights === "read-write" && needed !== "administer"),
          ).toBe(true);
          expect(where.isInsideNetworks).toBe(true);
          expect(subject.expiresAt === undefined || where.now < subject.expiresAt).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("without rules a higher role may all that a lower one may", () => {
    fc.assert(
      fc.property(anyRole, anyRole, anyVerb, (one, other, verb) => {
        fc.pre(atLeast(one, other));
        if (may(person(other), verb, "organisation:o", context).allow)
          expect(may(person(one), verb, "organisation:o", context).allow).toBe(true);
      }),
    );
  });

  test("nobody who is not active may anything", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("suspended", "left"),
        anyRole,
        anyVerb,
        anyObject,
        fc.array(anyRule, { maxLength: 6 }),
        (state, role, verb, object, rules) => {
          expect(may(person(role, state), verb, object, context, rules).allow).toBe(false);
        },
      ),
    );
  });
});
