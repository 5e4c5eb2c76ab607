import type { ActVia, Severity } from "#wire/alerting";

/** Half-open, in unix ms. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Lengths in ms. The middle one and that below which 90 % lie, by the nearest rank. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
  readonly worst: number;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A stretch in which a service was down. */
export interface Outage extends Range {
  /** What found it: names of rules and hosts, at most a few. */
  readonly causes: readonly string[];
  /** One of its alerts, to be opened. */
  readonly alertId: string;
}

/** Lengths in ms. */
export interface ServiceAvailability extends Named {
  /** What tells whether it is up; nothing does when both are 0. */
  readonly probes: number;
  readonly hosts: number;
  /** As long as it existed within the period. */
  readonly existed: number;
  /** Within downtimes: counted apart, neither up nor down. */
  readonly planned: number;
  readonly down: number;
  /** Number of stretches, and the longest ones. */
  readonly outages: number;
  readonly longest: readonly Outage[];
  /** 0 … 1 of the time that was not planned; undefined when nothing tells, or there was no such time. */
  readonly share?: number;
  /** The same in the period before. */
  readonly shareBefore?: number;
}

export interface IncidentLine {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly openedAt: number;
  readonly resolvedAt?: number;
  readonly takenAt?: number;
  readonly takenBy?: string;
  readonly takenVia?: ActVia;
  readonly services: readonly string[];
}

export interface DayFigures {
  /** `2026-10-03`, or `2026-10` in a report of a year. */
  readonly date: string;
  /** Of severity error and critical. */
  readonly severe: number;
  readonly other: number;
  readonly nightCalls: number;
  /** A Saturday or Sunday. */
  readonly isWeekend: boolean;
}

export interface Times {
  readonly severity: Severity | "all";
  readonly incidents: number;
  readonly take?: Spread;
  /** Resolved without anybody having taken them. */
  readonly neverTaken: number;
  readonly resolve?: Spread;
  /** Not resolved when the report was made, or the period ended. */
  readonly open: number;
}

export interface PersonFigures extends Named {
  /** Incidents that they took first. */
  readonly taken: number;
  readonly takenByPhone: number;
  /** Middle time until they took, ms. */
  readonly takeMedian?: number;
  /** From taking until resolving, in sum, ms. */
  readonly held: number;
  readonly declined: number;
  readonly requested: number;
  readonly rang: number;
  readonly answered: number;
  /** Calls that rang between 22:00 and 07:00 on their own clock. */
  readonly nightCalls: number;
  /** Nights, counted by the evening on which they begin, with at least one such call. */
  readonly nights: number;
}

export interface CallFigures {
  readonly requested: number;
  readonly rang: number;
  readonly answered: number;
  readonly taken: number;
  /** The line or number did not work. */
  readonly failed: number;
  readonly nightCalls: number;
}

export interface MediumFigures {
  readonly medium: "mail" | "chat" | "phone" | "sms" | "push" | "channel";
  readonly sent: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly waiting: number;
}

export interface ChannelFigures extends Named {
  readonly sent: number;
  readonly failed: number;
  readonly isSuspended: boolean;
}

/** Something that opened alerts. */
export interface Cause extends Named {
  readonly kind: "monitor" | "check" | "source" | "system" | "host";
  readonly alerts: number;
  readonly incidents: number;
  /** All its alerts together, ms. */
  readonly openFor: number;
  /** Middle length of its alerts, ms. */
  readonly median: number;
}

/** How many acts of a kind were recorded. */
export interface Change {
  /** The noun of the ledger's verbs: `monitor`, `host`. */
  readonly noun: string;
  readonly count: number;
  readonly verbs: readonly { readonly verb: string; readonly count: number }[];
}

/** A step of an escalation policy, as far as it told people. */
export interface StepFigures {
  readonly policyId: string;
  readonly policyName: string;
  /** Counted from 0. */
  readonly step: number;
  /** Incidents of which it told somebody. */
  readonly told: number;
  /** Of those, taken by somebody whom it told. */
  readonly taken: number;
}

export type Suggestion =
  | { readonly kind: "flapping"; readonly cause: Cause }
  | { readonly kind: "noisy-host"; readonly cause: Cause; readonly share: number }
  | { readonly kind: "many-nights"; readonly person: PersonFigures; readonly ofAll: number }
  | { readonly kind: "unanswered-step"; readonly step: StepFigures }
  | { readonly kind: "never-taken"; readonly count: number; readonly of: number }
  | { readonly kind: "slow-to-take"; readonly median: number; readonly before?: number }
  | { readonly kind: "failing-channel"; readonly channel: ChannelFigures }
  | { readonly kind: "failing-calls"; readonly failed: number; readonly requested: number }
  | { readonly kind: "unwatched-service"; readonly service: Named }
  | { readonly kind: "still-open"; readonly count: number; readonly oldest: IncidentLine }
  | { readonly kind: "unfair"; readonly person: PersonFigures; readonly share: number };

/** The few figures that a period is compared by. Lengths in ms. */
export interface Totals {
  readonly incidents: number;
  readonly severe: number;
  readonly alerts: number;
  readonly takeMedian?: number;
  readonly resolveMedian?: number;
  readonly neverTaken: number;
  readonly callsRang: number;
  readonly nightCalls: number;
  readonly changes: number;
}

/** Everything that a report says, without a word of any language. Kept as it is. */
export interface ReportModel {
  readonly version: 1;
  /** `name` as in addresses. */
  readonly organisation: { readonly name: string; readonly displayName: string };
  readonly period: string;
  readonly timeZone: string;
  readonly range: Range;
  readonly isComplete: boolean;
  readonly madeAt: number;
  readonly totals: Totals;
  /** The period before; undefined when there was nothing yet. */
  readonly before?: Totals;
  readonly services: readonly ServiceAvailability[];
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly byService: readonly (Named & { readonly incidents: number; readonly severe: number })[];
  readonly days: readonly DayFigures[];
  /** By time; of more than {@link mostIncidentsKept} the worst ones. */
  readonly incidents: readonly IncidentLine[];
  readonly times: readonly Times[];
  /** How many incidents the first, second, third … person in the order of telling took; the last one: later, or without having been told. */
  readonly positions: readonly number[];
  readonly media: readonly MediumFigures[];
  readonly channels: readonly ChannelFigures[];
  /** Messages are kept for half a year: a part of the period is not counted. */
  readonly mediaArePartial: boolean;
  readonly calls: CallFigures;
  readonly people: readonly PersonFigures[];
  readonly causes: readonly Cause[];
  readonly hosts: readonly Cause[];
  readonly changes: readonly Change[];
  readonly suggestions: readonly Suggestion[];
}

export const mostIncidentsKept = 2000;
