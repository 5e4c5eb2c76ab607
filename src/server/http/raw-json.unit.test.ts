import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { depthOf, rawMember, withRaw } from "./raw-json.ts";

describe("rawMember", () => {
  test("keeps the spelling of numbers, the order of keys and the spaces", () => {
    const text = '{"name":"vm", "meta" : {"b":1.0, "10":1e3,"2":12345678901234567890 , "a":"}\\"]"} ,"memo":""}';
    expect(rawMember(text, "meta")).toBe('{"b":1.0, "10":1e3,"2":12345678901234567890 , "a":"}\\"]"}');
    expect(rawMember(text, "name")).toBe('"vm"');
  });

  test("takes the last of two members with one key, finds keys that are written with escapes, and looks at the outermost object only", () => {
    expect(rawMember(String.raw`{"me\u0074a":1,"x":{"meta":2},"meta":3}`, "meta")).toBe("3");
    expect(rawMember(String.raw`{"me\u0074a":1}`, "meta")).toBe("1");
    expect(rawMember('{"x":{"meta":2}}', "meta")).toBeUndefined();
    expect(rawMember('[{"meta":2}]', "meta")).toBeUndefined();
    expect(rawMember("{}", "meta")).toBeUndefined();
    expect(rawMember("null", "meta")).toBeUndefined();
  });

  test("finds in any object what JSON.parse finds", () => {
    const indent = fc.constantFrom(undefined, 1, "\t");
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), indent, (object, space) => {
        const text = JSON.stringify(object, undefined, space);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        for (const key of Object.keys(parsed)) {
          const raw = rawMember(text, key);
          expect(raw).toBeDefined();
          expect(JSON.parse(raw ?? "")).toEqual(parsed[key]);
        }
      }),
    );
  });
});

test("withRaw puts texts in untouched", () => {
  expect(withRaw({ id: "x" }, { meta: '{"a":1.0}' }).text).toBe('{"id":"x","meta":{"a":1.0}}');
  expect(withRaw({}, { meta: "1.0" }).text).toBe('{"meta":1.0}');
});

test("depthOf counts brackets outside texts", () => {
  expect(depthOf("1")).toBe(0);
  expect(depthOf('{"a":[{}],"b":"[[[["}')).toBe(3);
  expect(depthOf("[".repeat(5000) + "]".repeat(5000))).toBe(5000);
});
