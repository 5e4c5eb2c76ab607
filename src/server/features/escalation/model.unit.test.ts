import { describe, expect, test } from "vitest";
import { addTime, minutes, type UnixMs } from "#base/duration";
import { began, brief, person, policy, quietWorld, step, walk } from "#test/escalation-walk";
import { freeze, longestWait, next, nothingPast, startPlace, type Decision, type World } from "./model.ts";

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

test("the longest wait is the longest that a policy plans", () => {
  const snapshot = freeze(policy({ steps: [step([person("a")], { afterSeconds: 4000 })] }), "critical", () => undefined);
  expect(longestWait(snapshot)).toBe(4000);
});
