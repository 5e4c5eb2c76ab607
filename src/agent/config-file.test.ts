import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfigFile, setInFile } from "./config-file.ts";

const valuesOf = (text: string): Record<string, unknown> =>
  Object.fromEntries([...parseConfigFile(text, "f").values].map(([key, { value }]) => [key, value]));
const problemsOf = (text: string): readonly string[] =>
  parseConfigFile(text, "f").problems.map(({ field, problem }) => `${field}: ${problem}`);

describe("reading", () => {
  test("texts, lists, numbers, flags and comments are understood", () => {
    const text = [
      "\uFEFF# a comment",
      'server = "https://hinoban.example"  # with a comment',
      String.raw`memo = "say \"hi\" \u3042 C:\\x"`,
      String.raw`literal = 'C:\temp # no comment'`,
      'roles = ["web:app", "web:db",]',
      "empty = []",
      "first_interval = 5",
      "on = true",
      "",
    ].join("\r\n");
    expect(valuesOf(text)).toEqual({
      server: "https://hinoban.example",
      memo: 'say "hi" あ C:\\x',
      literal: String.raw`C:\temp # no comment`,
      roles: ["web:app", "web:db"],
      empty: [],
      first_interval: 5,
      on: true,
    });
    expect(problemsOf(text)).toEqual([]);
  });

  test.each([
    ["[server]", "f line 1: sections are not used here; write `key = value`"],
    ["\nserver https://x", "f line 2: `server h…` is not a `key = value` line"],
    ["server = https://hinoban.example", 'f line 1: `server` needs a value like "text", ["a", "b"], 10 or true, not `https://…`'],
    ['roles = ["a" "b"]', 'f line 1: `roles` needs a value like "text", ["a", "b"], 10 or true, not `["a" "b"]`'],
    ['a = "\\q"', 'f line 1: `a` needs a value like "text", ["a", "b"], 10 or true, not `"\\q"`'],
    ['a = "1"\na = "2"', "f line 2: `a` already stands on line 1; keep one of them"],
  ])("%j is refused with its line and what would be right", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("a key that was pasted without quotes is not printed whole", () => {
    expect(problemsOf("key = s3cr3t-0123456789-abcdef").join("")).not.toContain("0123456789");
  });
});

describe("writing", () => {
  test("a known line is replaced, a new one appended, comments and order stay", () => {
    const before = '# mine\nserver = "http://old"\n\nmemo = "keep" # this\n';
    expect(
      setInFile(
        before,
        new Map([
          ["server", "http://new"],
          ["key", "k"],
        ]),
      ),
    ).toBe('# mine\nserver = "http://new"\n\nmemo = "keep" # this\nkey = "k"\n');
  });

  test("whatever is written is read back", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.string({ unit: "binary" })),
      fc.integer({ min: -999_999, max: 999_999 }),
    );
    fc.assert(
      fc.property(value, (written) => {
        expect(valuesOf(setInFile("", new Map([["k", written]])))).toEqual({ k: written });
      }),
    );
  });
});
