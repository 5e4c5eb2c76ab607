import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StepTarget } from "#wire/escalation";
import { clockMinute, clockText, elapsed, keyOfTarget, moved, newPolicy, newStep, problemsByStep, targetOfKey, triable } from "./draft.ts";

const id = fc.stringMatching(/^[A-Za-z0-9]{11}$/u);
const target: fc.Arbitrary<StepTarget> = fc.oneof(
  fc.record({ kind: fc.constant("person" as const), personId: id }),
  fc.record({ kind: fc.constant("schedule" as const), scheduleId: id, who: fc.constantFrom("now" as const, "next" as const) }),
  fc.record({ kind: fc.constant("team" as const), teamId: id, how: fc.constantFrom("in-order" as const, "at-once" as const) }),
  fc.record({ kind: fc.constant("lead" as const), teamId: id }),
  fc.constant({ kind: "owners" as const }),
  fc.record({ kind: fc.constant("channel" as const), channelId: id }),
);

describe("a policy that is being written", () => {
  test("names every target by a text from which it comes back", () => {
    fc.assert(
      fc.property(target, (one) => {
        expect(targetOfKey(keyOfTarget(one))).toEqual(one);
      }),
    );
    expect(targetOfKey("nonsense:1")).toBeUndefined();
  });

  test("moves a step without losing one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: -1, max: 9 }),
        fc.integer({ min: -1, max: 9 }),
        (items, from, to) => {
          const after = moved(items, from, to);
          expect([...after].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
          if (items[from] !== undefined && to >= 0 && to < items.length) expect(after[to]).toBe(items[from]);
        },
      ),
    );
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  });

  test("can be tried as soon as somebody is in it, whatever it lacks besides", () => {
    expect(triable(newPolicy())).toBeUndefined();
    const draft = { ...newPolicy(), steps: [newStep(), { ...newStep(), targets: [{ kind: "owners" as const }] }] };
    expect(triable(draft)).toMatchObject({ name: "-", steps: [{ targets: [{ kind: "owners" }] }] });
  });

  test("shows what the server says at the step that it is about", () => {
    const fields = new Map([
      ["steps.1", "step 2 reaches nobody"],
      ["steps.1.targets.0", "there is no such team"],
      ["name", "must not be blank"],
    ]);
    expect([...problemsByStep(fields)]).toEqual([
      [1, ["step 2 reaches nobody", "there is no such team"]],
      [-1, ["must not be blank"]],
    ]);
  });

  test("writes minutes of the day and lengths as people do", () => {
    fc.assert(
      fc.property(fc.nat(1439), (minute) => {
        expect(clockMinute(clockText(minute))).toBe(minute);
      }),
    );
    expect(clockMinute("25:00")).toBeUndefined();
    expect([0, 65, 3725].map(elapsed)).toEqual(["0:00", "1:05", "1:02:05"]);
  });
});
