import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withCli } from "#test/cli";
import type { Command } from "./command.ts";
import { referenceOf } from "./reference.ts";
import { hostStatuses } from "#wire/inventory";
import { hostStatuses as offered } from "./table/hosts.ts";
import { commands } from "./table/index.ts";
import { languages } from "./text.ts";
import { widthOf, wrapped } from "./width.ts";

const cli = withCli();
const inJapanese = { env: { LANG: "ja_JP.UTF-8" } };

function paths(list: readonly Command[], parents: readonly string[] = []): string[][] {
  return list.flatMap((command) => {
    const path = [...parents, command.name];
    return [path, ...paths(command.commands ?? [], path)];
  });
}

describe("help", () => {
  test("lists every command, in the language of the locale", async () => {
    const english = await cli.call(["help"]);
    expect(english.code).toBe(0);
    for (const { name } of commands) expect(english.out).toContain(`\n  ${name} `);
    expect((await cli.call([])).out).toBe(english.out);
    const japanese = await cli.call(["help"], inJapanese);
    expect(japanese.out).toContain("ホストの一覧を表示");
    expect((await cli.call(["help"], { env: { LC_ALL: "C", LANG: "ja_JP.UTF-8" } })).out).toBe(english.out);
  });

  test.each(paths(commands).map((path) => path.join(" ")))("of `%s` fits a terminal, and is Japanese in Japan", async (path) => {
    const english = await cli.call(["help", ...path.split(" ")]);
    expect(english.code).toBe(0);
    expect(english.out).toMatch(new RegExp(`^Usage: hinoban ${path}`, "u"));
    for (const line of english.out.split("\n").slice(1))
      if (!line.startsWith("  hinoban ") && !line.includes("'{{")) expect(widthOf(line), line).toBeLessThanOrEqual(112);
    const japanese = await cli.call(["help", ...path.split(" ")], inJapanese);
    expect(japanese.out).toMatch(/^使い方: hinoban /u);
    expect(japanese.out).toMatch(/[ぁ-ん]/u);
  });

  test("is given by --help behind any command, whatever else is missing there", async () => {
    for (const words of [["hosts"], ["fetch"], ["dashboards", "push"], ["annotations"], ["wrap"], ["import", "mackerel"]]) {
      const { code, out } = await cli.call([...words, "--help"]);
      expect([code, out]).toEqual([0, (await cli.call(["help", ...words])).out]);
    }
    expect((await cli.call(["hosts", "-h"])).code).toBe(0);
  });

  test.each([
    [["hsots"], 'there is no command "hsots"; did you mean `hosts`?'],
    [["dashboards", "pul"], 'there is no command "pul"; did you mean `pull`?'],
    [["zzzzzz"], 'there is no command "zzzzzz"; `hinoban help` lists them.'],
    [["annotations"], "`annotations` needs one of: create, list, update, delete."],
    [["hosts", "--tabel"], "--tabel is not a flag of `hosts`; did you mean --table?"],
    [["help", "hosts", "x"], "`x` is too much."],
    [["hosts", "--from"], "--from is not a flag of `hosts`; `hinoban hosts --help` lists them."],
    [["dashboards", "push"], "`dashboards push` needs --file-path <file>."],
  ])("%j is answered with what would be right, and ends with 2", async (words, sentence) => {
    const { code, out, err } = await cli.call(words);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe(`hinoban: ${sentence}\n`);
  });

  test("mistakes are told in Japanese too", async () => {
    expect((await cli.call(["hosts", "--tabel"], inJapanese)).err).toBe(
      "hinoban: `hosts` に --tabel というフラグはありません。--table のことですか？\n",
    );
  });
});

test("the statuses that the table offers are the contracts'", () => {
  expect(offered).toEqual(hostStatuses);
});

test("lines are broken between words and Japanese letters, and never before a closing mark", () => {
  expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapped("あいう。え", 6)).toEqual(["あいう。", "え"]);
  expect(wrapped("", 10)).toEqual([]);
});

// After a change of the table: npx vitest run --project unit src/cli/help.test.ts -u
test.each(languages)("the guide's page about the commands says what the table says (%s)", async (language) => {
  const file = `${import.meta.dirname}/../../docs/guide/${language}/cli.md`;
  const [before = "", , after] = readFileSync(file, "utf8").split(/<!-- (?:commands|end of commands) -->\n/u);
  const page = `${before}<!-- commands -->\n${referenceOf(commands, language)}<!-- end of commands -->\n${after ?? ""}`;
  await expect(page).toMatchFileSnapshot(file);
});
