import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGraphMeta } from "./metric-meta.ts";

const meta = (graphs: unknown, header = "# mackerel-agent-plugin"): string => `${header}\n${JSON.stringify({ graphs })}\n`;

describe("the schema of a metric plugin", () => {
  test("becomes graph definitions as the server takes them", () => {
    const text = meta(
      {
        dice: {
          label: "My dice",
          unit: "integer",
          metrics: [
            { name: "d6", label: "Die 6", stacked: true },
            { name: "d20", label: "Die 20" },
          ],
        },
        "disk.#": { metrics: [{ name: "*", label: "%2" }] },
      },
      "# mackerel-agent-plugin version=1",
    );
    expect(parseGraphMeta(text)).toEqual({
      problems: [],
      definitions: [
        {
          name: "custom.dice",
          displayName: "My dice",
          unit: "integer",
          metrics: [
            { name: "custom.dice.d6", displayName: "Die 6", isStacked: true },
            { name: "custom.dice.d20", displayName: "Die 20", isStacked: false },
          ],
        },
        { name: "custom.disk.#", unit: "float", metrics: [{ name: "custom.disk.#.*", displayName: "%2", isStacked: false }] },
      ],
    });
  });

  test("is absent when the plugin prints its values instead", () => {
    expect(parseGraphMeta("dice.d6\t3\t1800000000\n")).toBeUndefined();
    expect(parseGraphMeta("")).toBeUndefined();
    expect(parseGraphMeta("# mackerel-agent-plugin")).toBeUndefined();
  });

  test("loses only what the server would refuse, and says what", () => {
    const text = meta({
      good: { unit: "apples", metrics: [{ name: "a" }, { name: "b c" }, { name: "*" }, "x"] },
      "bad name": { metrics: [] },
      empty: {},
      "a.#": { metrics: [{ name: "#" }] },
    });
    const found = parseGraphMeta(text);
    expect(found?.definitions).toEqual([
      { name: "custom.good", unit: "float", metrics: [{ name: "custom.good.a", isStacked: false }] },
      { name: "custom.a.#", unit: "float", metrics: [] },
    ]);
    expect(found?.problems).toEqual([
      "graph `good` has the unknown unit `apples`; float is used",
      ...Array.from({ length: 3 }, () => "a metric of graph `good` has no proper name"),
      "graph `bad name` has no proper name or metrics",
      "graph `empty` has no proper name or metrics",
      "a metric of graph `a.#` has no proper name",
    ]);
    expect(parseGraphMeta("# mackerel-agent-plugin version=2\n{}")?.problems).toEqual(["its schema has version 2, not 1"]);
    expect(parseGraphMeta("# mackerel-agent-plugin\n[1")?.problems).toEqual(["its schema is no JSON object with `graphs`"]);
  });

  test("whatever it is gives nothing but definitions that the server takes, in 200,000 inputs", { timeout: 120_000 }, () => {
    const name = fc.oneof(fc.constantFrom("a", "a.b", "*", "#", "a.#", "__proto__", "a b", "", "constructor"), fc.string({ maxLength: 4 }));
    const junk = fc.oneof(name, fc.constantFrom(null, 1, true, [], {}));
    const metric = fc.oneof(junk, fc.record({ name: junk, label: junk, stacked: junk }));
    const graph = fc.oneof(junk, fc.record({ label: junk, unit: junk, metrics: fc.oneof(junk, fc.array(metric, { maxLength: 3 })) }));
    const schema = fc.oneof(
      fc.dictionary(name, graph, { maxKeys: 3 }).map((graphs) => meta(graphs)),
      junk.map((graphs) => meta(graphs)),
      fc.string({ maxLength: 12 }).map((text) => `# mackerel-agent-plugin${text}`),
    );
    fc.assert(
      fc.property(schema, fc.nat(40), (text, cut) => {
        for (const each of [text, text.slice(0, cut)]) {
          for (const definition of parseGraphMeta(each)?.definitions ?? []) {
            if (!/^custom(?:\.(?:[-\w]+|[*#]))+$/u.test(String(definition["name"]))) throw new Error(JSON.stringify(definition));
          }
        }
      }),
      { numRuns: 200_000 },
    );
  });
});
