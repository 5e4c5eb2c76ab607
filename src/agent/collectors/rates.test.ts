import fc from "fast-check";
import { expect, test } from "vitest";
import { millis } from "#base/duration";
import { CounterRates } from "./rates.ts";

const rateAfter = (elapsed: number, growth: number): number | undefined => {
  const rates = new CounterRates();
  rates.perSecond(millis(1000), { "disk.vda.reads.delta": 5 });
  return rates.perSecond(millis(1000 + elapsed), { "disk.vda.reads.delta": 5 + growth })["disk.vda.reads.delta"];
};

test("over a minute that the timer took a little late, a rate is a whole count divided by 60", () => {
  fc.assert(
    fc.property(fc.double({ min: 59_401, max: 60_599, noNaN: true }), fc.nat(1e9), (elapsed, growth) => {
      expect(rateAfter(elapsed, growth)).toBe(growth / 60);
    }),
  );
});

test("over any other time, a rate is divided by the time that passed", () => {
  expect(rateAfter(10_000, 25)).toBe(2.5);
  expect(rateAfter(120_000, 600)).toBe(5);
});

test("the first sample, one that follows too soon and a counter that fell give no rate", () => {
  const rates = new CounterRates();
  expect(rates.perSecond(millis(0), { a: 10 })).toEqual({});
  expect(rates.perSecond(millis(100), { a: 20 })).toEqual({});
  expect(rates.perSecond(millis(60_000), { a: 9 })).toEqual({});
});
