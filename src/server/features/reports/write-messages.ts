import { escapeXml } from "#base/chart/text";
import type { Notice } from "#features/notify";
import type { Language } from "#wire/shapes";
import { lowestOf } from "./document/summary.ts";
import { reportTitle } from "./document/document.ts";
import type { ReportModel } from "./model.ts";
import { availabilityText, countText } from "./words/format.ts";
import { wordsOf } from "./words/words.ts";

const pageOf = ({ organisation }: ReportModel, id: string, publicUrl: string): string | undefined =>
  publicUrl === "" ? undefined : `${publicUrl.replace(/\/+$/u, "")}/o/${encodeURIComponent(organisation.name)}/reports/${id}`;

function summaryText(model: ReportModel, language: Language): string {
  const words = wordsOf[language];
  const lowest = lowestOf(model.services);
  return words.channelText(countText(model.totals.incidents), lowest ? `${availabilityText(lowest.share)} (${lowest.name})` : words.none);
}

/** What a channel is told: that there is a report, the two figures that everybody asks for, and where it is. */
export function channelNotice(model: ReportModel, id: string, language: Language, publicUrl: string): Notice {
  return {
    severity: "information",
    tone: "neutral",
    title: wordsOf[language].mailSubject(model.organisation.displayName, reportTitle(model, language)),
    summary: summaryText(model, language),
    facts: [],
    url: pageOf(model, id, publicUrl),
    actions: [],
    thread: undefined,
    picture: undefined,
    mackerel: undefined,
    mention: undefined,
  };
}

/** The mail around the PDF. */
export function mailAround(
  model: ReportModel,
  id: string,
  language: Language,
  publicUrl: string,
): { readonly subject: string; readonly text: string; readonly html: string } {
  const words = wordsOf[language];
  const title = reportTitle(model, language);
  const page = pageOf(model, id, publicUrl);
  const lines = [title, summaryText(model, language), words.mailText];
  const link = page === undefined ? [] : [`${words.mailOpen} ${page}`];
  const paragraphs = lines.map((line) => `<p>${escapeXml(line)}</p>`).join("");
  const opened = page === undefined ? "" : `<p>${escapeXml(words.mailOpen)} <a href="${escapeXml(page)}">${escapeXml(page)}</a></p>`;
  return {
    subject: words.mailSubject(model.organisation.displayName, title),
    text: `${[...lines, ...link].join("\n\n")}\n`,
    html: `<!doctype html><html lang="${language}"><body style="font-family:sans-serif;line-height:1.6">${paragraphs}${opened}</body></html>`,
  };
}

/** "hinoban-example-2026-10.pdf" */
export const fileNameOf = ({ organisation, period }: ReportModel, ending: string): string =>
  `hinoban-${organisation.name.replaceAll(/[^\w-]/gu, "_")}-${period}.${ending}`;
