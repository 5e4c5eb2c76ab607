import type { Severity } from "#wire/alerting";
import { severities } from "#wire/alerting";
import { mailboxOf, mailValuesOf, noMailbox, type MailValues } from "./mail-values.ts";
import type { Mapping, NewSource, Source, SourceKind } from "#wire/sources";

/** The fields of the dialog, all texts and choices. */
export interface SourceValues extends MailValues {
  readonly kind: SourceKind;
  readonly name: string;
  readonly memo: string;
  readonly service: string;
  readonly defaultSeverity: Severity;
  readonly interval: number;
  readonly grace: number;
  readonly items: string;
  readonly key: string;
  readonly title: string;
  readonly message: string;
  readonly host: string;
  readonly severityAt: string;
  /** `word=severity`, one a line. */
  readonly severityWords: string;
  readonly closesAt: string;
  /** One a line. */
  readonly closesValues: string;
}

const minute = 60;

const empty: SourceValues = {
  ...noMailbox,
  kind: "alertmanager",
  name: "",
  memo: "",
  service: "",
  defaultSeverity: "error",
  interval: 60,
  grace: 10,
  items: "",
  key: "{/id}",
  title: "{/name}",
  message: "{/message}",
  host: "",
  severityAt: "",
  severityWords: "",
  closesAt: "",
  closesValues: "",
};

export function valuesOf(source: Source | undefined, kind: SourceKind): SourceValues {
  if (!source) return { ...empty, kind, defaultSeverity: kind === "heartbeat" ? "critical" : "error" };
  const { mapping, beat } = source;
  return {
    ...empty,
    kind: source.kind,
    name: source.name,
    memo: source.memo,
    service: source.service ?? "",
    defaultSeverity: source.defaultSeverity,
    ...(beat ? { interval: beat.intervalSeconds / minute, grace: beat.graceSeconds / minute } : {}),
    ...(mapping ? mappingValues(mapping) : {}),
    ...mailValuesOf(source.mailbox),
  };
}

const mappingValues = ({ items, key, name, message, host, severity, closes }: Mapping): Partial<SourceValues> => ({
  items: items ?? "",
  key,
  title: name,
  message,
  host: host ?? "",
  severityAt: severity?.at ?? "",
  severityWords: Object.entries(severity?.values ?? {})
    .map(([word, value]) => `${word}=${value}`)
    .join("\n"),
  closesAt: closes?.at ?? "",
  closesValues: closes?.values.join("\n") ?? "",
});

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Words and what they mean; undefined when a line is no `word=severity`. */
export function severityWordsOf(text: string): Record<string, Severity> | undefined {
  const words: Record<string, Severity> = {};
  for (const line of linesOf(text)) {
    const at = line.lastIndexOf("=");
    const severity = severities.find((one) => one === line.slice(at + 1).trim());
    if (at < 1 || !severity) return undefined;
    words[line.slice(0, at).trim().toLowerCase()] = severity;
  }
  return words;
}

/** What the server is sent. */
export function sourceOf(values: SourceValues): NewSource {
  const { kind, name, memo, service, defaultSeverity, interval, grace } = values;
  return {
    kind,
    name: name.trim(),
    memo,
    defaultSeverity,
    ...(service === "" ? {} : { service }),
    ...(kind === "heartbeat" ? { beat: { intervalSeconds: Math.round(interval * minute), graceSeconds: Math.round(grace * minute) } } : {}),
    ...(kind === "generic" ? { mapping: mappingOf(values) } : {}),
    ...(kind === "mail" ? { mailbox: mailboxOf(values) } : {}),
  };
}

export function mappingOf({ items, key, title, message, host, severityAt, severityWords, closesAt, closesValues }: SourceValues): Mapping {
  const closing = linesOf(closesValues);
  return {
    ...(items.trim() === "" ? {} : { items: items.trim() }),
    key: key.trim(),
    name: title,
    message,
    ...(host.trim() === "" ? {} : { host: host.trim() }),
    ...(severityAt.trim() === "" ? {} : { severity: { at: severityAt.trim(), values: severityWordsOf(severityWords) ?? {} } }),
    ...(closesAt.trim() === "" || closing.length === 0 ? {} : { closes: { at: closesAt.trim(), values: closing } }),
  };
}
