import { wallClock } from "#base/wall-time";
import type { ReportCell } from "#wire/reports";
import type { Language } from "#wire/shapes";
import { documentOf } from "./document/document.ts";
import { writingOf } from "./document/write.ts";
import type { ReportModel } from "./model.ts";
import { timeText } from "./words/format.ts";

/**
 * All tables of a report, one below the other, for spreadsheets: each with its name in a line before it and an empty line behind it. All
 * incidents that were kept are listed, with times as they are and lengths in seconds. UTF-8 with a byte order mark, which Excel needs.
 */
export function reportCsv(model: ReportModel, language: Language): string {
  const document = documentOf(model, language);
  const { words } = writingOf(model, language);
  const lines: (readonly string[])[] = [
    [document.title, document.organisation],
    ...document.facts.map(({ label, value }) => [label, value]),
    [],
  ];
  for (const section of document.sections)
    for (const block of section.blocks) {
      if (block.kind === "figures")
        lines.push([section.title], ...block.figures.map(({ label, value, note }) => [label, value, note ?? ""]), []);
      if (block.kind === "list") lines.push([section.title], ...block.items.map((item: ReportCell) => [item.text]), []);
      if (block.kind === "table" && block.caption !== words.listed)
        lines.push(
          [`${section.title} - ${block.caption}`],
          block.columns.map(({ label }) => label),
          ...block.rows.map((row) => row.map(({ text }) => text)),
          [],
        );
    }
  lines.push(...incidentLines(model, language));
  return `\uFEFF${lines.map((line) => line.map(field).join(",")).join("\r\n")}\r\n`;
}

function incidentLines(model: ReportModel, language: Language): string[][] {
  const { words } = writingOf(model, language);
  const clock = wallClock(model.timeZone);
  const seconds = (from: number, to: number | undefined): string => (to === undefined ? "" : String(Math.round((to - from) / 1000)));
  const head = [words.number, words.opened, words.severity, words.what, words.service, words.taken, words.takenBy, words.resolved];
  const rows = model.incidents.map((one) => [
    String(one.number),
    timeText(one.openedAt, clock),
    words.severities[one.severity],
    one.title,
    one.services.join(" "),
    seconds(one.openedAt, one.takenAt),
    one.takenBy ?? "",
    seconds(one.openedAt, one.resolvedAt),
  ]);
  return [[words.listed], head, ...rows];
}

/** RFC 4180; what a spreadsheet would take for a formula is kept a text by an apostrophe. */
function field(text: string): string {
  const plain = /^[=+\-@\t\r]/u.test(text) && !/^[-+]?\d/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
