import type { UnixMs } from "#base/duration";
import type { CallEnd, CallListener, PhoneLine, Turn } from "#ports/phone/port";
import type { Tx } from "#store";
import type { CallKind } from "#wire/calls";
import type { LineKind, LineSecrets, LineSettings } from "#wire/line-settings";
import type { Language } from "#wire/shapes";

/** What happened in a call, to which the next turn is the answer. */
export type CallInput =
  | { readonly kind: "answered" }
  /** As many as the turn asked for, or those before `#`. */
  | { readonly kind: "keys"; readonly digits: string }
  /** Nothing was pressed. */
  | { readonly kind: "silent" };

/** A turn with its number in the call: 1, 2, 3 … */
export interface NumberedTurn extends Turn {
  readonly seq: number;
}

/** A call that is asked for, besides those about incidents. */
export interface Placing {
  readonly kind: Extract<CallKind, "code" | "test" | "weekly">;
  readonly personId: string;
  readonly contactId: string;
  /** E.164 with its `+`. */
  readonly to: string;
  readonly language: Language;
  /** IANA zone for the times that are said. */
  readonly timeZone: string;
  /** Only over this line. */
  readonly lineId?: string;
  /** The digits that a call of kind `code` reads. */
  readonly code?: string;
}

/** A line as its hooks need it: to check what is said to come from its provider. */
export interface LineAccess {
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  readonly kind: LineKind;
  readonly isOn: boolean;
  readonly settings: LineSettings;
  readonly secrets: LineSecrets;
  /** The line as it is open in this process; undefined when another one has it, or none. */
  readonly open: PhoneLine | undefined;
}

/**
 * Calls as those see them who place them and those who carry them. All that is known of a call is in the database: any process, and any
 * hook of a carrier, may go on with it.
 */
export interface CallEngine {
  /** Asks for a call once the transaction commits. @returns its id @throws HinobanError "invalid-input" for a number that must not be called */
  place(tx: Tx, at: UnixMs, placing: Placing): Promise<string>;
  /** Hangs up, or takes back a call that waits. False: it is over, or there is none. */
  hangUp(tx: Tx, at: UnixMs, callId: string): Promise<boolean>;
  /**
   * What is said next. The same input of the same turn again, or one of an earlier turn, has the same answer and no further effect.
   * @param seq of the turn that the input answers, where the carrier knows it; 0 for `answered`
   * @throws HinobanError "not-found" for a call that does not exist, "gone" for one that is over
   */
  next(organisationId: string, callId: string, input: CallInput, seq?: number): Promise<NumberedTurn>;
  ringing(organisationId: string, callId: string): Promise<void>;
  /** Also for calls that are over already. */
  ended(organisationId: string, callId: string, end: CallEnd): Promise<void>;
  /**
   * By what the line finds the call again; before anything leaves.
   * @param claim by which this process took the call on; absent for calls that came in
   * @throws HinobanError "gone" for a call that is not wanted any more, or that somebody else took on meanwhile
   */
  saved(organisationId: string, callId: string, state: string, claim?: number): Promise<void>;
  /** What a line is handed: all of the above for one call. */
  listenerFor(organisationId: string, callId: string, claim?: number): CallListener;
  /** Undefined: there is no such line. @throws HinobanError "storage-damaged" when its secrets cannot be opened */
  lineFor(organisationId: string, lineId: string): Promise<LineAccess | undefined>;
}
