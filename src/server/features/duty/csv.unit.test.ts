import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { wallClock } from "#base/wall-time";
import { readTable } from "./csv.ts";

const clock = wallClock("Asia/Tokyo");
const read = (text: string): string[] =>
  readTable(text, clock).map(
    ({ name, from, to }) => `${name} ${new Date(from).toISOString().slice(0, 16)} ${new Date(to).toISOString().slice(0, 16)}`,
  );

describe("a shift table", () => {
  test("has a line for each day or shift, over midnight too", () => {
    expect(read("2026-11-22,花子\n2026/11/23,太郎\n\n")).toEqual([
      "花子 2026-11-21T15:00 2026-11-22T15:00",
      "太郎 2026-11-22T15:00 2026-11-23T15:00",
    ]);
    expect(read("2026-11-22,9:00,17:30,花子\r\n2026-11-22,17:30,09:00,太郎")).toEqual([
      "花子 2026-11-22T00:00 2026-11-22T08:30",
      "太郎 2026-11-22T08:30 2026-11-23T00:00",
    ]);
  });

  test("may have a head line in any order, tabs, quotes and a byte order mark", () => {
    expect(read('\uFEFF担当者\t日付\t終了\t開始\n"山田\t花子"\t2026-11-22\t24:00\t18:00\n')).toEqual([
      "山田\t花子 2026-11-22T09:00 2026-11-22T15:00",
    ]);
    expect(read('name;date\n"a ""b"" c";2026-11-22')[0]).toContain("2026-11-21T15:00");
  });

  test.each([
    ["2026-11-31,花子", "line 1: “2026-11-31” is no date"],
    ["2026-11-22,花子\n22.11.2026,太郎", "line 2: “22.11.2026” is no date"],
    ["date,name\n2026-11-22,", "line 2: nobody is named"],
    ["2026-11-22,25:00,26:00,花子", "line 1: “25:00” is no time"],
    ["hello", "line 1"],
  ])("%j is refused with its line: %s", (text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });

  test("is never answered by anything but shifts or a refusal", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          for (const row of readTable(text, clock)) expect(row.to).toBeGreaterThan(row.from);
        } catch (error) {
          if (!(error instanceof HinobanError) || error.code !== "invalid-input") throw error;
        }
      }),
    );
  });
});
