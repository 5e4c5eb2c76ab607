import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSpeakable } from "./clean.ts";
import { promptsFor, promptsOf } from "./floor.ts";
import { englishNumber, japaneseNumber } from "./numerals.ts";
import { noWords, readingOf, type Words } from "./reading.ts";
import { recordedSentences } from "./sentences.ts";
import { WordList } from "./words.ts";

/** Texts of alerts: pieces that rules look for, put together at random, among any characters at all. */
const pieces = fc.constantFrom(
  "10.0.0.1", "::", "fe80::1", "/", "//", "https://", "@", "a@b.c", "1:2", "12:05", "2026-11-21", "T", "-", "−", "3", "00", ".", ",", "%", "ms",
  "MB/s", ">", ">=", "&", "=", "#", "web01", "disk", "k8s", "重大度", "、", "。", "\n", "\u0000", "\u202e", "🎉", "﷽", "\ud800", "七海", "コード", "1e9", " ",
); // prettier-ignore
const texts = fc.oneof(
  fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 30 }).map((parts) => parts.join("")),
  fc.string({ unit: "grapheme", maxLength: 400 }),
);
const languages = fc.constantFrom("en" as const, "ja" as const);
const words: Words = {
  en: new WordList([{ written: "web", spoken: "the web" }]),
  ja: new WordList([
    { written: "七海", spoken: "ななみ" },
    { written: "1", spoken: "いち" },
  ]),
};

describe("whatever stands in a text", () => {
  test("its reading is a row of short lines without control characters, and never fails", () => {
    fc.assert(
      fc.property(texts, languages, fc.boolean(), (text, language, hasWords) => {
        const read = readingOf(text, language, hasWords ? words : noWords, 2026);
        for (const one of read) {
          expect(one.text).not.toMatch(/\p{Cc}|\p{Cs}/u);
          expect(one.text.length).toBeLessThan(300);
          expect(Buffer.byteLength(one.text)).toBeLessThanOrEqual(1000);
          expect(isSpeakable(one.text)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("letters and digits always leave something to say", () => {
    fc.assert(
      fc.property(texts, languages, (text, language) => {
        if (/[a-z0-9\p{Script=Hiragana}\u4e00-\u9fff]/iu.test(text.normalize("NFKC")))
          expect(readingOf(text, language, noWords).length).toBeGreaterThan(0);
      }),
      { numRuns: 3000 },
    );
  });

  test("a reading grows with its text, but never without bounds", () => {
    for (const unit of [
      "10.0.0.1 ",
      "1/",
      "::",
      "%@",
      "a@",
      "http://",
      "﷽",
      "9",
      "-1",
      "(",
      "1:",
      "𠮷",
      "/a",
      "1h",
      "0",
      "><",
      "&",
      "a.b",
    ]) {
      const read = readingOf(unit.repeat(3000), "ja", noWords).concat(readingOf(unit.repeat(3000), "en", noWords));
      expect(read.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(80_000);
    }
  });
});

test("Japanese within an English text is spoken by the Japanese voice", () => {
  expect(readingOf("Alert of 株式会社サンプル: web01", "en", noWords)).toEqual([
    { language: "en", text: "Alert of" },
    { language: "ja", text: "株式会社サンプル" },
    { language: "en", text: "web01" },
  ]);
});

test("an English dictionary may say how a Japanese word is read in English", () => {
  const own = { ...noWords, en: new WordList([{ written: "七海", spoken: "nah-nah-mee" }]) };
  expect(readingOf("Call 七海 now", "en", own)).toEqual([{ language: "en", text: "Call nah-nah-mee now" }]);
});

describe("a machine without a speech program", () => {
  const said = (text: string, language: "en" | "ja"): string =>
    readingOf(text, language, noWords)
      .flatMap((one) => promptsFor(one))
      .join(" ");

  test("spells hosts, counts, and says words of alerts in Japanese", () => {
    expect(said("重大な警報です。web01、ディスク使用率が95.3%です。", "ja")).toBe(
      "重大な 警報 です w e b 0 1 pause ディスク 使用率 が n90 5 point 3 パーセント です",
    );
  });
  test("says names in kana by their syllables", () =>
    expect(said("さっとうしゅうへいさん", "ja")).toBe("さ pause と う しゅ う へ い さん"));
  test("draws vowels out", () => expect(said("サーバ", "ja")).toBe("さ あ ば"));
  test("tells the time", () => expect(said("14時05分、0時30分、20時", "ja")).toBe("n10 h4 m5 pause h0 m30 pause h20"));
  test("spells and counts in English", () =>
    expect(said("web01: disk usage is 95.3% since 14:05", "en")).toBe(
      "w e b 0 1 pause disk usage is n90 5 point 3 percent since n14 oh 5",
    ));

  test("never says what is not recorded", () => {
    fc.assert(
      fc.property(texts, languages, (text, language) => {
        for (const one of readingOf(text, language, noWords)) {
          const names = promptsFor(one);
          expect(names.length).toBeLessThanOrEqual(200);
          for (const name of names) expect(name === "pause" || promptsOf(one.language).has(name), `${name} of ${one.text}`).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("has every sentence of calls in both languages", () => {
    for (const key of Object.keys(recordedSentences))
      for (const language of ["en", "ja"] as const) expect(promptsOf(language).has(`say:${key}`)).toBe(true);
  });

  test("counts whole numbers by their parts", () => {
    expect(japaneseNumber("12345").join(" ")).toBe("1 n10000 n2000 n300 n40 5");
    expect(japaneseNumber("0")).toEqual(["0"]);
    expect(japaneseNumber("007")).toEqual(["0", "0", "7"]);
    expect(japaneseNumber("123456789").length).toBe(9);
    expect(englishNumber("12345").join(" ")).toBe("n12 n1000 3 n100 n40 5");
    expect(englishNumber("100000").join(" ")).toBe("1 n100 n1000");
    expect(englishNumber("1234567").length).toBe(7);
  });
});
