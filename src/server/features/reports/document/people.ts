import type { ReportBlock, ReportSection } from "#wire/reports";
import { cell, counted, table, text, type Writing } from "./write.ts";

const mostBars = 20;

/** Who took how many, and whose nights it cost: whether the load is fairly spread. */
export function peopleSection(writing: Writing): ReportSection {
  const { model, words, links, length } = writing;
  const { people } = model;
  if (people.length === 0) return { id: "people", title: words.people, blocks: [text(words.noPeople)] };
  const rows = people.map((person) => [
    cell(person.name),
    counted(person.taken, links.incidents({ takenBy: person.id })),
    counted(person.takenByPhone, links.incidents({ takenBy: person.id })),
    cell(length(person.takeMedian)),
    person.held === 0 ? cell("0", undefined, "muted") : cell(length(person.held)),
    counted(person.declined),
    counted(person.rang, links.calls(person.id)),
    counted(person.answered, links.calls(person.id)),
    counted(person.nightCalls, links.calls(person.id)),
    counted(person.nights, links.calls(person.id)),
  ]);
  const columns = [
    [words.person, 2.6],
    [words.tookColumn, 1, "number"],
    [words.tookByPhone, 1.1, "number"],
    [words.take.split(/[（(]/u)[0]?.trim() ?? "", 1.7, "number"],
    [words.heldColumn, 1.8, "number"],
    [words.declined, 1.1, "number"],
    [words.rang, 1, "number"],
    [words.answered, 1.2, "number"],
    [words.nightCalls, 1.3, "number"],
    [words.nights, 1.2, "number"],
  ] as const;
  return { id: "people", title: words.people, blocks: [table(words.people, columns, rows), barsOf(writing), text(words.peopleRule)] };
}

/** Calls by person where there were any, else incidents taken. */
function barsOf({ model, words }: Writing): ReportBlock {
  const called = model.people.filter(({ rang }) => rang > 0).toSorted((a, b) => b.rang - a.rang);
  if (called.length === 0)
    return {
      kind: "bars",
      caption: words.takenPerPerson,
      layout: "lying",
      series: [words.tookColumn],
      bars: model.people.slice(0, mostBars).map(({ name, taken }) => ({ label: name, values: [taken], text: String(taken) })),
    };
  return {
    kind: "bars",
    caption: words.perPerson,
    layout: "lying",
    series: [words.seriesDay, words.seriesNight],
    bars: called.slice(0, mostBars).map(({ name, rang, nightCalls }) => ({
      label: name,
      values: [rang - nightCalls, nightCalls],
      text: `${rang} (${words.seriesNight} ${nightCalls})`,
    })),
  };
}

export function messagesSection(writing: Writing): ReportSection {
  const { model, words } = writing;
  return {
    id: "messages",
    title: words.messages,
    blocks: [...callBlocks(writing), ...mediaBlocks(writing), ...(model.mediaArePartial ? [text(words.partialMessages)] : [])],
  };
}

function callBlocks({ model, words, links }: Writing): ReportBlock[] {
  const { requested, rang, answered, taken, failed, nightCalls } = model.calls;
  if (requested === 0) return [text(words.noCalls)];
  const href = links.calls();
  const columns = [words.requested, words.rangColumn, words.answeredColumn, words.takenColumn, words.failedColumn, words.nightCalls];
  return [
    table(
      words.calls,
      columns.map((label) => [label, 1, "number"] as const),
      [[requested, rang, answered, taken, failed, nightCalls].map((count) => counted(count, href))],
    ),
    text(words.callsRule),
  ];
}

function mediaBlocks({ model, words, links }: Writing): ReportBlock[] {
  const { media, channels } = model;
  if (media.length === 0) return [text(words.noMessages)];
  const bad = (failed: number): "bad" | undefined => (failed > 0 ? "bad" : undefined);
  const byMedium = media.map(({ medium, sent, failed, cancelled, waiting }) => [
    cell(words.mediaNames[medium]),
    counted(sent),
    counted(failed, undefined, bad(failed)),
    counted(cancelled),
    counted(waiting),
  ]);
  const byChannel = channels.map(({ name, sent, failed, isSuspended }) => [
    cell(isSuspended ? `${name} (${words.suspended})` : name, links.channels(), bad(isSuspended ? 1 : 0)),
    counted(sent),
    counted(failed, links.channels(), bad(failed)),
  ]);
  return [
    table(
      words.media,
      [
        [words.medium, 3],
        [words.sent, 1, "number"],
        [words.failed, 1, "number"],
        [words.cancelled, 1.4, "number"],
        [words.waiting, 1, "number"],
      ],
      byMedium,
    ),
    ...(byChannel.length === 0
      ? []
      : [
          table(
            words.channels,
            [
              [words.channel, 4],
              [words.sent, 1, "number"],
              [words.failed, 1, "number"],
            ],
            byChannel,
          ),
        ]),
  ];
}
