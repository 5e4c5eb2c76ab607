import type { TimelineEntry } from "#wire/incidents";
import { isSeverity, media } from "#wire/alerting";
import type { Format } from "#kit/format";
import type { Messages } from "#kit/messages";
import { unixMs } from "#base/duration";
import { severityMessages } from "./severity-messages.ts";
import { timelineMessages } from "./timeline-messages.ts";

type TextsOf<M> = M extends Messages<infer T> ? Messages<T>["en"] : never;

/** The words that a line of the timeline is made of. */
export interface Words {
  readonly m: TextsOf<typeof timelineMessages>;
  readonly severity: TextsOf<typeof severityMessages>;
  readonly format: Format;
}

/** An alert as a line of the timeline keeps it. */
export interface ToldAlert {
  readonly name: string;
  readonly message: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | undefined => (typeof value === "number" && Number.isFinite(value) ? value : undefined);

/** The alerts that a line is about, as they were then. */
export const alertsIn = (entry: TimelineEntry): ToldAlert[] => {
  const { alerts } = entry.detail;
  return Array.isArray(alerts) ? alerts.filter(isRecord).map((one) => ({ name: text(one["name"]), message: text(one["message"]) })) : [];
};

const countIn = (entry: TimelineEntry): number => number(entry.detail["count"]) ?? Math.max(1, alertsIn(entry).length);

type Line = (entry: TimelineEntry, words: Words) => string;

const named = (entry: TimelineEntry, { m }: Words): string => entry.person?.name ?? entry.byName ?? m.somebody;
const counted =
  (kind: "alerts-joined" | "alerts-changed" | "alerts-closed" | "alerts-left"): Line =>
  (entry, { m, format }) =>
    m[kind]({ count: format.count(countIn(entry)) });
const byPerson =
  (kind: "taken" | "passed" | "declined" | "released"): Line =>
  (entry, words) =>
    words.m[kind]({ name: named(entry, words) });
const numbered =
  (kind: "merged" | "split"): Line =>
  ({ detail }, { m }) =>
    m[kind]({ number: String(number(detail["number"]) ?? "") });
const plain =
  (kind: "opened" | "flapping" | "woken" | "reopened" | "commented" | "renamed"): Line =>
  (_, { m }) =>
    m[kind];

/** By which ways somebody was told, in words. */
function waysIn({ detail }: TimelineEntry, { m, format }: Words): string {
  const given: readonly unknown[] = Array.isArray(detail["media"]) ? detail["media"] : [detail["medium"]];
  return media
    .filter((medium) => given.includes(medium))
    .map((medium) => m[medium])
    .join(format.language === "ja" ? "・" : ", ");
}

/** What an escalation did to a step. */
function stepText(entry: TimelineEntry, { m, format }: Words): string {
  const { detail, person } = entry;
  const until = number(detail["until"]);
  const known: Readonly<Record<string, string>> = {
    nobody: m.stepNobody,
    gone: m.stepGone,
    empty: m.stepEmpty,
    "round-empty": m.stepEmpty,
    "nobody-at-all": m.stepNobodyAtAll,
    young: m.stepYoung,
    "next-policy": m.stepPolicy({ name: text(detail["policyName"]) }),
    exhausted: m.stepLast,
    hastened: m.stepHastened,
    held: m.stepHeld({ time: until === undefined ? "" : format.dateTime(unixMs(until)) }),
  };
  return known[text(detail["what"])] ?? (person ? m.stepPassed({ name: person.name }) : m.stepSkipped);
}

/** What happened in a telephone call. */
function callText(entry: TimelineEntry, words: Words): string {
  const { detail } = entry;
  const { m } = words;
  const told = { name: named(entry, words) };
  const known: Readonly<Record<string, string>> = {
    asked: m.callAsked(told),
    joined: m.callAsked(told),
    dialled: m.callDialled(told),
    answered: m.callAnswered(told),
    key: m.callKey({ ...told, key: text(detail["key"]) }),
    "ended busy": m.callBusy(told),
    "ended declined": m.callDeclined(told),
    "ended no-answer": m.callNoAnswer(told),
    "ended answered-late": m.callNoAnswer(told),
    "ended wrong-number": m.callWrongNumber(told),
    "ended line-failed": m.callLineFailed(told),
    "ended cancelled": m.callCancelled(told),
    "ended lost": m.callLost(told),
  };
  const what = text(detail["what"]);
  return known[what === "ended" ? `ended ${text(detail["cause"])}` : what] ?? m.callOver(told);
}

const lines: ReadonlyMap<string, Line> = new Map<string, Line>([
  ["alerts-joined", counted("alerts-joined")],
  ["alerts-changed", counted("alerts-changed")],
  ["alerts-closed", counted("alerts-closed")],
  ["alerts-left", counted("alerts-left")],
  ["taken", byPerson("taken")],
  ["passed", byPerson("passed")],
  ["declined", byPerson("declined")],
  ["released", byPerson("released")],
  ["merged", numbered("merged")],
  ["split", numbered("split")],
  ["opened", plain("opened")],
  ["flapping", plain("flapping")],
  ["woken", plain("woken")],
  ["reopened", plain("reopened")],
  ["commented", plain("commented")],
  [
    "told",
    (entry, words) => {
      if (typeof entry.detail["channelId"] === "string") return words.m.toldChannel;
      const told = { name: named(entry, words), how: waysIn(entry, words) };
      return entry.detail["isFallback"] === true ? words.m.toldAgain(told) : words.m.told(told);
    },
  ],
  [
    "not-told",
    (entry, words) =>
      typeof entry.detail["channelId"] === "string"
        ? words.m.channelNotTold
        : words.m["not-told"]({ name: named(entry, words), how: waysIn(entry, words) }),
  ],
  ["asked", (entry, words) => words.m.asked({ name: named(entry, words) })],
  ["step", stepText],
  ["call", callText],
  ["renamed", plain("renamed")],
  ["resolved", ({ via }, { m }) => (via === "system" ? m.resolvedBySelf : m.resolved)],
  [
    "severity-raised",
    ({ detail }, { m, severity }) => {
      const to = [detail["to"], detail["severity"]].find(isSeverity);
      return m["severity-raised"]({ severity: to === undefined ? "" : severity[to] });
    },
  ],
  [
    "snoozed",
    ({ detail }, { m, format }) => {
      const until = number(detail["until"]);
      return m.snoozed({ time: until === undefined ? "" : format.dateTime(unixMs(until)) });
    },
  ],
]);

/** What happened, in one sentence. Lines of features that this console does not know show their name. */
export const timelineText = (entry: TimelineEntry, words: Words): string =>
  lines.get(entry.kind)?.(entry, words) ?? words.m.other({ kind: entry.kind });
