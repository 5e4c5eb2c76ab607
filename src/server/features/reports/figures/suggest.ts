import { days, hours, minutes } from "#base/duration";
import { severities } from "#wire/alerting";
import type { PersonFigures, ReportModel, StepFigures, Suggestion } from "../model.ts";

/** From which on something is worth a word. Chosen so that a calm month says nothing. */
export const thresholds = {
  /** A rule whose alerts come often and go by themselves soon. */
  flapping: { alerts: 10, within: minutes(15) },
  /** One host that opens a good part of all alerts. */
  noisyHost: { alerts: 20, share: 0.3 },
  nights: { most: 8, share: 0.5, least: 4 },
  step: { told: 5 },
  neverTaken: { count: 3, share: 0.2 },
  slow: { median: minutes(15), takes: 3, worse: 2 },
  channel: { failed: 3, share: 0.2 },
  calls: { failed: 3, share: 0.1 },
  stillOpen: { since: days(7) },
  fairness: { taken: 10, share: 0.6, people: 3 },
  most: 12,
} as const;

type Facts = Omit<ReportModel, "suggestions"> & { readonly steps: readonly StepFigures[] };

function failingCalls({ calls: { failed, requested } }: Facts): Suggestion[] {
  const { failed: least, share } = thresholds.calls;
  return failed >= least && failed >= share * requested ? [{ kind: "failing-calls", failed, requested }] : [];
}

function failingChannels({ channels }: Facts): Suggestion[] {
  const { failed: least, share } = thresholds.channel;
  return channels
    .filter(({ sent, failed, isSuspended }) => isSuspended || (failed >= least && failed >= share * (sent + failed)))
    .map((channel) => ({ kind: "failing-channel", channel }));
}

function neverTaken({ times }: Facts): Suggestion[] {
  const severe = times.filter(({ severity }) => severity === "critical" || severity === "error");
  const count = severe.reduce((sum, one) => sum + one.neverTaken, 0);
  const of = severe.reduce((sum, one) => sum + one.incidents, 0);
  const { count: least, share } = thresholds.neverTaken;
  return count >= least && count >= share * of ? [{ kind: "never-taken", count, of }] : [];
}

function slowToTake({ times, before }: Facts): Suggestion[] {
  const take = times.find(({ severity }) => severity === "critical")?.take;
  const { median, takes } = thresholds.slow;
  if (!take || take.count < takes || take.median <= median) return [];
  return [{ kind: "slow-to-take", median: take.median, ...(before?.takeMedian === undefined ? {} : { before: before.takeMedian }) }];
}

const unansweredSteps = ({ steps }: Facts): Suggestion[] =>
  steps.filter(({ told, taken }) => told >= thresholds.step.told && taken === 0).map((step) => ({ kind: "unanswered-step", step }));

function manyNights({ people, calls }: Facts): Suggestion[] {
  const { most, share, least } = thresholds.nights;
  const isTooMuch = ({ nights, nightCalls }: PersonFigures): boolean =>
    nights >= most || (nights >= least && people.length > 1 && nightCalls > share * calls.nightCalls);
  return people.filter(isTooMuch).map((person) => ({ kind: "many-nights", person, ofAll: calls.nightCalls }));
}

function unfair({ people }: Facts): Suggestion[] {
  const { taken: least, share, people: fewest } = thresholds.fairness;
  const all = people.reduce((sum, { taken }) => sum + taken, 0);
  if (all < least || people.length < fewest) return [];
  return people.filter(({ taken }) => taken > share * all).map((person) => ({ kind: "unfair", person, share: person.taken / all }));
}

const flapping = ({ causes }: Facts): Suggestion[] =>
  causes
    .filter(({ kind, alerts, median }) => kind !== "system" && alerts >= thresholds.flapping.alerts && median < thresholds.flapping.within)
    .slice(0, 3)
    .map((cause) => ({ kind: "flapping", cause }));

function noisyHosts({ hosts, totals: { alerts } }: Facts): Suggestion[] {
  const { alerts: least, share } = thresholds.noisyHost;
  return hosts
    .filter((cause) => cause.alerts >= least && cause.alerts >= share * alerts)
    .map((cause) => ({ kind: "noisy-host", cause, share: cause.alerts / alerts }));
}

function stillOpen({ incidents, range, madeAt }: Facts): Suggestion[] {
  const seenAt = Math.min(range.to, madeAt);
  const old = incidents
    .filter(({ resolvedAt, openedAt }) => resolvedAt === undefined && seenAt - openedAt >= thresholds.stillOpen.since)
    .toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || a.openedAt - b.openedAt);
  const [oldest] = old;
  return oldest ? [{ kind: "still-open", count: old.length, oldest }] : [];
}

/** A service that has been there for most of a day, and of which nothing tells whether it is up. */
const unwatchedServices = ({ services }: Facts): Suggestion[] =>
  services
    .filter(({ probes, hosts, existed }) => probes === 0 && hosts === 0 && existed > hours(12))
    .map(({ id, name }) => ({ kind: "unwatched-service", service: { id, name } }));

const rules: readonly ((facts: Facts) => readonly Suggestion[])[] = [
  failingCalls,
  failingChannels,
  neverTaken,
  slowToTake,
  unansweredSteps,
  manyNights,
  unfair,
  flapping,
  noisyHosts,
  stillOpen,
  unwatchedServices,
];

/** What could be better, the most urgent first. Each rule looks at figures of the report alone, so that nobody has to believe it. */
export function suggest(facts: Facts): Suggestion[] {
  return rules.flatMap((rule) => rule(facts)).slice(0, thresholds.most);
}
