import fc from "fast-check";
import { expect, test } from "vitest";
import { standingOf, type Situation } from "./model.ts";

const open: Situation = { action: "take", state: "open", responderId: undefined, personId: "me", mayAct: true, isUsed: false };
const taken = (by: string): Partial<Situation> => ({ state: "taken", responderId: by });

test("an incident that nobody has can be taken once by a link", () => {
  expect(standingOf(open)).toBe("ready");
  expect(standingOf({ ...open, isUsed: true })).toBe("used");
});

test("who has it is told rather than that the link was used", () => {
  expect(standingOf({ ...open, ...taken("other"), isUsed: true })).toBe("taken");
  expect(standingOf({ ...open, ...taken("me"), isUsed: true })).toBe("yours");
  expect(standingOf({ ...open, state: "resolved", isUsed: true })).toBe("resolved");
});

test("somebody who cannot says so about what nobody or they themselves have", () => {
  expect(standingOf({ ...open, action: "cannot" })).toBe("ready");
  expect(standingOf({ ...open, action: "cannot", ...taken("me") })).toBe("ready");
  expect(standingOf({ ...open, action: "cannot", ...taken("other") })).toBe("taken");
});

test("it is over for whoever says so, whoever has it", () => {
  for (const part of [{}, taken("me"), taken("other")]) expect(standingOf({ ...open, action: "resolve", ...part })).toBe("ready");
});

test("nothing is ready for somebody without the permission, after a use, or when it is over", () => {
  const situation = fc.record<Situation>({
    action: fc.constantFrom("take", "cannot", "resolve"),
    state: fc.constantFrom("open", "taken", "resolved"),
    responderId: fc.constantFrom(undefined, "me", "other"),
    personId: fc.constant("me"),
    mayAct: fc.boolean(),
    isUsed: fc.boolean(),
  });
  fc.assert(
    fc.property(situation, (one) => {
      if (standingOf(one) === "ready") expect([one.mayAct, one.isUsed, one.state === "resolved"]).toEqual([true, false, false]);
      if (!one.mayAct) expect(standingOf(one)).toBe("refused");
    }),
  );
});
