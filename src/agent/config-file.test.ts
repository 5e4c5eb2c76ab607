import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readToml } from "./conf/toml.ts";
import { setInFile } from "./config-file.ts";

describe("writing settings into a file", () => {
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

  test("a list over several lines is replaced whole, and new lines stand before the first section", () => {
    const before =
      'roles = [\n  "a-a:b-b", # one\n  "c-c:d-d",\n]\nmemo = "x"\n\n# a check\n[plugin.checks.key]\ncommand = "true"\nkey = "not this"\n';
    const after = setInFile(
      before,
      new Map<string, string | readonly string[]>([
        ["roles", ["e-e:f-f"]],
        ["key", "k"],
      ]),
    );
    expect(after).toBe(
      'roles = ["e-e:f-f"]\nmemo = "x"\nkey = "k"\n\n# a check\n[plugin.checks.key]\ncommand = "true"\nkey = "not this"\n',
    );
  });

  test("whatever is written is read back", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.string({ unit: "binary" })),
      fc.integer({ min: -999_999, max: 999_999 }),
    );
    fc.assert(
      fc.property(value, (written) => {
        expect({ ...readToml(setInFile("[a]\nk = 1\n", new Map([["k", written]])), "f").table }).toMatchObject({ k: written });
      }),
    );
  });
});
