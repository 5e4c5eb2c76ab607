import type { ReportBlock, ReportCell, ReportSection } from "#wire/reports";
import type { ServiceAvailability } from "../model.ts";
import { availabilityText, shortTimeText, timeText } from "../words/format.ts";
import { cell, counted, table, text, type Writing } from "./write.ts";

const mostOutages = 20;

export function availabilitySection(writing: Writing): ReportSection {
  const { model, words } = writing;
  const rows = model.services.map((service) => rowOf(service, writing));
  const services = table(
    words.availability,
    [
      [words.service, 3],
      [words.share, 1.7, "number"],
      [words.shareBefore, 1.7, "number"],
      [words.down, 1.8, "number"],
      [words.outages, 1.2, "number"],
      [words.planned, 1.8, "number"],
      [words.measuredBy, 2.4],
    ],
    rows,
  );
  const outages = outageRows(writing);
  const blocks: ReportBlock[] = [
    ...(rows.length === 0 ? [text(words.noServices)] : [services]),
    ...(outages.length === 0
      ? []
      : [
          table(
            words.longestOutages,
            [
              [words.from, 1.6],
              [words.length, 1.4, "number"],
              [words.service, 2],
              [words.found, 4.5],
            ],
            outages,
          ),
        ]),
    text(words.availabilityRule),
  ];
  return { id: "availability", title: words.availability, blocks };
}

function rowOf(service: ServiceAvailability, { words, links, length }: Writing): ReportCell[] {
  const { name, share, shareBefore, down, planned, outages, probes, hosts } = service;
  const judges = [...(probes > 0 ? [words.probes(probes)] : []), ...(hosts > 0 ? [words.hosts(hosts)] : [])];
  return [
    cell(name, links.service(name)),
    share === undefined
      ? cell(words.none, undefined, "muted")
      : cell(availabilityText(share), outages > 0 ? links.incidents({ service: name }) : undefined, share < 0.999 ? "bad" : "good"),
    shareBefore === undefined ? cell(words.none, undefined, "muted") : cell(availabilityText(shareBefore)),
    down === 0 ? cell("0", undefined, "muted") : cell(length(down)),
    counted(outages, links.incidents({ service: name })),
    planned === 0 ? cell("0", undefined, "muted") : cell(length(planned)),
    judges.length === 0 ? cell(words.nothingJudges, undefined, "muted") : cell(judges.join(words.list)),
  ];
}

function outageRows({ model, words, links, clock, length }: Writing): ReportCell[][] {
  const at = model.period.length === 4 ? timeText : shortTimeText;
  return model.services
    .flatMap(({ name, longest }) => longest.map((outage) => ({ ...outage, name })))
    .toSorted((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, mostOutages)
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, to, name, causes, alertId }) => [
      cell(at(from, clock), links.alert(alertId)),
      cell(length(to - from)),
      cell(name, links.service(name)),
      cell(causes.join(words.list)),
    ]);
}
