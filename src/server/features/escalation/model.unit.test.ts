import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addTime, minutes, seconds, unixMs, type UnixMs } from "#base/duration";
import { defaultSlope, type PolicyStep, type StepTarget } from "#wire/escalation";
import {
  freeze,
  keyOf,
  longestWait,
  next,
  nothingPast,
  startPlace,
  type Decision,
  type FrozenPolicy,
  type Past,
  type Place,
  type Snapshot,
  type World,
} from "./model.ts";

const began = unixMs(Date.UTC(2026, 10, 20, 9, 0, 0));

const person = (personId: string): StepTarget => ({ kind: "person", personId });
const step = (targets: readonly StepTarget[], more: Partial<PolicyStep> = {}): PolicyStep => ({
  afterSeconds: 0,
  mode: "in-order",
  medium: "mail",
  waitSeconds: 120,
  targets: [...targets],
  ...more,
});
const policy = (more: Partial<FrozenPolicy> = {}): FrozenPolicy => ({
  id: "p",
  version: 1,
  name: "Policy",
  rounds: 1,
  pauseSeconds: 0,
  minOpenSeconds: 0,
  ackTimeoutSeconds: 0,
  slope: defaultSlope,
  steps: [step([person("a"), person("b"), person("c")])],
  exhausted: { repeatSeconds: 900 },
  ...more,
});

const owners = ["owner"];
const quietWorld = (at: UnixMs, more: Partial<World> = {}): World => ({
  at,
  personsOf: (target) => (target.kind === "person" ? [target.personId] : target.kind === "owners" ? owners : []),
  isMember: () => true,
  hasChannel: () => true,
  isWorking: () => true,
  nextWorkingAt: () => undefined,
  minuteOfDay: 540,
  alertsWithin: () => 1,
  ...more,
});

interface Told {
  /** Seconds since the beginning. */
  readonly after: number;
  readonly who: string;
  readonly place: Place;
}

/** Walks like the worker does: what was told or passed over in a step is remembered as long as the step lasts. */
function walk(
  snapshot: Snapshot,
  worldAt: (at: UnixMs) => World,
  acts: number,
  declines: (told: readonly Told[]) => ReadonlySet<string> = () => new Set(),
) {
  const told: Told[] = [];
  const decisions: (Decision & { readonly at: UnixMs })[] = [];
  let place = startPlace;
  let at: UnixMs = began;
  let seen = new Map<string, Set<string>>();
  let toldIn = new Set<string>();
  for (let turn = 0; turn < 2000 && decisions.filter(({ act }) => act).length < acts; turn += 1) {
    const key = stepKey(place);
    const past: Past = { seen: seen.get(key) ?? new Set(), hasToldInStep: toldIn.has(key), declined: declines(told) };
    const decision = next(snapshot, place, worldAt(at), past);
    decisions.push({ ...decision, at });
    for (const line of decision.lines) {
      if (line.personId !== undefined) remember(seen, stepKey(line.place), `person:${line.personId}`);
      if (line.channelId !== undefined) remember(seen, stepKey(line.place), `channel:${line.channelId}`);
    }
    for (const one of decision.act?.tell ?? []) {
      const actKey = stepKey(decision.act?.place ?? place);
      remember(seen, actKey, keyOf(one));
      toldIn.add(actKey);
      told.push({
        after: (at - began) / 1000,
        who: one.kind === "person" ? one.personId : `#${one.channelId}`,
        place: decision.act?.place ?? place,
      });
    }
    place = decision.place;
    at = decision.nextAt;
  }
  return { told, decisions };
}

const stepKey = ({ ladder, round, step: index }: Place): string => `${ladder}.${round}.${index}`;
function remember(seen: Map<string, Set<string>>, step_: string, who: string): void {
  const set = seen.get(step_) ?? new Set();
  seen.set(step_, set.add(who));
}
const brief = (told: readonly Told[]): string[] => told.map(({ after, who }) => `${after} ${who}`);

describe("a run", () => {
  test("tells one after the other, each with their time, and the owners in the end, again and again", () => {
    const { told } = walk(
      freeze(policy(), "critical", () => undefined),
      quietWorld,
      6,
    );
    expect(brief(told)).toEqual(["0 a", "120 b", "240 c", "360 owner", "1270 owner", "2180 owner"]);
  });

  test("goes over its rounds with the pause between them", () => {
    const { told } = walk(
      freeze(policy({ rounds: 2, pauseSeconds: 30, steps: [step([person("a"), person("b")])] }), "critical", () => undefined),
      quietWorld,
      5,
    );
    expect(brief(told)).toEqual(["0 a", "120 b", "270 a", "390 b", "510 owner"]);
  });

  test("goes on for ever when it is to do so until somebody takes the incident", () => {
    const { told, decisions } = walk(
      freeze(policy({ rounds: "until-taken", steps: [step([person("a")])] }), "critical", () => undefined),
      quietWorld,
      100,
    );
    expect(brief(told).slice(0, 3)).toEqual(["0 a", "180 a", "360 a"]);
    expect(decisions.at(-1)?.place.ladder).toBe(0);
  });

  test("tells everybody of a step at once when the step says so, nobody twice though two targets name them", () => {
    const steps = [step([person("a"), person("b"), person("a")], { mode: "at-once" }), step([person("c")], { afterSeconds: 60 })];
    const { told } = walk(
      freeze(policy({ steps }), "critical", () => undefined),
      quietWorld,
      2,
    );
    expect(brief(told)).toEqual(["0 a", "0 b", "180 c"]);
  });

  test("waits for nobody after a channel", () => {
    const steps = [step([{ kind: "channel", channelId: "ops" }, person("a")])];
    expect(
      brief(
        walk(
          freeze(policy({ steps }), "critical", () => undefined),
          quietWorld,
          2,
        ).told,
      ),
    ).toEqual(["0 #ops", "0 a"]);
  });

  test("asks whoever is on duty at that moment: after a hand-over the new person is next", () => {
    const steps = [step([{ kind: "schedule", scheduleId: "s", who: "now" }, person("lead")])];
    const worldAt = (at: UnixMs): World =>
      quietWorld(at, {
        personsOf: (target) =>
          target.kind === "schedule" ? [at < addTime(began, minutes(1)) ? "day" : "night"] : quietWorld(at).personsOf(target),
      });
    expect(
      brief(
        walk(
          freeze(policy({ steps }), "critical", () => undefined),
          worldAt,
          3,
        ).told,
      ),
    ).toEqual(["0 day", "120 night", "240 lead"]);
  });

  test("skips a step that reaches nobody at once, and says so", () => {
    const steps = [step([{ kind: "schedule", scheduleId: "s", who: "now" }]), step([person("a")])];
    const { told, decisions } = walk(
      freeze(policy({ steps }), "critical", () => undefined),
      quietWorld,
      1,
    );
    expect(brief(told)).toEqual(["0 a"]);
    expect(decisions[0]?.lines.map(({ kind }) => kind)).toEqual(["nobody", "empty"]);
  });

  test("passes over somebody who is gone or said that they cannot, and says so", () => {
    const worldAt = (at: UnixMs): World => quietWorld(at, { isMember: (id) => id !== "a" });
    const { told, decisions } = walk(
      freeze(policy(), "critical", () => undefined),
      worldAt,
      1,
      () => new Set(["b"]),
    );
    expect(brief(told)).toEqual(["0 c"]);
    expect(decisions[0]?.lines.map(({ kind, personId }) => `${kind} ${personId}`)).toEqual(["gone a", "declined b"]);
  });

  test.each([
    ["another severity", { severities: ["critical" as const] }, {}, "severity"],
    ["a time outside the calendar", { calendar: { calendarId: "c", during: "working" as const } }, { isWorking: () => false }, "calendar"],
    ["hours that are not now", { hours: { from: 1320, until: 420 } }, { minuteOfDay: 540 }, "hours"],
    ["few alerts", { many: { alerts: 10, minutes: 5 } }, { alertsWithin: () => 9 }, "few-alerts"],
  ])("skips a step that counts only for others: %s", (_name, when, world, kind) => {
    const steps = [step([person("a")], { when }), step([person("b")])];
    const { told, decisions } = walk(
      freeze(policy({ steps }), "warning", () => undefined),
      (at) => quietWorld(at, world),
      1,
    );
    expect(brief(told)).toEqual(["0 b"]);
    expect(decisions[0]?.lines[0]?.kind).toBe(kind);
  });

  test("counts hours over midnight", () => {
    const steps = [step([person("a")], { when: { hours: { from: 1320, until: 420 } } }), step([person("b")])];
    const first = (minuteOfDay: number) =>
      walk(
        freeze(policy({ steps }), "warning", () => undefined),
        (at) => quietWorld(at, { minuteOfDay }),
        1,
      ).told[0]?.who;
    expect([first(1319), first(1320), first(0), first(419), first(420)]).toEqual(["b", "a", "a", "a", "b"]);
  });

  test("takes the media that severity and time ask for, and holds what can wait until the next working time", () => {
    const monday = addTime(began, minutes(60 * 70));
    const steps = [step([person("a")], { medium: "severity" })];
    const worldAt = (at: UnixMs): World => quietWorld(at, { isWorking: () => at >= monday, nextWorkingAt: () => monday });
    const frozen = policy({ steps, calendarId: "c" });
    const media = (decision: Decision | undefined) => decision?.act?.tell.map((one) => (one.kind === "person" ? one.media : []));
    expect(
      media(
        next(
          freeze(frozen, "critical", () => undefined),
          startPlace,
          worldAt(began),
          nothingPast,
        ),
      ),
    ).toEqual([["phone", "mail"]]);
    const held = next(
      freeze(frozen, "warning", () => undefined),
      startPlace,
      worldAt(began),
      nothingPast,
    );
    expect(held).toMatchObject({ act: undefined, nextAt: monday, isAnchored: true, lines: [{ kind: "held", until: monday }] });
    expect(
      media(
        next(
          freeze(frozen, "warning", () => undefined),
          held.place,
          worldAt(monday),
          nothingPast,
        ),
      ),
    ).toEqual([["chat", "mail"]]);
  });

  test("holds nothing when no working time is in sight", () => {
    const frozen = policy({ steps: [step([person("a")], { medium: "severity" })], calendarId: "c" });
    const decision = next(
      freeze(frozen, "warning", () => undefined),
      startPlace,
      quietWorld(began, { isWorking: () => false }),
      nothingPast,
    );
    expect(decision.act?.tell).toEqual([{ kind: "person", personId: "a", media: ["chat", "mail"] }]);
  });

  test("goes on with the next policy, then tells the lead and the channel", () => {
    const second = policy({
      id: "q",
      steps: [step([person("z")])],
      exhausted: { leadOfTeamId: "t", channelId: "ops", repeatSeconds: 600 },
    });
    const snapshot = freeze(policy({ exhausted: { policyId: "q", repeatSeconds: 60 } }), "critical", (id) =>
      id === "q" ? second : undefined,
    );
    const worldAt = (at: UnixMs): World =>
      quietWorld(at, { personsOf: (target) => (target.kind === "lead" ? ["lead"] : quietWorld(at).personsOf(target)) });
    expect(brief(walk(snapshot, worldAt, 5).told)).toEqual(["0 a", "120 b", "240 c", "360 z", "480 lead", "480 #ops"]);
  });

  test("never walks in a circle of policies", () => {
    const snapshot = freeze(policy({ exhausted: { policyId: "p", repeatSeconds: 60 } }), "critical", () => policy());
    expect(snapshot.ladders).toHaveLength(2);
  });

  test("tells the owners at once when nobody of a policy can be told, and comes back to it", () => {
    const steps = [step([{ kind: "schedule", scheduleId: "s", who: "now" }])];
    const { told, decisions } = walk(
      freeze(policy({ steps, rounds: "until-taken" }), "critical", () => undefined),
      quietWorld,
      2,
    );
    expect(brief(told)).toEqual(["0 owner", "120 owner"]);
    expect(decisions[0]?.lines.map(({ kind }) => kind)).toEqual(["nobody", "empty", "round-empty"]);
  });

  test("keeps looking for somebody when there is not even an owner", () => {
    const worldAt = (at: UnixMs): World => quietWorld(at, { personsOf: () => [] });
    const { decisions } = walk(
      freeze(policy(), "critical", () => undefined),
      worldAt,
      1,
    );
    expect(decisions.length).toBeGreaterThan(100);
    expect(decisions.every(({ nextAt, at }) => nextAt > at)).toBe(true);
  });
});

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

test("the longest wait is the longest that a policy plans", () => {
  const snapshot = freeze(policy({ steps: [step([person("a")], { afterSeconds: 4000 })] }), "critical", () => undefined);
  expect(seconds(longestWait(snapshot))).toBe(seconds(4000));
});
