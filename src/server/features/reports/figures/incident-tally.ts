import { optional } from "#base/fields";
import { severities, type Severity } from "#wire/alerting";
import { mostIncidentsKept, type IncidentLine, type Named, type ReportModel, type StepFigures, type Times } from "../model.ts";
import { spreadOf } from "./spread.ts";

/** Somebody had it from `at` on, until the next change or its end. */
export interface Held {
  readonly personId: string;
  readonly at: number;
  readonly until: number;
}

/** An incident with all that is counted of it. */
export interface IncidentFact {
  readonly line: IncidentLine;
  readonly takerId: string | undefined;
  readonly services: readonly Named[];
  readonly held: readonly Held[];
  readonly declinedBy: readonly string[];
  /** Ids of persons in the order in which they were told. */
  readonly told: readonly string[];
  readonly steps: readonly {
    readonly policyId: string;
    readonly policyName: string;
    readonly step: number;
    readonly personIds: readonly string[];
  }[];
}

/** What a person did, as far as incidents tell. */
export interface PersonTally {
  taken: number;
  takenByPhone: number;
  held: number;
  declined: number;
  readonly takes: number[];
}

/** First, second, third, and whoever came later or was never told. */
const places = 4;
const isSevere = (severity: Severity): boolean => severity === "critical" || severity === "error";
const lengthOf = ({ openedAt, resolvedAt }: IncidentLine): number => (resolvedAt ?? Number.MAX_SAFE_INTEGER) - openedAt;

/** Adds incidents up, one after the other, holding a few numbers of each. */
export class IncidentTally {
  readonly people = new Map<string, PersonTally>();
  readonly #dayOf: (at: number) => string;
  readonly #days = new Map<string, { severe: number; other: number }>();
  readonly #bySeverity = new Map<Severity, { incidents: number; neverTaken: number; open: number; take: number[]; resolve: number[] }>();
  readonly #byService = new Map<string, Named & { incidents: number; severe: number }>();
  readonly #steps = new Map<string, StepFigures & { told: number; taken: number }>();
  readonly #positions = Array.from({ length: places }, () => 0);
  #lines: IncidentLine[] = [];

  constructor(dayOf: (at: number) => string) {
    this.#dayOf = dayOf;
    for (const severity of severities) this.#bySeverity.set(severity, { incidents: 0, neverTaken: 0, open: 0, take: [], resolve: [] });
  }

  add(fact: IncidentFact): void {
    const { line, services } = fact;
    const severe = isSevere(line.severity) ? 1 : 0;
    const day = this.#dayOf(line.openedAt);
    const sums = this.#days.get(day) ?? { severe: 0, other: 0 };
    this.#days.set(day, { severe: sums.severe + severe, other: sums.other + 1 - severe });
    for (const { id, name } of services) {
      const sum = this.#byService.get(id) ?? { id, name, incidents: 0, severe: 0 };
      sum.incidents += 1;
      sum.severe += severe;
      this.#byService.set(id, sum);
    }
    this.#addTimes(line);
    this.#addPeople(fact);
    this.#addSteps(fact);
    this.#lines.push(line);
    if (this.#lines.length >= 2 * mostIncidentsKept) this.#lines = worst(this.#lines, mostIncidentsKept);
  }

  #addTimes(line: IncidentLine): void {
    const sum = this.#bySeverity.get(line.severity);
    if (!sum) return;
    sum.incidents += 1;
    if (line.takenAt !== undefined) sum.take.push(line.takenAt - line.openedAt);
    if (line.resolvedAt === undefined) sum.open += 1;
    else {
      sum.resolve.push(line.resolvedAt - line.openedAt);
      if (line.takenAt === undefined) sum.neverTaken += 1;
    }
  }

  #addPeople({ line, takerId, held, declinedBy, told }: IncidentFact): void {
    for (const { personId, at, until } of held) this.#person(personId).held += Math.max(0, until - at);
    for (const personId of declinedBy) this.#person(personId).declined += 1;
    if (takerId === undefined || line.takenAt === undefined) return;
    const taker = this.#person(takerId);
    taker.taken += 1;
    if (line.takenVia === "phone") taker.takenByPhone += 1;
    taker.takes.push(line.takenAt - line.openedAt);
    const place = told.indexOf(takerId);
    const index = place === -1 ? places - 1 : Math.min(place, places - 1);
    this.#positions[index] = (this.#positions[index] ?? 0) + 1;
  }

  #addSteps({ steps, takerId }: IncidentFact): void {
    for (const { policyId, policyName, step, personIds } of steps) {
      const key = `${policyId} ${step}`;
      const sum = this.#steps.get(key) ?? { policyId, policyName, step, told: 0, taken: 0 };
      sum.told += 1;
      if (takerId !== undefined && personIds.includes(takerId)) sum.taken += 1;
      this.#steps.set(key, sum);
    }
  }

  #person(id: string): PersonTally {
    const known = this.people.get(id);
    if (known) return known;
    const made = { taken: 0, takenByPhone: 0, held: 0, declined: 0, takes: [] };
    this.people.set(id, made);
    return made;
  }

  get steps(): readonly StepFigures[] {
    return [...this.#steps.values()];
  }

  get total(): number {
    return [...this.#bySeverity.values()].reduce((sum, { incidents }) => sum + incidents, 0);
  }

  day(date: string): { readonly severe: number; readonly other: number } {
    return this.#days.get(date) ?? { severe: 0, other: 0 };
  }

  result(): Pick<ReportModel, "bySeverity" | "byService" | "incidents" | "times" | "positions"> {
    const of = (severity: Severity): number => this.#bySeverity.get(severity)?.incidents ?? 0;
    return {
      bySeverity: { critical: of("critical"), error: of("error"), warning: of("warning"), information: of("information") },
      byService: [...this.#byService.values()].toSorted((a, b) => b.incidents - a.incidents || (a.name < b.name ? -1 : 1)),
      incidents: worst(this.#lines, mostIncidentsKept).toSorted((a, b) => a.number - b.number),
      times: this.#times(),
      positions: this.#positions,
    };
  }

  #times(): Times[] {
    const rows = [...severities].toReversed().flatMap((severity) => {
      const sum = this.#bySeverity.get(severity);
      return sum && sum.incidents > 0 ? [{ severity, ...sum }] : [];
    });
    const all = {
      severity: "all" as const,
      incidents: rows.reduce((sum, row) => sum + row.incidents, 0),
      neverTaken: rows.reduce((sum, row) => sum + row.neverTaken, 0),
      open: rows.reduce((sum, row) => sum + row.open, 0),
      take: rows.flatMap((row) => row.take),
      resolve: rows.flatMap((row) => row.resolve),
    };
    return [all, ...rows].map(({ take, resolve, ...counts }) => ({
      ...counts,
      ...optional("take", spreadOf(take)),
      ...optional("resolve", spreadOf(resolve)),
    }));
  }
}

/** The worst `most`: by severity, then by length, then the newest. */
export const worst = (lines: readonly IncidentLine[], most: number): IncidentLine[] =>
  lines
    .toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || lengthOf(b) - lengthOf(a) || b.number - a.number)
    .slice(0, most);
