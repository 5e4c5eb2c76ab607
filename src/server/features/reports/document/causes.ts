import type { ReportCell, ReportSection } from "#wire/reports";
import type { CountedNoun } from "../counted-nouns.ts";
import type { Cause } from "../model.ts";
import { cell, counted, table, text, type Writing } from "./write.ts";

const mostCauses = 10;

/** What opened most alerts. */
export function causesSection(writing: Writing): ReportSection {
  const { model, words, links } = writing;
  if (model.causes.length === 0) return { id: "causes", title: words.causes, blocks: [text(words.noCauses)] };
  const numbers = [
    [words.alerts, 1.1, "number"],
    [words.incidents, 1.4, "number"],
    [words.openFor, 1.7, "number"],
    [words.median, 1.4, "number"],
  ] as const;
  const rules = model.causes
    .slice(0, mostCauses)
    .map((cause) => [cell(cause.name), cell(words.kinds[cause.kind]), ...numbersOf(cause, links.alerts({ origin: cause.id }), writing)]);
  const hosts = model.hosts
    .slice(0, mostCauses)
    .map((cause) => [cell(cause.name), ...numbersOf(cause, links.alerts({ host: cause.id }), writing)]);
  return {
    id: "causes",
    title: words.causes,
    blocks: [
      table(words.rules, [[words.name, 4], [words.kind, 1.6], ...numbers], rules),
      ...(hosts.length === 0 ? [] : [table(words.hostsTable, [[words.name, 5.6], ...numbers], hosts)]),
    ],
  };
}

const numbersOf = ({ alerts, incidents, openFor, median }: Cause, href: string, { length }: Writing): ReportCell[] => [
  counted(alerts, href),
  counted(incidents, href),
  cell(length(openFor)),
  cell(length(median)),
];

/** What people set up differently: the other half of what happened. */
export function changesSection({ model, words, links }: Writing): ReportSection {
  const rows = model.changes.map(({ noun, count }) => [
    cell(words.nouns[noun as CountedNoun] ?? noun),
    counted(count, links.history(noun)),
  ]); // nouns of later versions have no name
  return {
    id: "changes",
    title: words.changesTitle,
    blocks: [
      rows.length === 0
        ? text(words.noChanges)
        : table(
            words.changesTitle,
            [
              [words.changeOf, 4],
              [words.count, 1, "number"],
            ],
            rows,
          ),
      text(words.changesRule),
    ],
  };
}
