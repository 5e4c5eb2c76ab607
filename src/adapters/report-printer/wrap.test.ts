import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atMost, wrap } from "./wrap.ts";

/** Wide letters are as wide as two narrow ones. */
const measure = (text: string): number => [...text].reduce((sum, one) => sum + (one >= "\u2E80" ? 2 : 1), 0);

describe("a line", () => {
  test("ends between words, and between letters of Japanese", () => {
    expect(wrap("Nothing stands out", 11, measure)).toEqual(["Nothing", "stands out"]);
    expect(wrap("担当者が決まるまで", 8, measure)).toEqual(["担当者が", "決まるま", "で"]);
    expect(wrap("ホスト web01 の負荷", 10, measure)).toEqual(["ホスト", "web01 の負", "荷"]);
  });
  test("never begins with a full stop, a small letter or a closing bracket, nor ends with an opening one", () => {
    expect(wrap("終わりました。次", 12, measure)).toEqual(["終わりまし", "た。次"]);
    expect(wrap("表（二）", 4, measure)).toEqual(["表", "（二）"].flatMap((one) => wrap(one, 4, measure)));
    for (const line of wrap("あ「い」う、え。「お」か。っき", 6, measure)) {
      expect(line).not.toMatch(/^[」、。っ]/u);
      expect(line).not.toMatch(/「$/u);
    }
  });
  test("breaks a name that is too long behind a dash or a dot when it can", () => {
    expect(wrap("production-webserver.example", 14, measure)).toEqual(["production-", "webserver.", "example"]);
    expect(wrap("aaaaaaaaaa", 4, measure)).toEqual(["aaaa", "aaaa", "aa"]);
  });
  test("of several paragraphs begin anew, and an empty text is one empty line", () => {
    expect(wrap("a\nb", 9, measure)).toEqual(["a", "b"]);
    expect(wrap("", 9, measure)).toEqual([""]);
  });
  test("loses no letter and is never too wide, whatever the text", () => {
    const texts = fc.string({
      unit: fc.constantFrom("a", "B", " ", "-", ".", "あ", "。", "「", "」", "漢", "ー", "(", ")", "😀"),
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 4, max: 30 }), (text, width) => {
        const lines = wrap(text, width, measure);
        for (const line of lines) expect(measure(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replaceAll(/\s/gu, "")).toBe(text.replaceAll(/\s/gu, ""));
      }),
    );
  });
});

test("what has no room is told by an ellipsis", () => {
  expect(atMost(["ab", "cd", "ef"], 2)).toEqual(["ab", "c…"]);
  expect(atMost(["ab"], 2)).toEqual(["ab"]);
});
