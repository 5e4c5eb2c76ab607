import { expect, test } from "vitest";
import { defaultMapping } from "#wire/prometheus";
import { Plans } from "./plans.ts";

const labelled = (value: string) => () =>
  new Map([
    ["__name__", "queue"],
    ["instance", "web1:9100"],
    ["job", value],
  ]);

test("a known series costs one look-up, one with endless labels is decided anew and not remembered", () => {
  const plans = new Plans({ revision: 0, settings: defaultMapping, rules: [] });
  const short = plans.of("short", labelled("a"));
  expect(plans.of("short", labelled("b"))).toBe(short);
  const long = "x".repeat(100_000);
  const first = plans.of(long, labelled(long));
  expect(first?.host).toBe("web1");
  expect(plans.of(long, labelled(long))).not.toBe(first);
});

test("series with long labels are forgotten before they fill the memory", () => {
  const plans = new Plans({ revision: 0, settings: defaultMapping, rules: [] });
  const first = plans.of("first", labelled("a"));
  const padding = "x".repeat(60_000);
  for (let i = 0; i < 2500; i += 1) plans.of(`${i}${padding}`, labelled(String(i)));
  expect(plans.of("first", labelled("a"))).not.toBe(first);
});
