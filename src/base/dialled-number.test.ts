import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dialledAs, whyNotDialled, type DialRule } from "./dialled-number.ts";
import { isEmergency, phoneNumber } from "./phone-number.ts";

describe("a number as a line dials it", () => {
  test.each([
    [{}, "+819012345678", "+819012345678"],
    [{ dialForm: "digits" }, "+819012345678", "819012345678"],
    [{ dialForm: "national", countryCode: "81" }, "+819012345678", "09012345678"],
    [{ dialForm: "national", countryCode: "81", dialPrefix: "0" }, "+815012345678", "005012345678"],
    [{ dialForm: "national", countryCode: "1" }, "+12025550123", "2025550123"],
    // A number of another country keeps its plus: how it is dialled abroad is the trunk's to say.
    [{ dialForm: "national", countryCode: "81" }, "+12025550123", "+12025550123"],
    [{ dialForm: "national", countryCode: "81", dialPrefix: "0" }, "2001", "2001"],
  ] as const)("by %o, %s is %s", (rule, number, dialled) => {
    expect(dialledAs(rule, number)).toBe(dialled);
  });
});

/** What leads abroad where a line stands, as travellers' guides list it, and what the police and the fire brigade are called by. */
const abroad: Readonly<Record<string, readonly string[]>> = {
  "1": ["011", "101"],
  "7": ["810"],
  "33": ["00"],
  "34": ["00", "112"],
  "36": ["00"],
  "39": ["00", "112", "113", "118"],
  "44": ["00"],
  "45": ["00", "112", "114"],
  "47": ["00", "110", "112", "113"],
  "48": ["00", "112", "997", "998", "999"],
  "49": ["00"],
  "53": ["119"],
  "61": ["0011", "000"],
  "62": ["001", "007", "01017"],
  "65": ["001", "002", "008", "999", "995"],
  "81": ["010", "001", "0033", "0061"],
  "82": ["001", "002", "005", "00"],
  "225": ["00", "110"],
  "234": ["009"],
  "358": ["00", "990", "999"],
  "375": ["810"],
  "852": ["001", "999"],
  "972": ["00", "012", "013", "014", "018"],
};

describe("a number that is accepted", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 4, maxLength: 12 });
  // Numbers at hazard: what leads abroad, or a piece of it, right behind the country.
  const hazard = fc.constantFrom(
    "",
    "0",
    "00",
    "10",
    "010",
    "011",
    "11",
    "13",
    "013",
    "110",
    "810",
    "999",
    "911",
    "112",
    "1017",
    "682",
    "186110",
  );
  const country = fc.constantFrom(...Object.keys(abroad));
  const form = fc.constantFrom("e164" as const, "digits" as const, "national" as const);

  test("leads to its own country in each form in which a line may dial it, and to no emergency service", () => {
    fc.assert(
      fc.property(country, fc.oneof(fc.constant(undefined), country), form, hazard, digits, (to, elsewhere, dialForm, start, rest) => {
        const at = elsewhere ?? to;
        const read = phoneNumber(`+${to}${start}${rest}`);
        const rule: DialRule = { dialForm, countryCode: at };
        if (!read.ok || whyNotDialled(rule, read.number) !== undefined) return;
        const dialled = dialledAs(rule, read.number);
        expect(isEmergency(dialled)).toBe(false);
        // Emergency numbers are asked for as whole numbers too: `911…` is an area of Delhi for who dials all digits.
        if (dialForm === "national" && at === to) expect((abroad[at] ?? []).filter((prefix) => dialled.startsWith(prefix))).toEqual([]);
        expect(dialled).not.toMatch(/^00/u);
      }),
      { numRuns: 4000 },
    );
  });

  test("of Japan or America needs no second look to be dialled at home", () => {
    fc.assert(
      fc.property(fc.constantFrom("81", "1"), hazard, digits, (at, start, rest) => {
        const read = phoneNumber(`+${at}${start}${rest}`);
        if (!read.ok) return;
        expect(dialledAs({ dialForm: "national", countryCode: at }, read.number)).not.toMatch(
          at === "81" ? /^(?:00|010)/u : /^(?:[01]|911)/u,
        );
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["81", "+811068212345"],
    ["81", "+81570012345"],
    ["44", "+4408821312345"],
    ["49", "+490088213123"],
    ["39", "+3900882131234"],
    ["1", "+10116834002"],
    ["65", "+659991234"],
    ["972", "+972136821234"],
    ["7", "+71068212345"],
    ["81", "01068212345"],
    ["49", "+49186110"],
  ])("is not dialled on a line of +%s where it was kept before these rules: %s", (countryCode, number) => {
    expect(whyNotDialled({ dialForm: "national", countryCode }, number)).toBeDefined();
  });

  test("may be dialled, whichever the form", () => {
    for (const dialForm of ["e164", "digits", "national"] as const) {
      for (const number of ["+819012345678", "+81112001234", "+12025550123", "+819090909110", "+821012345678"])
        expect(whyNotDialled({ dialForm, countryCode: "81", dialPrefix: "0" }, number)).toBeUndefined();
    }
  });
});
