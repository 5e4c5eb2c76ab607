import { describe, expect, test } from "vitest";
import type { GraphTarget } from "#wire/sharing";
import { presetText } from "#kit/range";
import { parseSearch, stringifySearch } from "#kit/search";
import { parseGraphSearch, searchOfTarget, targetOfSearch } from "./graph-search.ts";
import { snippetsOf } from "./snippets.ts";

describe("the address of one graph", () => {
  const targets: readonly GraphTarget[] = [
    { kind: "host", host: "2xkv4", graph: "custom.docker.#" },
    { kind: "service", service: "shop", graph: "orders" },
    { kind: "role", service: "shop", role: "web", graph: "cpu%" },
    { kind: "role", service: "shop", role: "web", graph: "loadavg5", isStacked: true, show: "all" },
    { kind: "role", service: "shop", role: "web", graph: "memory.used", isStacked: false },
  ];
  test.each(targets)("means $graph again when it is read", (target) => {
    const address = stringifySearch({ ...searchOfTarget(target) });
    expect(targetOfSearch(parseGraphSearch(parseSearch(address)))).toEqual(target);
  });
  test("means nothing when the graph or what it belongs to is missing", () => {
    expect(targetOfSearch(parseGraphSearch({ host: "2xkv4" }))).toBeUndefined();
    expect(targetOfSearch(parseGraphSearch({ graph: "cpu", role: "web" }))).toBeUndefined();
    expect(targetOfSearch(parseGraphSearch({ graph: "x".repeat(300), host: "a" }))).toBeUndefined();
  });
});

test("a share link is offered in every form with whatever label it has", () => {
  const size = { width: 400, height: 200 };
  const { html, markdown, picture } = snippetsOf("https://h/embed/public/embed/t", size, 'CPU "of" [web] <1>');
  expect(html).toBe(
    '<iframe src="https://h/embed/public/embed/t" width="400" height="200" frameborder="0" title="CPU &quot;of&quot; [web] &lt;1&gt;"></iframe>',
  );
  expect(markdown).toBe(String.raw`[![CPU "of" \[web\] <1>](https://h/embed/public/embed/t.png)](https://h/embed/public/embed/t)`);
  expect(picture).toBe("https://h/embed/public/embed/t.png");
});

test("lengths of time are written for people", () => {
  expect([presetText("30m", "en"), presetText("1mo", "ja"), presetText("6h", "ja"), presetText("x", "en")]).toEqual([
    "30 min",
    "1か月",
    "6時間",
    "x",
  ]);
});
