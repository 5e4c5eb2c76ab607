import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { readToml } from "./toml.ts";
import { locate } from "./toml-lines.ts";

function problemOf(text: string): string {
  try {
    readToml(text, "f");
    return "";
  } catch (error) {
    if (error instanceof HinobanError) return error.message;
    throw error;
  }
}

describe("reading", () => {
  test("the whole grammar is understood", () => {
    const text = [
      "\uFEFF# a comment",
      'server = "https://hinoban.example"  # with a comment',
      String.raw`memo = "say \"hi\" \u3042 C:\\x"`,
      String.raw`literal = 'C:\temp # no comment'`,
      'roles = [ "web:app", # first',
      '  "web:db",',
      "]",
      "long = 9007199254740993",
      "[plugin.checks.'a b']",
      'command = """',
      '[not.a.section]"""',
      'env = { A = "1", B = 2 }',
      "",
    ].join("\r\n");
    const { table } = readToml(text, "f");
    expect(JSON.parse(JSON.stringify(table, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)))).toEqual({
      server: "https://hinoban.example",
      memo: 'say "hi" あ C:\\x',
      literal: String.raw`C:\temp # no comment`,
      roles: ["web:app", "web:db"],
      long: "9007199254740993n",
      plugin: { checks: { "a b": { command: "[not.a.section]", env: { A: "1", B: 2 } } } },
    });
  });

  test.each([
    ["\nserver https://x", "f line 2: this is not TOML (illegal character in key); write `key = value`"],
    ["server = https://hinoban.example", 'f line 1: this is not TOML (invalid value); texts stand in quotes, like server = "text"'],
    ['roles = ["a" "b"]', "f line 1: this is not TOML (expected comma or end of structure)"],
    ['a = "1"\na = "2"', "f line 2: this is not TOML (trying to redefine an already defined table or value)"],
    ["[a\nb = 1", "f line 1: this is not TOML ("],
    ["__proto__ = 1", "f line 1: this is not TOML (document contains an unsafe property)"],
  ])("%j is refused with its line and what would be right", (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });

  test("a key that was pasted without quotes is not printed", () => {
    expect(problemOf("key = s3cr3t-0123456789-abcdef\n")).toMatch(/line 1/u);
    expect(problemOf("key = s3cr3t-0123456789-abcdef\n")).not.toContain("s3cr3t");
    expect(problemOf('key = "s3cr3t-0123456789\n')).not.toContain("s3cr3t");
  });
});

describe("places", () => {
  test("keys, sections and what is inside them are found whatever stands between", () => {
    const text = [
      "a = 1",
      "b = [ # [x]",
      '  "]", "#",',
      "]",
      'c = """',
      "d = 1",
      '""""',
      "e.f = '''x''' # end",
      '[p."q.r"] # \'',
      'g = { h = [1, 2], i = "}" }',
      "j = 'it''s'",
      "[[k]]",
      "l = 2",
    ].join("\n");
    const { lineOf, hasHeader, hasHeaderBelow, firstHeader, statements } = locate(text);
    expect(
      [["a"], ["b"], ["c"], ["e", "f"], ["p", "q.r"], ["p", "q.r", "g"], ["p", "q.r", "g", "h"], ["k", "l"], ["z"]].map(lineOf),
    ).toEqual([1, 2, 5, 8, 9, 10, 10, 13, 1]);
    expect(statements[1]).toEqual({ path: ["b"], from: 2, to: 4 });
    expect(firstHeader).toBe(9);
    expect([hasHeader(["p"]), hasHeader(["p", "q.r"]), hasHeaderBelow(["p"]), hasHeaderBelow(["q"])]).toEqual([false, true, true, false]);
  });

  test("every key of a file that a program wrote is found on its line", () => {
    const word = fc.string({
      minLength: 1,
      maxLength: 6,
      unit: fc.constantFrom("a", "b", "-", "_", "1", ".", " ", '"', "'", "#", "[", "]", "=", "あ"),
    });
    const value = fc.constantFrom("1", '"#"', "[1,\n2]", '"""\n[x]\n"""', "'''a\n=b'''", "{ a = 1 }", "1979-05-27", "[[1], ['x]']]");
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(word, value), { selector: ([key]) => key, maxLength: 8 }), (pairs) => {
        let text = "";
        const expected: [string, number][] = [];
        for (const [key, written] of pairs) {
          expected.push([key, text.split("\n").length]);
          text += `${JSON.stringify(key)} = ${written} # c\n`;
        }
        readToml(text, "f");
        const { lineOf } = locate(text);
        for (const [key, line] of expected) expect(lineOf([key])).toBe(line);
      }),
      { numRuns: 500 },
    );
  });
});
