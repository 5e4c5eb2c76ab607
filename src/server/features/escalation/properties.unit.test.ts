import fc from "fast-check";
import { expect, test } from "vitest";
import { addTime, minutes, type UnixMs } from "#base/duration";
import { brief, person, policy, quietWorld, step, stepKey, walk } from "#test/escalation-walk";
import type { PolicyStep, StepTarget } from "#wire/escalation";
import { freeze, longestWait, type World } from "./model.ts";

const ids = ["a", "b", "c", "d"];
const someone = fc.constantFrom(...ids);
const target: fc.Arbitrary<StepTarget> = fc.oneof(
  someone.map(person),
  fc.record({
    kind: fc.constant("schedule" as const),
    scheduleId: fc.constantFrom("s", "t"),
    who: fc.constantFrom("now" as const, "next" as const),
  }),
  fc.record({
    kind: fc.constant("team" as const),
    teamId: fc.constantFrom("x", "y"),
    how: fc.constantFrom("in-order" as const, "at-once" as const),
  }),
  fc.record({ kind: fc.constant("lead" as const), teamId: fc.constant("x") }),
  fc.constant({ kind: "owners" as const }),
  fc.record({ kind: fc.constant("channel" as const), channelId: fc.constantFrom("ops", "gone") }),
);
const anyStep: fc.Arbitrary<PolicyStep> = fc
  .record({
    afterSeconds: fc.nat(300),
    mode: fc.constantFrom("in-order" as const, "at-once" as const),
    medium: fc.constantFrom("severity" as const, "mail" as const, "phone" as const),
    waitSeconds: fc.integer({ min: 10, max: 300 }),
    targets: fc.array(target, { minLength: 1, maxLength: 5 }),
    when: fc.option(fc.record({ hours: fc.record({ from: fc.nat(1439), until: fc.nat(1439) }) }), { nil: undefined }),
  })
  .map(({ when, ...rest }) => (when ? { ...rest, when } : rest));
const anyPolicy = fc.record({
  rounds: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant("until-taken" as const)),
  pauseSeconds: fc.nat(200),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 4 }),
});
/** Duty, members and working times that change with time without any plan, but always the same for one seed. */
const anyWorld = (seed: number) => {
  const dice = (at: number, salt: number): number =>
    (Math.imul(Math.floor(at / 60_000) + seed, 2_654_435_761) ^ Math.imul(salt + 1, 40_503)) >>> 0;
  return (at: UnixMs): World => ({
    at,
    personsOf: (one) => (one.kind === "person" ? [one.personId] : ids.filter((_, index) => (dice(at, index + one.kind.length) & 4) !== 0)),
    isMember: (id) => (dice(at, ids.indexOf(id) + 20) & 7) !== 0,
    hasChannel: (id) => id === "ops",
    isWorking: () => (dice(at, 50) & 8) !== 0,
    nextWorkingAt: () => ((dice(at, 51) & 1) === 0 ? undefined : addTime(at, minutes(1 + (dice(at, 52) % 3000)))),
    minuteOfDay: Math.floor(at / 60_000) % 1440,
    alertsWithin: () => 3,
  });
};

test("whatever the policy, the duty and who leaves: there is always a next action at a stated time, and it is no endless circle", () => {
  fc.assert(
    fc.property(anyPolicy, fc.nat(), fc.constantFrom("critical" as const, "warning" as const), (more, seed, severity) => {
      const snapshot = freeze(policy({ ...more, calendarId: "c" }), severity, () => undefined);
      const { decisions } = walk(snapshot, anyWorld(seed), 60);
      const limit = longestWait(snapshot) * 1000;
      let turnsAtOnce = 0;
      for (const { at, nextAt, isAnchored, act } of decisions) {
        expect(Number.isFinite(nextAt)).toBe(true);
        expect(nextAt).toBeGreaterThanOrEqual(at);
        if (!act) expect(nextAt).toBeGreaterThan(at);
        if (!isAnchored) expect(nextAt - at).toBeLessThanOrEqual(limit);
        turnsAtOnce = nextAt === at ? turnsAtOnce + 1 : 0;
        expect(turnsAtOnce).toBeLessThan(100);
      }
    }),
    { numRuns: 300 },
  );
});

test("nobody is told twice in one step of one round, whatever happens meanwhile", () => {
  fc.assert(
    fc.property(anyPolicy, fc.nat(), fc.array(someone, { maxLength: 2 }), (more, seed, cannot) => {
      const snapshot = freeze(policy({ ...more, calendarId: "c" }), "critical", () => undefined);
      const { told } = walk(snapshot, anyWorld(seed), 80, (before) => new Set(before.length % 3 === 0 ? cannot : []));
      const all = told.map(({ place, who }) => `${stepKey(place)} ${who}`);
      expect(new Set(all).size).toBe(all.length);
    }),
    { numRuns: 300 },
  );
});

/** People one after the other, in the plainest way: for policies without conditions, gaps or holding. */
function naive(steps: readonly PolicyStep[], rounds: number, pauseSeconds: number): string[] {
  const lines: string[] = [];
  let at = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const one of steps) {
      at += one.afterSeconds;
      const people = [...new Set(one.targets.flatMap((each) => (each.kind === "person" ? [each.personId] : [])))];
      for (const who of people) {
        lines.push(`${at} ${who}`);
        if (one.mode === "in-order") at += one.waitSeconds;
      }
      if (one.mode === "at-once") at += one.waitSeconds;
    }
    if (round < rounds - 1) at += pauseSeconds;
  }
  return [...lines, `${at} owner`];
}

test("people are told in the order and at the times that a plain list of them would give", () => {
  const plainStep = fc.record({
    afterSeconds: fc.nat(300),
    mode: fc.constantFrom("in-order" as const, "at-once" as const),
    waitSeconds: fc.integer({ min: 10, max: 300 }),
    targets: fc.array(someone.map(person), { minLength: 1, maxLength: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(plainStep, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(100),
      (plain, rounds, pauseSeconds) => {
        const steps = plain.map(({ targets, ...more }) => step(targets, more));
        const expected = naive(steps, rounds, pauseSeconds);
        const { told } = walk(
          freeze(policy({ steps, rounds, pauseSeconds }), "critical", () => undefined),
          quietWorld,
          500,
        );
        expect(brief(told).slice(0, expected.length)).toEqual(expected);
      },
    ),
  );
});
