import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberTexts } from "../number-text.ts";
import { timeTicks, valueRange, valueTicks } from "./axes.ts";
import { bucketTimes, type ChartSeries } from "./series.ts";
import { chartSvg, messageSvg, type ChartPicture } from "./svg.ts";
import { escapeXml, fitText, textWidth } from "./text.ts";
import { zonedClock } from "./zone.ts";

/** 2026-11-22T09:00:00+09:00 */
const morning = Date.UTC(2026, 10, 22) / 1000;
const layer = (key: string, values: (number | null)[], rest: Partial<ChartSeries> = {}): ChartSeries => ({
  key,
  label: key,
  values,
  ...rest,
});
const picture = (series: ChartSeries[], rest: Partial<ChartPicture> = {}): ChartPicture => {
  const language = rest.language ?? "en";
  return {
    title: "CPU",
    owner: "web-01",
    data: { times: bucketTimes(morning, 60, series[0]?.values.length ?? 0), series },
    kind: "line",
    unit: "percentage",
    from: morning,
    to: morning + 600,
    width: 240,
    height: 140,
    scheme: "light",
    language,
    clock: zonedClock(language, "Asia/Tokyo"),
    numbers: numberTexts(language),
    ...rest,
  };
};
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/gu)].map(([, text]) => text ?? "");
const count = (svg: string, what: RegExp): number => [...svg.matchAll(what)].length;

describe("a drawn graph", () => {
  test("of lines, with a gap, a lonely point and 5-minute data, looks as it always did", async () => {
    const minutely = layer("busy", [10, 20, 30, null, null, null, null, 40, null, null]);
    const sparse = layer("total", [50, null, null, null, null, 60, null, null, null, null], { every: 300 });
    await expect(chartSvg(picture([minutely, sparse]))).toMatchFileSnapshot("golden/lines.svg");
  });
  test("of layers, an idle one and a line over them, in Japanese and dark, looks as it always did", async () => {
    const layers = [
      layer("ユーザー", [10, 12, 14, 12, 10]),
      layer("アイドル", [80, 78, 76, 78, 80], { tone: "idle" }),
      layer("合計", [95, 95, 95, 95, 95], { isLine: true }),
    ];
    const drawn = chartSvg(
      picture(layers, { kind: "stacked", scheme: "dark", language: "ja", title: "CPU 使用率", owner: "ウェブ 1 号機" }),
    );
    await expect(drawn).toMatchFileSnapshot("golden/layers.svg");
  });
  test("says that there is no data, in both languages", () => {
    expect(texts(chartSvg(picture([layer("a", [null, null])])))).toContain("No data in this time range");
    expect(texts(chartSvg(picture([], { language: "ja" })))).toContain("この期間のデータはありません");
  });
  test("counts the series for which its legend has no room", () => {
    const many = Array.from({ length: 40 }, (_, at) => layer(`host-${at}`, [at, at]));
    expect(texts(chartSvg(picture(many))).find((text) => text.startsWith("+"))).toMatch(/^\+3\d more$/u);
    expect(texts(chartSvg(picture(many, { language: "ja" }))).some((text) => /^ほか 3\d 件$/u.test(text))).toBe(true);
  });
  test("writes numbers without zeros at their end, in binary units where bytes are meant", () => {
    const bytes = texts(chartSvg(picture([layer("used", [1.5 * 1024 ** 3, 3 * 1024 ** 3])], { unit: "bytes", height: 300 })));
    expect(bytes).toEqual(expect.arrayContaining(["0 B", "1 GiB", "2 GiB", "3 GiB"]));
    expect(texts(chartSvg(picture([layer("load", [0.5, 1])], { unit: "float", height: 300 })))).toEqual(
      expect.arrayContaining(["0.2", "0.8", "1"]),
    );
  });
  test("escapes whatever somebody wrote, and stays one document of known elements", () => {
    const wild = fc.string({ unit: "binary", maxLength: 40 });
    const evil = fc.oneof(
      wild,
      fc.constantFrom('"><script>alert(1)</script>', "]]>", "&lt;", "\u0000\u0008\uFFFE", "\uD800", "${x}", "' onload='x"),
    );
    fc.assert(
      fc.property(evil, evil, evil, (title, owner, label) => {
        const svg = chartSvg(picture([{ ...layer("k", [1, 2]), label }], { title, owner }));
        expect(svg.isWellFormed()).toBe(true);
        expect(svg).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/u);
        const names = new Set([...svg.matchAll(/<\/?([^\s/>]+)/gu)].map(([, name]) => name));
        expect([...names].filter((name) => !["svg", "rect", "text", "path", "g", "circle"].includes(name ?? ""))).toEqual([]);
        expect(count(svg, /"/gu) % 2).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
  test("has finite numbers for any values, sizes and times", () => {
    const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 10, maxLength: 10 }), { maxLength: 5 }),
        fc.integer({ min: 200, max: 2000 }),
        fc.integer({ min: 100, max: 1200 }),
        fc.constantFrom("line" as const, "stacked" as const),
        fc.constantFrom(
          "float",
          "integer",
          "percentage",
          "seconds",
          "milliseconds",
          "bytes",
          "bytes/sec",
          "bits/sec",
          "iops",
        ) as fc.Arbitrary<ChartPicture["unit"]>,
        (columns, width, height, kind, unit) => {
          const svg = chartSvg(
            picture(
              columns.map((values, at) => layer(String(at), values)),
              { width, height, kind, unit },
            ),
          );
          expect(svg).not.toMatch(/NaN|Infinity|undefined/u);
        },
      ),
    );
  });
});

test("a picture that only says something has each line in it", () => {
  expect(texts(messageSvg(["Not shared", "共有されていません"], { width: 400, height: 200 }, "light"))).toEqual([
    "Not shared",
    "共有されていません",
  ]);
});

describe("marks on the axes", () => {
  test("stand at round values, never more than there is room for", () => {
    expect(valueTicks(0, 106, "percentage", 6)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(valueTicks(0, 3 * 1024, "bytes", 4)).toEqual([0, 1024, 2048, 3072]);
    expect(valueTicks(0, 1, "integer", 5)).toEqual([0, 1]);
    expect([valueRange(null, null), valueRange(0, 0), valueRange(50, 100), valueRange(-10, -5)[1]]).toEqual([[0, 1], [0, 1], [0, 106], 0]);
  });
  test("stand at full hours and midnights of the zone", () => {
    const labels = (from: number, to: number, zone: string, most = 6) =>
      timeTicks(from, to, zonedClock("en", zone), most).map(({ label }) => label);
    expect(labels(morning, morning + 3600, "Asia/Tokyo")).toEqual(["09:00", "09:10", "09:20", "09:30", "09:40", "09:50", "10:00"]);
    expect(labels(morning, morning + 86_400, "Asia/Tokyo")).toEqual(["12:00", "18:00", "Nov 23", "06:00"]);
    expect(labels(morning, morning + 5 * 86_400, "Asia/Tokyo")).toEqual(["Nov 23", "Nov 24", "Nov 25", "Nov 26", "Nov 27"]);
    expect(labels(morning, morning + 3600, "Asia/Kathmandu", 3)).toEqual(["06:00", "06:30"]);
    expect(labels(morning, morning + 365 * 86_400, "Asia/Tokyo", 5)).toEqual(["Jan 2027", "Apr 2027", "Jul 2027", "Oct 2027"]);
  });
  test("stay at full hours over a change of the clocks", () => {
    const sunday = Date.UTC(2026, 10, 1, 4) / 1000; // midnight in New York, whose clocks go back at 02:00
    const ticks = timeTicks(sunday, sunday + 9 * 3600, zonedClock("en", "America/New_York"), 5);
    expect(ticks.map(({ label }) => label)).toEqual(["Nov 1", "02:00", "04:00", "06:00", "08:00"]);
    expect(ticks.map(({ at }) => (at - sunday) / 3600)).toEqual([0, 3, 5, 7, 9]);
  });
});

describe("texts in drawings", () => {
  test("are cut where there is no room", () => {
    expect(fitText("short", 11, 100)).toBe("short");
    expect(fitText("a-very-long-host-name.example.jp", 11, 80)).toMatch(/^a-very-lo.*…$/u);
    expect(fitText("ウェブサーバー", 10, 35)).toBe("ウェ…");
    expect(fitText("anything", 11, 0)).toBe("");
    expect(textWidth("漢字", 10)).toBe(20);
  });
  test("keep what XML may hold", () => {
    expect(escapeXml(`a<b>&"'\u0007\n日本😀`)).toBe("a&lt;b&gt;&amp;&quot;&#39;\n日本😀");
  });
});
