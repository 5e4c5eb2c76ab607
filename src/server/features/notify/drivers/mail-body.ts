import { oneLine } from "#base/mail-address";
import type { Job } from "../driver.ts";
import type { Notice } from "../model.ts";
import { colourOf, texts } from "../texts.ts";

export interface MailBody {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const longestSubject = 200;

/** The only place where a notice becomes HTML: every text of it is foreign. */
const escape = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu, "");

const isLink = (url: string): boolean => /^https?:\/\//u.test(url);

export interface BodyOptions {
  /** `cid:` address or data URL of the graph. */
  readonly image: string | undefined;
  /** Links that act: only in mail to one person. */
  readonly withActions: boolean;
}

/** A notice as a mail says it. */
export function mailBody(job: Pick<Job, "notice" | "language" | "organisation">, options: BodyOptions): MailBody {
  const { notice } = job;
  return {
    subject: oneLine(notice.title).slice(0, longestSubject),
    text: textOf(job, options.withActions),
    html: htmlOf(job, options),
  };
}

function textOf({ notice, language, organisation }: Pick<Job, "notice" | "language" | "organisation">, withActions: boolean): string {
  const t = texts[language];
  const actions = withActions ? notice.actions : [];
  const blocks = [
    oneLine(notice.title),
    notice.summary,
    notice.facts.map(({ label, value }) => `${oneLine(label)}: ${value}`).join("\n"),
    actions.map(({ label, url }) => `${oneLine(label)}:\n${url}`).join("\n\n"),
    actions.length > 0 ? t.linksAreYours : "",
    notice.url === undefined ? "" : `${t.open}:\n${notice.url}`,
    `-- \n${t.footer(organisation.displayName)}`,
  ];
  return `${blocks.filter((block) => block.trim() !== "").join("\n\n")}\n`;
}

/** Styles stand in the elements: mail programs drop everything else. */
function htmlOf({ notice, language, organisation }: Pick<Job, "notice" | "language" | "organisation">, options: BodyOptions): string {
  const t = texts[language];
  const colour = colourOf(notice);
  const actions = options.withActions ? notice.actions.filter(({ url }) => isLink(url)) : [];
  const pieces = [
    `<p style="margin:0 0 12px;font-size:18px;font-weight:bold;line-height:1.4">${escape(notice.title)}</p>`,
    notice.summary.trim() === "" ? "" : `<p style="margin:0 0 16px;white-space:pre-wrap;line-height:1.6">${escape(notice.summary)}</p>`,
    factsOf(notice),
    options.image === undefined
      ? ""
      : `<p style="margin:0 0 16px"><img src="${escape(options.image)}" alt="${escape(t.graph)}" style="max-width:100%;height:auto;border:0"></p>`,
    actions.length === 0
      ? ""
      : `<p style="margin:0 0 4px">${actions.map(({ label, url }, index) => buttonOf(label, url, index === 0 ? colour : "#495057")).join(" ")}</p><p style="margin:0 0 16px;font-size:12px;color:#495057">${escape(t.linksAreYours)}</p>`,
    notice.url !== undefined && isLink(notice.url)
      ? `<p style="margin:0 0 16px"><a href="${escape(notice.url)}" style="color:#1864ab">${escape(t.open)}</a></p>`
      : "",
    `<p style="margin:16px 0 0;font-size:12px;color:#495057">${escape(t.footer(organisation.displayName))}</p>`,
  ];
  return `<!DOCTYPE html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(notice.title)}</title></head>
<body style="margin:0;padding:16px;background:#ffffff;color:#212529;font-family:sans-serif;font-size:15px">
<div style="max-width:640px;margin:0 auto;padding:0 0 0 14px;border-left:6px solid ${colour}">
${pieces.filter((piece) => piece !== "").join("\n")}
</div></body></html>
`;
}

function factsOf({ facts }: Notice): string {
  if (facts.length === 0) return "";
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><th scope="row" style="padding:2px 12px 2px 0;text-align:left;vertical-align:top;font-weight:normal;color:#495057;white-space:nowrap">${escape(label)}</th><td style="padding:2px 0;vertical-align:top;white-space:pre-wrap;overflow-wrap:anywhere">${escape(value)}</td></tr>`,
  );
  return `<table style="margin:0 0 16px;border-collapse:collapse;font-size:14px">${rows.join("")}</table>`;
}

const buttonOf = (label: string, url: string, colour: string): string =>
  `<a href="${escape(url)}" style="display:inline-block;margin:0 6px 8px 0;padding:12px 20px;background:${colour};color:#ffffff;text-decoration:none;border-radius:4px;font-size:16px">${escape(label)}</a>`;
