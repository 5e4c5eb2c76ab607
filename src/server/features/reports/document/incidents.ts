import { severities } from "#wire/alerting";
import type { ReportCell, ReportSection } from "#wire/reports";
import { worst } from "../figures/incident-tally.ts";
import type { IncidentLine } from "../model.ts";
import { shortTimeText, timeText } from "../words/format.ts";
import { cell, counted, table, text, type Writing } from "./write.ts";

/** A report is read by people: the CSV file has the others. */
const mostListed = 100;
const mostServices = 50;

export function incidentsSection(writing: Writing): ReportSection {
  const { model, words, links } = writing;
  const { totals, bySeverity, byService } = model;
  if (totals.incidents === 0) return { id: "incidents", title: words.incidents, blocks: [text(words.calm)] };
  const severityRows = [...severities]
    .toReversed()
    .map((severity) => [cell(words.severities[severity]), counted(bySeverity[severity], links.incidents({ severity }))]);
  const serviceRows = byService
    .slice(0, mostServices)
    .map(({ name, incidents, severe }) => [
      cell(name, links.service(name)),
      counted(incidents, links.incidents({ service: name })),
      counted(severe, links.incidents({ service: name, severity: ["critical", "error"] })),
    ]);
  return {
    id: "incidents",
    title: words.incidents,
    blocks: [
      table(
        words.bySeverity,
        [
          [words.severity, 3],
          [words.incidents, 1, "number"],
        ],
        severityRows,
      ),
      ...(serviceRows.length === 0
        ? []
        : [
            table(
              words.byService,
              [
                [words.service, 3],
                [words.incidents, 1, "number"],
                [words.severeColumn, 1.4, "number"],
              ],
              serviceRows,
            ),
          ]),
      listOf(writing),
    ],
  };
}

function listOf(writing: Writing) {
  const { model, words } = writing;
  const { incidents } = model;
  const shown = incidents.length > mostListed ? worst(incidents, mostListed).toSorted((a, b) => a.number - b.number) : incidents;
  return table(
    words.listed,
    [
      [words.number, 1, "number"],
      [words.opened, 1.8],
      [words.severity, 1.3],
      [words.what, 5],
      [words.taken, 1.6, "number"],
      [words.takenBy, 1.8],
      [words.resolved, 1.6, "number"],
    ],
    shown.map((line) => rowOf(line, writing)),
    shown.length < model.totals.incidents ? words.listedWorst(shown.length, model.totals.incidents) : undefined,
  );
}

function rowOf(line: IncidentLine, { model, words, links, clock, length }: Writing): ReportCell[] {
  const { id, number, title, severity, openedAt, takenAt, takenBy, resolvedAt } = line;
  const at = model.period.length === 4 ? timeText : shortTimeText;
  return [
    cell(`#${number}`, links.incident(id)),
    cell(at(openedAt, clock)),
    cell(words.severities[severity], undefined, severity === "critical" ? "bad" : undefined),
    cell(title, links.incident(id)),
    takenAt === undefined ? cell(words.none, undefined, "muted") : cell(length(takenAt - openedAt)),
    takenAt === undefined ? cell(words.nobody, undefined, "muted") : cell(takenBy ?? words.none),
    resolvedAt === undefined ? cell(words.open, undefined, "bad") : cell(length(resolvedAt - openedAt)),
  ];
}

export function timesSection({ model, words, links, length }: Writing): ReportSection {
  const { times, positions } = model;
  const rows = times.map(({ severity, incidents, take, neverTaken, resolve, open }) => {
    const href = links.incidents(severity === "all" ? {} : { severity });
    return [
      cell(words.severities[severity]),
      counted(incidents, href),
      cell(length(take?.median)),
      cell(length(take?.p90)),
      cell(length(take?.worst)),
      counted(neverTaken, href),
      cell(length(resolve?.median)),
      cell(length(resolve?.p90)),
      cell(length(resolve?.worst)),
      counted(open, href),
    ];
  });
  const all = positions.reduce((sum, one) => sum + one, 0);
  const columns = [
    [words.severity, 1.6],
    [words.incidents, 1.5, "number"],
    [words.medianTake, 1.6, "number"],
    [words.p90Take, 1.4, "number"],
    [words.worstTake, 1.4, "number"],
    [words.never, 1.3, "number"],
    [words.medianResolve, 1.6, "number"],
    [words.p90Take, 1.4, "number"],
    [words.worstTake, 1.4, "number"],
    [words.stillOpenColumn, 1.2, "number"],
  ] as const;
  return {
    id: "times",
    title: words.times,
    blocks: [
      table(words.times, columns, rows),
      ...(all === 0
        ? []
        : [
            {
              kind: "bars" as const,
              caption: words.positions,
              layout: "lying" as const,
              series: [words.incidents],
              bars: positions.map((count, index) => ({ label: words.position[index] ?? "", values: [count], text: String(count) })),
            },
          ]),
      text(words.timesRule),
    ],
  };
}
