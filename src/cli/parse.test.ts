import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command } from "./command.ts";
import { nearest } from "./nearest.ts";
import { parse } from "./parse.ts";
import { CliFailure } from "./text.ts";
import { commands } from "./table/index.ts";

const command: Command = {
  name: "demo",
  does: { en: "", ja: "" },
  flags: [
    { name: "status", alias: ["st"], kind: "text", choices: ["working", "standby"], does: { en: "", ja: "" } },
    { name: "roleFullname", short: "R", kind: "list", does: { en: "", ja: "" } },
    { name: "retry", short: "r", kind: "integer", does: { en: "", ja: "" } },
    { name: "force", kind: "switch", does: { en: "", ja: "" } },
    { name: "memo", kind: "text", does: { en: "", ja: "" } },
  ],
  operands: { name: "ID…", least: 0, most: 2, does: { en: "", ja: "" } },
};

const read = (...tokens: string[]): object => {
  const { given, operands } = parse(command, tokens);
  return { ...Object.fromEntries(given), operands };
};

function refusal(...tokens: string[]): string {
  try {
    parse(command, tokens);
    return "";
  } catch (error) {
    if (error instanceof CliFailure) return `${error.exit} ${error.message}`;
    throw error;
  }
}

describe("flags", () => {
  test.each([
    [["--status", "standby"], { status: "standby", operands: [] }],
    [["-status", "standby", "x"], { status: "standby", operands: ["x"] }],
    [["-st=standby"], { status: "standby", operands: [] }],
    [["x", "--st", "standby", "y"], { status: "standby", operands: ["x", "y"] }],
    [["-R", "a:b", "-R", "c:d, e:f"], { roleFullname: ["a:b", "c:d", "e:f"], operands: [] }],
    [["--force=false", "--memo", "-starts with a dash"], { memo: "-starts with a dash", operands: [] }],
    [["--memo=a=b"], { memo: "a=b", operands: [] }],
    [["--memo="], { memo: "", operands: [] }],
    [["--force", "--", "--memo"], { force: true, operands: ["--memo"] }],
    [["-r", "-3", "-"], { retry: "-3", operands: ["-"] }],
  ])("%j", (tokens, expected) => {
    expect(read(...tokens)).toEqual(expected);
  });

  test.each([
    [["--statsu", "x"], "2 --statsu is not a flag of `demo`; did you mean --status?"],
    [["--nothing"], "2 --nothing is not a flag of `demo`; `hinoban demo --help` lists them."],
    [["--status", "workin"], '2 --status must be one of working, standby, not "workin"; did you mean working?'],
    [["--memo"], "2 --memo needs a value: --memo <value>."],
    [["--retry", "many"], '2 --retry must be a whole number, not "many".'],
    [["--force=perhaps"], "2 --force takes no value, or true or false."],
    [["a", "b", "c"], "2 `c` is too much for `demo`."],
  ])("%j is refused", (tokens, expected) => {
    expect(refusal(...tokens)).toBe(expected);
  });

  test("a command line behind a command is left alone", () => {
    const wrap = { ...command, takesCommandLine: true };
    expect(parse(wrap, ["--force", "sh", "-c", "--memo x"]).operands).toEqual(["sh", "-c", "--memo x"]);
    expect(parse(wrap, ["--", "--force"]).operands).toEqual(["--force"]);
  });

  test("whatever is typed is read or refused with a sentence", () => {
    const token = fc.oneof(fc.constantFrom("--memo", "-st", "standby", "--", "-", "-R", "--force", "=", "--memo="), fc.string());
    fc.assert(
      fc.property(fc.array(token, { maxLength: 6 }), (tokens) => {
        expect(typeof refusal(...tokens)).toBe("string");
      }),
      { numRuns: 20_000 },
    );
  });

  test("any text goes through --memo=", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(read(`--memo=${text}`)).toEqual({ memo: text, operands: [] });
      }),
      { numRuns: 2000 },
    );
  });
});

test("the nearest name counts swapped letters once, and nothing is near what is far", () => {
  expect(nearest("hsots", ["hosts", "status"])).toBe("hosts");
  expect(nearest("dashbords", ["dashboards", "hosts"])).toBe("dashboards");
  expect(nearest("xyz", ["hosts", "status"])).toBeUndefined();
});

test("no two flags of a command share a spelling", () => {
  const visit = (list: readonly Command[]): void => {
    for (const one of list) {
      const names = (one.flags ?? []).flatMap((flag) => [
        flag.name,
        ...(flag.alias ?? []),
        ...(flag.short === undefined ? [] : [flag.short]),
      ]);
      const all = one.isLocal ? names : [...names, "apibase", "apikey-file", "profile", "conf", "quiet", "q", "help", "h"];
      expect(new Set(all).size, one.name).toBe(all.length);
      visit(one.commands ?? []);
    }
  };
  visit(commands);
});
