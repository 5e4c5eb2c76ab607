import type { Clock } from "#base/clock";
import type { UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Incidents } from "#features/incidents";
import type { Notify } from "#features/notify";
import type { Speech } from "#features/speech";
import type { Gate } from "#http";
import type { CallCause, PhoneLine, SpokenLanguage, Voice } from "#ports/phone/port";
import type { Deps, Seal, Tx } from "#store";
import type { Severity } from "#wire/alerting";
import type { CallKind } from "#wire/calls";
import type { LineKind, LineSecrets, LineSettings } from "#wire/line-settings";

/** Announces that a call waits, or that something of a call or a line changed. */
export const callsTopic = "calls";

export const actor = "system:calls";

interface CallsLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** A line as whoever opens it is handed it. */
export interface OpenLine {
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  readonly kind: LineKind;
  readonly capacity: number;
  readonly settings: LineSettings;
  readonly secrets: LineSecrets;
  readonly clock: Clock;
  /** Speaks with the organisation's readings, dictionary and recordings. */
  voice(language: SpokenLanguage): Voice;
}

/** Makes lines of each kind. What is left out cannot be used in this installation. */
export type LineOpeners = Readonly<Partial<Record<LineKind, (line: OpenLine) => PhoneLine>>>;

/** A call that is about to be dialled. */
export interface Dialling {
  readonly callId: string;
  readonly kind: CallKind;
  readonly number: string;
  readonly severity: Severity;
  readonly personId: string | undefined;
  readonly line: { readonly id: string; readonly settings: LineSettings };
}

/** What became of a call, for listeners inside the transaction that notes it. */
export interface CallOutcome {
  readonly id: string;
  readonly kind: CallKind;
  readonly personId: string | undefined;
  readonly contactId: string | undefined;
  readonly lineId: string | undefined;
  readonly cause: CallCause | "lost";
  /** `confirmed`, `taken`, `declined` …; undefined when no key that means something was pressed. */
  readonly result: string | undefined;
  readonly problem: string | undefined;
  /** Another call is made for the same: to the next number, or over another line. */
  readonly goesOn: boolean;
}

/** What others add. */
export interface CallsExtension {
  /** Why a call must not be dialled over a line; undefined: it may. Asked right before each call leaves. */
  refuses?(tx: Tx, at: UnixMs, dialling: Dialling): Promise<string | undefined>;
  /** A sentence about an incident that is said behind what is known of it; undefined: nothing. */
  alsoKnown?(tx: Tx, incidentId: string, language: SpokenLanguage): Promise<string | undefined>;
  callEnded?(tx: Tx, at: UnixMs, outcome: CallOutcome): Promise<void>;
  /** Somebody asked for the next step of an escalation; false: there is nothing to go on with. */
  nextStep?(tx: Tx, at: UnixMs, incidentId: string): Promise<boolean>;
}

export interface CallsDeps extends Deps {
  readonly notify: Notify;
  readonly incidents: Incidents;
  readonly speech: Pick<Speech, "voiceFor" | "spoken">;
  readonly lines: LineOpeners;
  readonly serverKey: Secret;
  readonly gate: Gate;
  readonly log: CallsLog;
  /** By what leases are counted instead of the database's clock, which all processes share. */
  readonly leaseClock?: Pick<Clock, "now"> | undefined;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** What every part of this feature is handed. */
export interface CallsContext extends CallsDeps {
  readonly lineSeal: Seal;
  readonly contentSeal: Seal;
  readonly extensions: readonly CallsExtension[];
  /** Something may be due now. */
  wake(): void;
}
