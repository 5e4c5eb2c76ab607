import type { ReportBlock, ReportSection } from "#wire/reports";
import type { ServiceAvailability } from "../model.ts";
import { availabilityText, countText } from "../words/format.ts";
import type { Writing } from "./write.ts";

type Figure = Extract<ReportBlock, { kind: "figures" }>["figures"][number];

/** The service that was up least; undefined when none is judged. */
export const lowestOf = (services: readonly ServiceAvailability[]): (ServiceAvailability & { readonly share: number }) | undefined =>
  services
    .flatMap((service) => (service.share === undefined ? [] : [{ ...service, share: service.share }]))
    .toSorted((a, b) => a.share - b.share)[0];

/** The few figures that everybody asks for, each with what it was before. */
export function summarySection(writing: Writing): ReportSection {
  const { words, model } = writing;
  return {
    id: "summary",
    title: words.summary,
    blocks: [
      { kind: "figures", figures: figuresOf(writing) },
      daysOf(writing),
      ...(model.totals.incidents === 0 ? [{ kind: "text" as const, text: words.calm }] : []),
    ],
  };
}

function figuresOf({ model, words, length }: Writing): Figure[] {
  const { totals, before, services } = model;
  const past = <T>(value: T | undefined, show: (value: T) => string): { note?: string } =>
    value === undefined ? {} : { note: words.before(show(value)) };
  const count = (label: string, key: "neverTaken" | "callsRang" | "nightCalls" | "changes", href: string): Figure => ({
    label,
    value: countText(totals[key]),
    href,
    ...past(before?.[key], countText),
  });
  const lowest = lowestOf(services);
  return [
    {
      label: words.incidentsFigure,
      value: countText(totals.incidents),
      href: "#incidents",
      note: [words.severe(totals.severe), ...(before ? [words.before(countText(before.incidents))] : [])].join(words.list),
    },
    {
      label: words.lowest,
      value: lowest ? availabilityText(lowest.share) : words.none,
      href: "#availability",
      ...(lowest ? { note: lowest.name } : {}),
      ...(lowest && lowest.share < 0.999 ? { tone: "bad" as const } : {}),
    },
    { label: words.take, value: length(totals.takeMedian), href: "#times", ...past(before?.takeMedian, length) },
    { label: words.resolve, value: length(totals.resolveMedian), href: "#times", ...past(before?.resolveMedian, length) },
    count(words.neverTaken, "neverTaken", "#times"),
    count(words.callsRang, "callsRang", "#messages"),
    count(words.nightCalls, "nightCalls", "#people"),
    count(words.changes, "changes", "#changes"),
  ];
}

function daysOf({ model, words }: Writing): ReportBlock {
  const isYear = model.period.length === 4;
  return {
    kind: "bars",
    caption: isYear ? words.perMonth : words.perDay,
    layout: "upright",
    series: [words.seriesSevere, words.seriesOther],
    bars: model.days.map(({ date, severe, other, isWeekend }) => ({
      label: String(Number(date.slice(isYear ? 5 : 8))),
      values: [severe, other],
      text: `${date}: ${countText(severe + other)}`,
      ...(isWeekend ? { isMarked: true } : {}),
    })),
  };
}
