import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { CounterRates } from "./counter-rates.ts";

const at = (seconds: number) => unixMs(1_800_000_000_000 + seconds * 1000);

test("a counter's rate is its growth per second since the sample before", () => {
  const rates = new CounterRates();
  expect(rates.perSecond("h", "rx", at(0), 1000)).toBeUndefined();
  expect(rates.perSecond("h", "rx", at(30), 1600)).toBe(20);
});

test("a minute that is late by a moment still counts as a minute, so that whole counts stay sixtieths", () => {
  const rates = new CounterRates();
  rates.perSecond("h", "rx", at(0), 0);
  expect(rates.perSecond("h", "rx", at(60.4), 61)).toBe(61 / 60);
});

test("a counter that went back, an old sample and a long gap give no rate, and counting goes on from there", () => {
  const rates = new CounterRates();
  rates.perSecond("h", "rx", at(0), 1000);
  expect(rates.perSecond("h", "rx", at(60), 10), "restarted").toBeUndefined();
  expect(rates.perSecond("h", "rx", at(120), 70)).toBe(1);
  expect(rates.perSecond("h", "rx", at(90), 71), "older than the newest").toBeUndefined();
  expect(rates.perSecond("h", "rx", at(120), 71), "the same moment").toBeUndefined();
  expect(rates.perSecond("h", "rx", at(180), 130)).toBe(1);
  expect(rates.perSecond("h", "rx", at(180 + 16 * 60), 1000), "a gap").toBeUndefined();
  expect(rates.perSecond("h", "rx", at(240 + 16 * 60), 1060)).toBe(1);
});

test("hosts and counters are apart, and forgotten when they are old", () => {
  const rates = new CounterRates();
  rates.perSecond("a", "rx", at(0), 1);
  rates.perSecond("b", "rx", at(60), 1);
  expect(rates.size).toBe(2);
  rates.forget(at(30));
  expect(rates.size).toBe(1);
  expect(rates.perSecond("a", "rx", at(120), 61)).toBeUndefined();
  expect(rates.perSecond("b", "rx", at(120), 61)).toBe(1);
});
