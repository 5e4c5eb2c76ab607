import { expect, test } from "vitest";
import { millis, minutes, type Millis } from "#base/duration";
import { watchPresence } from "./presence.ts";

test("a page is idle two minutes after the last sign of a person", () => {
  let now: Millis = millis(0);
  const target = new EventTarget();
  const isIdle = watchPresence(target, { mono: () => now });
  expect(isIdle()).toBe(false);
  now = minutes(3);
  expect(isIdle()).toBe(true);
  target.dispatchEvent(new Event("keydown"));
  expect(isIdle()).toBe(false);
  now = minutes(5);
  expect(isIdle()).toBe(false);
});
