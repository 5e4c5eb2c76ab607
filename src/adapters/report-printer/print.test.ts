import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { openFolder } from "#test/folder";
import { directPrinter, reportFont } from "#test/report-printer";
import { sampleDocument } from "#test/report-sample";
import { until } from "#test/until";
import type { ReportDocument } from "#wire/reports";
import { ThreadPrinter } from "./index.ts";

/** What a reader of PDF finds. */
const textOf = (pdf: Uint8Array, ...options: string[]): string =>
  execFileSync("pdftotext", [...options, "-", "-"], { input: pdf, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
const flat = (text: string): string => text.replaceAll(/\s/gu, "");

describe("a printed report", () => {
  test.each([
    ["ja", "運用月次レポート 2026年10月", "株式会社サンプル商事", /1 \/ 5 ページ/u],
    ["en", "Monthly operations report, October 2026", "Time to take", /Page 1 of \d/u],
  ] as const)("in %s is read again: title, tables, page numbers", async (language, title, words, page) => {
    const pdf = await directPrinter.pdf(sampleDocument(language), "https://hinoban.example");
    const text = textOf(pdf, "-layout");
    expect(text).toContain(title);
    expect(text).toContain(words);
    expect(text).toMatch(page);
    expect(pdf.length, "only the letters that are used are embedded").toBeLessThan(300_000);
  });

  test("loses no word of any table, however narrow its column", async () => {
    const document = sampleDocument("ja");
    const text = flat(textOf(await directPrinter.pdf(document, ""), "-raw"));
    for (const section of document.sections)
      for (const block of section.blocks)
        if (block.kind === "table")
          for (const cell of block.rows.flat())
            for (const word of cell.text.split(/\s+/u)) if (word.length < 12) expect(text).toContain(flat(word));
  });

  test("opens what it counts, and only where there is a console", async () => {
    const urls = (pdf: Uint8Array): number => Buffer.from(pdf).toString("latin1").split("/URI (").length - 1;
    expect(urls(await directPrinter.pdf(sampleDocument("en"), "https://hinoban.example"))).toBeGreaterThan(100);
    expect(urls(await directPrinter.pdf(sampleDocument("en"), ""))).toBe(0);
  });

  test("may hold anything that people write", async () => {
    const [summary] = sampleDocument("ja").sections;
    const odd = ["", " ", "😀 絵文字", "\u0000\u0007", "a".repeat(5000), "あ".repeat(3000), "عربى", "\n\n", "（（（（"];
    const document: ReportDocument = {
      ...sampleDocument("ja"),
      title: "長".repeat(200),
      sections: [
        ...(summary ? [summary] : []),
        {
          id: "odd",
          title: "😀",
          blocks: [
            {
              kind: "table",
              caption: "",
              columns: odd.map((label) => ({ label, share: 1, isNumber: false })),
              rows: [odd.map((text) => ({ text }))],
            },
            { kind: "list", items: odd.map((text) => ({ text, href: "javascript:alert(1)" })) },
            { kind: "bars", caption: "", layout: "lying", series: ["x"], bars: odd.map((label) => ({ label, values: [0], text: label })) },
            { kind: "bars", caption: "", layout: "upright", series: [], bars: [] },
            { kind: "figures", figures: odd.map((value) => ({ label: value, value, note: value })) },
          ],
        },
      ],
    };
    const pdf = await directPrinter.pdf(document, "https://hinoban.example");
    expect(textOf(pdf)).toContain("ページ");
    expect(Buffer.from(pdf).toString("latin1")).not.toContain("javascript:");
  });
});

describe("the thread that prints", () => {
  const folder = openFolder("hinoban-report-");
  const clock = new FakeClock();
  let printer: ThreadPrinter;
  beforeAll(async () => {
    const file = `${folder}/report-worker.js`;
    const bundle = await rolldown({ input: fileURLToPath(new URL("worker.ts", import.meta.url)), platform: "node" });
    await bundle.write({ file, format: "esm", codeSplitting: false });
    await bundle.close();
    printer = new ThreadPrinter({ clock, workerUrl: pathToFileURL(file), font: reportFont });
  });
  afterAll(async () => {
    await printer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("prints what the report says, refuses what it cannot print, and goes when nobody needs it", async () => {
    const pdf = await printer.pdf(sampleDocument("ja"), "");
    expect(textOf(pdf)).toContain("運用月次レポート");
    const broken = { ...sampleDocument("ja"), sections: [{ id: "x", title: "x", blocks: [null] }] } as unknown as ReportDocument;
    await expect(printer.pdf(broken, "")).rejects.toMatchObject({ code: "internal" });
    expect(clock.timers).toEqual(["report-printer.idle"]);
    await clock.advance(minutes(1));
    await until("the thread is gone", 5000, () => clock.timers.length === 0);
    await printer.close();
    await expect(printer.pdf(sampleDocument("ja"), "")).rejects.toMatchObject({ code: "unavailable" });
  });
});
