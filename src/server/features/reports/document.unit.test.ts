import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hours, minutes } from "#base/duration";
import { sampleDocument, sampleModel } from "#test/report-sample";
import type { ReportCell } from "#wire/reports";
import { documentOf } from "./document/document.ts";
import { suggest } from "./figures/suggest.ts";
import type { ReportModel } from "./model.ts";
import { reportCsv } from "./render-csv.ts";
import { reportHtml } from "./render-html.ts";
import { availabilityText, lengthText } from "./words/format.ts";
import { wordsOf } from "./words/words.ts";

describe("words", () => {
  test.each([
    [0, "0 s", "0秒"],
    [45_000, "45 s", "45秒"],
    [minutes(1), "1 min", "1分"],
    [hours(1) + minutes(12), "1 h 12 min", "1時間12分"],
    [hours(51), "2 d 3 h", "2日3時間"],
  ])("a length of %i ms is %s, %s", (length, en, ja) =>
    expect([lengthText(length, wordsOf.en), lengthText(length, wordsOf.ja)]).toEqual([en, ja]),
  );
  test.each([
    [1, "100 %"],
    [0.9995, "99.95 %"],
    [0.5, "50.00 %"],
    [0.999999, "99.9999 %"],
    [0, "0.00 %"],
  ])("a share of %d is %s", (share, text) => expect(availabilityText(share)).toBe(text));
  test("what was not always up never reads as 100 %", () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1 - 1e-9, noNaN: true }), (share) => !availabilityText(share).startsWith("100")));
  });
  test("say the same in both languages: the same sections, tables and rows", () => {
    const shape = (language: "en" | "ja") =>
      sampleDocument(language).sections.map(({ id, blocks }) => [
        id,
        blocks.map((block) => (block.kind === "table" ? [block.kind, block.columns.length, block.rows.length] : [block.kind])),
      ]);
    expect(shape("ja")).toEqual(shape("en"));
  });
});

const cellsOf = (): ReportCell[] =>
  sampleDocument("en").sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === "table" ? block.rows.flat() : block.kind === "list" ? block.items : [])),
  );

test("every figure that counts something opens what it counts, within the report's time", () => {
  const links = cellsOf().flatMap(({ href }) => href ?? []);
  const { from, to } = sampleModel.range;
  expect(links.length).toBeGreaterThan(100);
  expect(links.find((link) => link.includes("/incidents?severity=critical"))).toBe(
    `/o/example/incidents?severity=critical&tab=all&from=${from}&to=${to}`,
  );
  expect(links).toContain(`/o/example/history?verb=monitor&outcome=done&from=${from}&to=${to}`);
  const counts = cellsOf().filter(({ text, tone }) => /^\d+$/u.test(text) && tone === undefined && text !== "0");
  expect(counts.filter(({ href }) => href === undefined).length).toBeLessThan(counts.length / 4);
  const ids = new Set(sampleDocument("en").sections.map(({ id }) => `#${id}`));
  expect(links.filter((link) => link.startsWith("#") && !ids.has(link))).toEqual([]);
});

describe("HTML", () => {
  test("holds everything, no script and nothing from elsewhere, and escapes what people wrote", () => {
    const evil = `<script>alert(1)</script>"&'`;
    const model: ReportModel = {
      ...sampleModel,
      organisation: { name: "example", displayName: evil },
      incidents: sampleModel.incidents.map((one) => ({ ...one, title: evil, takenBy: evil })),
    };
    const html = reportHtml(documentOf(model, "ja"), "https://hinoban.example/");
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;");
    expect(html).not.toMatch(/<(?:link|img|iframe)|src=|@import|url\(/u);
    expect(html).toContain(`href="https://hinoban.example/o/example/incidents/incident0"`);
  });
  test("without an address of the console keeps only what leads within the report", () => {
    const html = reportHtml(sampleDocument("en"), "");
    expect(html.match(/href="(?!#)/gu)).toBeNull();
    expect(html).toContain('href="#incidents"');
  });
});

test("a table for spreadsheets has all incidents with lengths in seconds, and no formula", () => {
  const model: ReportModel = { ...sampleModel, incidents: sampleModel.incidents.map((one) => ({ ...one, title: '=HYPERLINK("x"),-1' })) };
  const lines = reportCsv(model, "ja").split("\r\n");
  expect(lines[0]).toBe("\uFEFF運用月次レポート 2026年10月,株式会社サンプル商事");
  const rows = lines.slice(lines.indexOf("インシデント一覧") + 2).filter((one) => one !== "");
  expect(rows).toHaveLength(sampleModel.incidents.length);
  expect(rows[0]).toBe(`310,2026-10-01 00:00,重大,"'=HYPERLINK(""x""),-1",Shop,192,田中 太郎,1140`);
});

describe("suggestions", () => {
  const calm: ReportModel = {
    ...sampleModel,
    services: sampleModel.services.filter(({ probes, hosts }) => probes + hosts > 0),
    incidents: [],
    times: [],
    channels: [],
    people: [],
    causes: [],
    hosts: [],
    calls: { requested: 0, rang: 0, answered: 0, taken: 0, failed: 0, nightCalls: 0 },
  };
  const kinds = (facts: Partial<ReportModel>, steps: Parameters<typeof suggest>[0]["steps"] = []): string[] =>
    suggest({ ...calm, ...facts, steps }).map(({ kind }) => kind);
  const [cause] = sampleModel.causes;
  const [person] = sampleModel.people;
  const [line] = sampleModel.incidents;
  const step = { policyId: "p", policyName: "n", step: 0, told: 5, taken: 0 };
  const times = (severity: "critical" | "warning", more: object) => [{ severity, incidents: 10, neverTaken: 0, open: 0, ...more }];
  const spread = (median: number, count = 5) => ({ count, median, p90: median, worst: median });
  if (!cause || !person || !line) throw new Error("the sample is empty");

  test("a calm month has none", () => expect(kinds({})).toEqual([]));
  test.each<[string, string[]]>([
    ["flapping", kinds({ causes: [{ ...cause, alerts: 10, median: minutes(14) }] })],
    ["noisy-host", kinds({ hosts: [{ ...cause, kind: "host", alerts: 30 }] })],
    ["many-nights", kinds({ people: [{ ...person, taken: 0, nights: 8 }] })],
    ["unanswered-step", kinds({}, [step])],
    ["never-taken", kinds({ times: times("critical", { neverTaken: 3 }) })],
    ["slow-to-take", kinds({ times: times("critical", { take: spread(minutes(16)) }) })],
    ["failing-channel", kinds({ channels: [{ id: "c", name: "c", sent: 5, failed: 3, isSuspended: false }] })],
    ["failing-calls", kinds({ calls: { ...calm.calls, requested: 20, failed: 3 } })],
    ["unwatched-service", kinds({ services: sampleModel.services })],
    ["still-open", kinds({ incidents: [{ ...withoutEnd(line), openedAt: sampleModel.range.to - 8 * 24 * 3_600_000 }] })],
    [
      "unfair",
      kinds({
        people: [
          { ...person, taken: 10, nights: 0 },
          { ...person, taken: 3, nights: 0 },
          { ...person, taken: 3, nights: 0 },
        ],
      }),
    ],
  ])("%s is told when it is worth it", (kind, found) => expect(found).toEqual([kind]));
  test.each<[string, string[]]>([
    ["alerts that come often and last", kinds({ causes: [{ ...cause, alerts: 50, median: minutes(20) }] })],
    ["a step that somebody answered", kinds({}, [{ ...step, taken: 1 }])],
    ["warnings that nobody took", kinds({ times: times("warning", { neverTaken: 9 }) })],
    ["few slow ones", kinds({ times: times("critical", { take: spread(hours(1), 2) }) })],
    ["one failure of many", kinds({ channels: [{ id: "c", name: "c", sent: 500, failed: 3, isSuspended: false }] })],
  ])("nothing is said of %s", (_, found) => expect(found).toEqual([]));
});

function withoutEnd(line: ReportModel["incidents"][number]): ReportModel["incidents"][number] {
  const { id, number, title, severity, openedAt, services } = line;
  return { id, number, title, severity, openedAt, services };
}
