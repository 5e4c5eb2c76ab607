import { expect, test } from "vitest";
import { usualInterval } from "./usual-interval.ts";

const counts = (...count: number[]) => Uint32Array.from(count);
const minutes = (length: number, has: (minute: number) => boolean) => Uint32Array.from({ length }, (_, minute) => (has(minute) ? 1 : 0));

test("the usual interval is what lies between points, outages not counted", () => {
  expect(usualInterval({ step: 60, count: minutes(60, () => true) })).toEqual({ every: 60 });
  expect(usualInterval({ step: 60, count: minutes(60, (m) => m % 5 === 0) })).toEqual({ every: 300 });
  expect(usualInterval({ step: 60, count: minutes(240, (m) => m % 10 === 0 && (m < 60 || m > 180)) })).toEqual({ every: 600 });
});

test("the usual interval is known in coarse buckets too, by the number of points in them", () => {
  expect(usualInterval({ step: 1800, count: counts(30, 30, 30, 0, 0, 30, 29, 30) })).toEqual({ every: 60 });
  expect(usualInterval({ step: 1800, count: counts(6, 6, 6, 6) })).toEqual({ every: 300 });
  const count = new Uint32Array(200);
  for (let at = 0; at < 200 * 240; at += 300) count[Math.floor(at / 240)] = 1;
  expect(usualInterval({ step: 240, count })).toEqual({ every: 300 });
});

test("too few points tell no interval", () => {
  expect(usualInterval(undefined)).toEqual({});
  expect(usualInterval({ step: 60, count: counts() })).toEqual({});
  expect(usualInterval({ step: 60, count: counts(1, 0, 0, 1) })).toEqual({});
  expect(usualInterval({ step: 60, count: counts(5) })).toEqual({});
});
