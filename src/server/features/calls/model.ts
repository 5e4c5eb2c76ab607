import type { UnixMs } from "#base/duration";
import type { Severity } from "#wire/alerting";
import type { CallKind } from "#wire/calls";
import type { Language } from "#wire/shapes";

/** What a key does. */
export type KeyAction =
  | "take" // the incidents that were just told
  | "cannot" // take them: the next person, now
  | "again"
  | "details"
  | "next" // step of the escalation, now
  | "other" // the next of the incidents, when somebody calls us
  | "confirm"; // that a test was heard

export interface KeyBinding {
  /** One of 0-9. */
  readonly digit: string;
  readonly action: KeyAction;
}

/** What keys mean in calls of each kind. */
export const keysOfKind: Readonly<Record<CallKind, readonly KeyBinding[]>> = {
  incident: [
    { digit: "1", action: "take" },
    { digit: "2", action: "cannot" },
    { digit: "3", action: "again" },
    { digit: "4", action: "details" },
    { digit: "9", action: "next" },
  ],
  incoming: [
    { digit: "1", action: "take" },
    { digit: "2", action: "other" },
    { digit: "3", action: "again" },
    { digit: "4", action: "details" },
  ],
  test: [
    { digit: "1", action: "confirm" },
    { digit: "3", action: "again" },
  ],
  weekly: [
    { digit: "1", action: "confirm" },
    { digit: "3", action: "again" },
  ],
  code: [],
};

/** Digits that mean nothing else: one of them takes, in calls to those who want to hear which. */
export const randomTakeKeys = ["5", "6", "7", "8"] as const;

/** Who has an incident, as seen by the person on the telephone. */
export type Standing =
  | { readonly kind: "open" }
  | { readonly kind: "mine" }
  | { readonly kind: "others"; readonly name: string }
  | { readonly kind: "over" };

/** An incident as it is told. */
export interface Brief {
  readonly incidentId: string;
  readonly number: number;
  readonly title: string;
  /** What was found, one line; empty: the title says it. */
  readonly found: string;
  readonly severity: Severity;
  readonly openedAt: UnixMs;
  /** Sentences that other features add. */
  readonly alsoKnown: readonly string[];
  /** Read when somebody wants to hear more. */
  readonly details: BriefDetails;
  readonly standing: Standing;
  /** Nothing was answered to it in this call. */
  readonly isUnanswered: boolean;
}

interface BriefDetails {
  readonly services: readonly string[];
  /** `web01: CPU % - 96.2 > 90` of each open alert, the first few. */
  readonly alerts: readonly string[];
  readonly openAlerts: number;
  readonly description: string;
}

/** All that a script knows when it decides what to say. */
export interface World {
  readonly kind: CallKind;
  readonly language: Language;
  /** IANA zone of the person. */
  readonly timeZone: string;
  readonly now: UnixMs;
  readonly organisation: string;
  /** Empty: nobody whom we know. */
  readonly person: string;
  readonly incidents: readonly Brief[];
  /** Takes instead of the usual key. */
  readonly takeKey: string | undefined;
  /** Absent: none is asked for. */
  readonly pinLength: number | undefined;
  /** Whether somebody can be asked to go on with the next step. */
  readonly hasNextStep: boolean;
  /** What a call of kind `code` reads. */
  readonly code: string | undefined;
  /** Said first, where calls are recorded. */
  readonly announcement: string | undefined;
}

/** What became of an incident after a key. */
export interface ActOutcome {
  readonly incidentId: string;
  readonly kind: "taken" | "others" | "over" | "declined" | "next" | "refused";
  /** Who has it. */
  readonly name?: string;
}

/** Where in the script a call stands. */
export interface Stage {
  readonly at: "pin" | "menu" | "end";
  /** The incidents that were told last: what a key is about. */
  readonly batch: readonly string[];
  readonly silences: number;
  readonly wrongKeys: number;
  readonly repeats: number;
  readonly wrongPins: number;
}

export const firstStage: Stage = { at: "menu", batch: [], silences: 0, wrongKeys: 0, repeats: 0, wrongPins: 0 };
