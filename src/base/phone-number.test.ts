import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEmergency, maskedNumber, phoneNumber } from "./phone-number.ts";

describe("a telephone number", () => {
  it.each([
    ["090-1234-5678", "+819012345678"],
    ["+81 (0)90 1234 5678", "+819012345678"],
    ["０３（１２３４）５６７８", "+81312345678"],
    ["０９０ー１２３４ー５６７８", "+819012345678"],
    ["011-200-1234", "+81112001234"],
    ["018-860-1234", "+81188601234"],
    ["+39 06 1234 5678", "+390612345678"],
    ["+225 07 12 34 56 78", "+2250712345678"],
    ["+82 10 1234 5678", "+821012345678"],
    ["+48 12 345 67 89", "+48123456789"],
    ["+34 911 234 567", "+34911234567"],
    ["010 1 212 555 0100", "+12125550100"],
    ["0044 20 7946 0018", "+442079460018"],
    ["+1 (212) 555-0100", "+12125550100"],
  ])("written as %s is %s", (text, number) => {
    expect(phoneNumber(text)).toEqual({ ok: true, number });
  });

  it.each([
    "",
    "   ",
    "tanaka",
    "12345",
    "9012345678",
    "+0312345678",
    "+81 0 90 1234 5678",
    "+81 90 1234 567890",
    "0312",
    "+1234567890123456",
  ])("is not what %j says", (text) => {
    expect(phoneNumber(text).ok).toBe(false);
  });

  it.each([
    "+81 10 682 12345",
    "+44 088213 12345",
    "+49 0088213123",
    "+39 00882131234",
    "+1 011 683 4002",
    "+1 911 555 0100",
    "+65 999 1234",
    "+7 10 682 12345",
  ])("is not %s: a trunk that is dialled as at home would dial another country or a service", (text) => {
    expect(phoneNumber(text).ok).toBe(false);
  });

  it("of a company or a service is nobody's, but a line may show it", () => {
    for (const text of [
      "0120-117-117",
      "0800-123-4567",
      "0570-000-123",
      "0990-512-345",
      "0170-123-456",
      "0180-993-123",
      "+1 900 555 0100",
    ]) {
      expect(phoneNumber(text)).toMatchObject({ ok: false, problem: expect.stringContaining("person's number") as string });
      expect(phoneNumber(text, "81", "shown").ok).toBe(true);
    }
  });

  it("takes numbers of another home country", () => {
    expect(phoneNumber("020 7946 0018", "44")).toEqual({ ok: true, number: "+442079460018" });
  });

  it("is read the same when it is read again", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 24, unit: fc.constantFrom(..."0123456789+-() .ー０９") }), (text) => {
        const first = phoneNumber(text);
        if (first.ok) expect(phoneNumber(first.number)).toEqual(first);
      }),
    );
  });

  it("never fails for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => typeof phoneNumber(text).ok === "boolean"));
  });

  it("shows its last three digits to others", () => {
    expect(maskedNumber("+819012345678")).toBe("•••678");
    expect(maskedNumber("201")).toBe("•••");
  });
});

describe("an emergency number", () => {
  const services = ["110", "118", "119", "171", "177", "188", "189", "104", "112", "911", "999", "１１０"];

  it("is known with and without what is dialled before it", () => {
    for (const service of services) {
      for (const prefix of ["", "0", "9", "184", "186", "+81", "+81 ", "0-", "010 81 "]) expect(isEmergency(prefix + service)).toBe(true);
      expect(phoneNumber(service).ok).toBe(false);
      expect(phoneNumber(`+81${service}`).ok).toBe(false);
    }
    expect(isEmergency("+1 911")).toBe(true);
    expect(isEmergency("+44999")).toBe(true);
  });

  it("is no number of a person", () => {
    for (const number of ["+819012345678", "0312345678", "+81120117117", "+12125550100", "+819090909110", "0901111", "2001", ""])
      expect(isEmergency(number)).toBe(false);
  });
});
