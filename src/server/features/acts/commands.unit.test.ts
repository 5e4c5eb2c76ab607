import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCommand } from "./commands.ts";

test("a command is read in both languages, with digits of either width and with or without the number sign", () => {
  for (const text of ["take 12", " Take  #12 ", "担当 １２", "担当する ＃12", "take 12 please"]) {
    expect(parseCommand(text), text).toEqual({ kind: "take", number: 12 });
  }
  expect(parseCommand("対応できない 3")).toEqual({ kind: "cannot", number: 3 });
  expect(parseCommand("解決 7")).toEqual({ kind: "resolve", number: 7 });
  expect(parseCommand("当番")).toEqual({ kind: "now" });
  expect(parseCommand("INCIDENTS")).toEqual({ kind: "incidents" });
  expect(parseCommand("")).toEqual({ kind: "help" });
});

test("an act without a number, or with none that an incident can have, asks for one", () => {
  for (const text of ["take", "take it", "take 1.5", "take -1", "take 12345678901"]) {
    expect(parseCommand(text), text).toEqual({ kind: "unnumbered", verb: "take" });
  }
});

test("whatever is typed, something short comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const command = parseCommand(text);
      if (command.kind === "unknown") expect(command.word.length).toBeLessThanOrEqual(40);
      if ("number" in command) expect(Number.isSafeInteger(command.number)).toBe(true);
    }),
  );
});
