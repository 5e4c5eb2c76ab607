import { describe, expect, test } from "vitest";
import { dialledAs } from "./dialled-number.ts";

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
