import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type CanonicalValue } from "./canonical-json.ts";

const canonicalValue: fc.Arbitrary<CanonicalValue> = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "binary" }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("keys are sorted by UTF-16 code unit and nothing is put between tokens", () => {
  expect(canonicalJson({ b: [1, "x"], a: { z: true, A: "é" } })).toBe('{"a":{"A":"é","z":true},"b":[1,"x"]}');
  // U+FF21 sorts before U+1F600 by code point, after it by UTF-16 code unit (0xD83D).
  expect(canonicalJson({ Ａ: 1, "😀": 2 })).toBe('{"😀":2,"Ａ":1}');
});

test("keys without a value are left out, and minus zero is zero", () => {
  expect(canonicalJson({ a: undefined, b: -0 })).toBe('{"b":0}');
});

test("what has more than one spelling is refused", () => {
  expect(() => canonicalJson(1.5)).toThrow("safe integers");
  expect(() => canonicalJson(2 ** 53)).toThrow("safe integers");
  expect(() => canonicalJson("\ud800")).toThrow("lone surrogate");
  expect(() => canonicalJson({ a: JSON.parse("null") as CanonicalValue })).toThrow("null");
});

test("the text is stable: parsing and writing again gives the same bytes", () => {
  fc.assert(
    fc.property(canonicalValue, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text) as CanonicalValue)).toBe(text);
    }),
  );
});
