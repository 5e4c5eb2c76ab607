import type { MailText } from "#ports/mailbox/port";
import type { Mailbox, MailRule } from "#wire/sources";
import { fillTemplate, findPattern } from "../mail-pattern.ts";
import { cut, namesOfInstance, type Item, type Reading, type ReaderSettings } from "../model.ts";

const longestName = 255;
const longestMessage = 1024;

/** What is looked at of a mailbox's settings. */
export type MailRules = Pick<Mailbox, "rules" | "unmatched">;

/** What a mail becomes by the first rule that fits; what no rule is about is an alert of its own, unless told otherwise. */
export function readMail(mail: MailText, { rules, unmatched }: MailRules, settings: ReaderSettings): Reading {
  // Answers of absent people are about our own mail (RFC 3834): taking them in would go round in circles.
  if (mail.autoSubmitted.startsWith("auto-replied")) return { kind: "ignored", why: "an automatic answer" };
  for (const [index, rule] of rules.entries()) {
    const stars = starsOf(rule, mail);
    if (!stars) continue;
    if (rule.action === "ignore") return { kind: "ignored", why: `rule ${index + 1} ignores it` };
    return { kind: "items", items: [itemOf(rule, stars, mail, settings)], truncated: 0 };
  }
  if (unmatched === "ignore") return { kind: "ignored", why: "no rule is about it" };
  const name = mail.subject === "" ? `Mail from ${mail.from}` : mail.subject;
  const item: Item = { ...common(mail), key: `mail:${mail.id}`, isOpen: true, severity: settings.defaultSeverity, name, hostNames: [] };
  return { kind: "items", items: [item], truncated: 0 };
}

/** What the stars of all patterns stand for; undefined when a pattern is not found. A rule without any fits every mail. */
function starsOf({ from, subject, body }: MailRule, mail: MailText): readonly string[] | undefined {
  const stars: string[] = [];
  for (const [pattern, text] of [
    [subject, mail.subject],
    [body, mail.text],
    [from, mail.from],
  ] as const) {
    const found = pattern === undefined ? [] : findPattern(pattern, text);
    if (!found) return undefined;
    stars.push(...found);
  }
  return stars;
}

const firstLine = (text: string): string =>
  text
    .split("\n")
    .find((line) => line.trim() !== "")
    ?.trim() ?? "";

const common = (mail: MailText) => ({
  startedAt: 0,
  message: cut([firstLine(mail.text) === "" ? mail.subject : mail.text.trim()].join("\n"), longestMessage),
  detail: { labels: { from: mail.from, subject: mail.subject }, text: cut(mail.text, 4000) },
});

function itemOf(rule: MailRule, stars: readonly string[], mail: MailText, { defaultSeverity }: ReaderSettings): Item {
  const values = new Map<string, string>([
    ["subject", mail.subject],
    ["from", mail.from],
    ["body", firstLine(mail.text)],
    ...stars.map((star, index) => [String(index + 1), star] as const),
  ]);
  const filled = (template: string | undefined): string => (template === undefined ? "" : fillTemplate(template, values));
  const name = filled(rule.name) || mail.subject || `Mail from ${mail.from}`;
  const isOver = rule.closes !== undefined && (findPattern(rule.closes, mail.subject) ?? findPattern(rule.closes, mail.text)) !== undefined;
  const host = filled(rule.host);
  return {
    ...common(mail),
    key: filled(rule.key) || name,
    isOpen: !isOver,
    severity: rule.severity ?? defaultSeverity,
    name: cut(name, longestName),
    hostNames: namesOfInstance(host),
  };
}
