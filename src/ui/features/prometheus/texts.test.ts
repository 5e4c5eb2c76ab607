import { expect, test } from "vitest";
import { linesOf, pairsOf, wordsOf } from "./texts.ts";

test("lines of name and value are read and written", () => {
  expect(pairsOf(" env = prod \n\nq=a=b\ne=")).toEqual([
    { name: "env", value: "prod" },
    { name: "q", value: "a=b" },
    { name: "e", value: "" },
  ]);
  expect(
    linesOf([
      { name: "a", value: "1" },
      { name: "b", value: "" },
    ]),
  ).toBe("a=1\nb=");
  for (const wrong of ["env", "=x", "a=1\na=2"]) expect(pairsOf(wrong), wrong).toBeUndefined();
});

test("words are parted by blanks and commas", () => {
  expect(wordsOf(" a, b\n\ta  c,,")).toEqual(["a", "b", "c"]);
});
