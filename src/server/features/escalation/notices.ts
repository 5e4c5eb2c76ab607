import type { UnixMs } from "#base/duration";
import { localText, wallClock } from "#base/wall-time";
import type { GapAhead, HandOver } from "#features/duty";
import { findOrganisation, namesOf } from "#features/identity";
import type { IncidentFacts } from "#features/incidents";
import type { Addressee, Notice } from "#features/notify";
import type { Tx } from "#store";
import type { Language } from "#wire/shapes";
import type { EscalationContext } from "./context.ts";

interface Texts {
  readonly stillAtIt: (title: string) => string;
  readonly stillAtItText: (until: string) => string;
  readonly handOver: (schedule: string) => string;
  readonly onDuty: string;
  readonly before: string;
  readonly next: string;
  readonly until: string;
  readonly nobody: string;
  readonly handedOver: (names: string) => string;
  readonly nobodyNow: string;
  readonly gap: (schedule: string) => string;
  readonly gapText: (from: string, to: string) => string;
}

const texts: Readonly<Record<Language, Texts>> = {
  en: {
    stillAtIt: (title) => `Still at it? ${title}`,
    stillAtItText: (until) => `You have this incident. Write a comment, snooze it or resolve it by ${until}; otherwise others are told.`,
    handOver: (schedule) => `On duty: ${schedule}`,
    onDuty: "On duty",
    before: "Before",
    next: "Next",
    until: "Until",
    nobody: "nobody",
    handedOver: (names) => `${names} on duty from now on.`,
    nobodyNow: "Nobody is on duty from now on.",
    gap: (schedule) => `Nobody on duty ahead: ${schedule}`,
    gapText: (from, to) => `Nobody is on duty from ${from} until ${to}.`,
  },
  ja: {
    stillAtIt: (title) => `対応中ですか? ${title}`,
    stillAtItText: (until) =>
      `このインシデントの担当者はあなたです。${until} までにコメント・スヌーズ・解決のいずれもなければ、ほかの人に通知します。`,
    handOver: (schedule) => `当番交代: ${schedule}`,
    onDuty: "当番",
    before: "これまでの当番",
    next: "次の当番",
    until: "終了",
    nobody: "なし",
    handedOver: (names) => `これより当番は ${names} さんです。`,
    nobodyNow: "これより当番がいません。",
    gap: (schedule) => `当番の空白: ${schedule}`,
    gapText: (from, to) => `${from} から ${to} まで当番がいません。`,
  },
};

const plain = { actions: [], thread: undefined, picture: undefined, mackerel: undefined, mention: undefined } as const;

/** Asks whoever has an incident whether they still are at it. */
export async function stillAtIt(
  { incidents }: EscalationContext,
  tx: Tx,
  incident: IncidentFacts,
  until: UnixMs,
  to: Addressee,
): Promise<Notice> {
  const t = texts[to.language];
  return {
    ...plain,
    severity: incident.severity,
    tone: "bad",
    title: t.stillAtIt(`#${incident.number} ${incident.title}`),
    summary: t.stillAtItText(timeText(until, to.timeZone)),
    facts: [],
    url: await pageUrl(tx, incidents.publicUrl, `incidents/${incident.id}`),
    thread: `incident:${incident.id}`,
  };
}

/** Tells that somebody else is on duty. */
export async function handOverNotice({ incidents }: EscalationContext, tx: Tx, change: HandOver, to: Addressee): Promise<Notice> {
  const t = texts[to.language];
  const names = await namer(tx, [...change.from, ...change.to, ...change.next]);
  const listed = (ids: readonly string[]): string =>
    ids.length === 0 ? t.nobody : ids.map(names).join(to.language === "ja" ? "、" : ", ");
  return {
    ...plain,
    severity: change.to.length === 0 ? "warning" : "information",
    tone: change.to.length === 0 ? "bad" : "neutral",
    title: t.handOver(change.scheduleName),
    summary: change.to.length === 0 ? t.nobodyNow : t.handedOver(listed(change.to)),
    facts: [
      { label: t.onDuty, value: listed(change.to) },
      { label: t.before, value: listed(change.from) },
      ...(change.until === undefined ? [] : [{ label: t.until, value: timeText(change.until, to.timeZone) }]),
      { label: t.next, value: listed(change.next) },
    ],
    url: await pageUrl(tx, incidents.publicUrl, "on-duty"),
  };
}

/** Warns of a time in which nobody will be on duty. */
export async function gapNotice({ incidents }: EscalationContext, tx: Tx, gap: GapAhead, to: Addressee): Promise<Notice> {
  const t = texts[to.language];
  return {
    ...plain,
    severity: "warning",
    tone: "bad",
    title: t.gap(gap.scheduleName),
    summary: t.gapText(timeText(gap.from, to.timeZone), timeText(gap.to, to.timeZone)),
    facts: [],
    url: await pageUrl(tx, incidents.publicUrl, "on-duty"),
  };
}

/** `2026-11-22 09:00`, on the reader's clock. */
export const timeText = (at: UnixMs, zone: string): string => localText(wallClock(zone).toLocal(at)).replace("T", " ");

async function pageUrl(tx: Tx, publicUrl: string, page: string): Promise<string | undefined> {
  if (publicUrl === "") return undefined;
  const organisation = await findOrganisation(tx);
  return organisation && `${publicUrl}/o/${organisation.name}/${page}`;
}

async function namer(tx: Tx, ids: readonly string[]): Promise<(id: string) => string> {
  const names =
    ids.length === 0
      ? {}
      : await namesOf(
          tx,
          ids.map((id) => `person:${id}`),
        );
  return (id) => names[`person:${id}`] ?? id;
}
