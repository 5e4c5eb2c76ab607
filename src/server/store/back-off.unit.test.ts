import { expect, test } from "vitest";
import { seconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { BackOff } from "./back-off.ts";

test("what fails is told and waits longer each time, and what succeeds is forgotten", async () => {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const failing = new BackOff(clock, (error) => void errors.push(error));
  const fail = (): Promise<never> => Promise.reject(new Error("away"));
  expect(await failing.attempt("a", fail)).toBeUndefined();
  expect(errors).toHaveLength(1);
  expect([failing.isPaused("a"), failing.isPaused("b")]).toEqual([true, false]);
  await clock.advance(seconds(2));
  expect(failing.isPaused("a")).toBe(false);
  await failing.attempt("a", fail);
  await clock.advance(seconds(2));
  expect(failing.isPaused("a")).toBe(true);
  await clock.advance(seconds(2));
  expect(await failing.attempt("a", async () => 1)).toBe(1);
  await failing.attempt("a", fail);
  await clock.advance(seconds(2));
  expect(failing.isPaused("a")).toBe(false);
});
