import fc from "fast-check";
import { expect, test } from "vitest";
import { smsLength, smsText } from "./sms-text.ts";

test.each([
  ["", "gsm-7", 1],
  ["a".repeat(160), "gsm-7", 1],
  ["a".repeat(161), "gsm-7", 2],
  ["a".repeat(306), "gsm-7", 2],
  ["a".repeat(307), "gsm-7", 3],
  // The euro takes the room of two letters.
  ["€".repeat(80), "gsm-7", 1],
  ["€".repeat(81), "gsm-7", 2],
  // Two are never torn apart: 76 in each part.
  ["€".repeat(152), "gsm-7", 2],
  ["€".repeat(153), "gsm-7", 3],
  ["あ".repeat(70), "ucs-2", 1],
  ["あ".repeat(71), "ucs-2", 2],
  ["あ".repeat(134), "ucs-2", 2],
  ["あ".repeat(135), "ucs-2", 3],
  ["🔥".repeat(35), "ucs-2", 1],
  ["🔥".repeat(67), "ucs-2", 3],
  ["`", "ucs-2", 1],
])("%# is sent as it is counted", (text, encoding, segments) => {
  expect(smsLength(text)).toEqual({ encoding, segments });
});

test("a long line is cut so that it fits, and its address never", () => {
  const url = "https://hinoban.example/o/first/incidents/12";
  const text = smsText(`[重大] ${"とても長い題名".repeat(40)}`, url, 2);
  expect(smsLength(text).segments).toBe(2);
  expect(text.endsWith(`...\n${url}`)).toBe(true);
  expect(smsText("[Critical] web01", url, 2)).toBe(`[Critical] web01\n${url}`);
  expect(smsText(" a \n b ", "", 1)).toBe("a b");
});

test("whatever is written fits as far as its address alone does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), fc.integer({ min: 1, max: 4 }), (line, most) => {
      expect(smsLength(smsText(line, "https://h.example/x", most)).segments).toBeLessThanOrEqual(most);
    }),
  );
});
