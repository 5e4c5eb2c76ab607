import type { Millis, UnixMs } from "#base/duration";
import type { CallEnd, Dial, LineHealth, Turn } from "#ports/phone/port";

/** A call as it was asked for: enough to find it again at a provider that was asked and never answered. */
export interface Asked {
  readonly ref: string;
  readonly to: string;
  readonly from: string;
  /** When it was asked for, by our clock. */
  readonly at: UnixMs;
}

/** What came of asking for a call. */
export type Created =
  | { readonly kind: "created"; readonly id: string }
  /** The provider says no. */
  | { readonly kind: "refused"; readonly end: CallEnd }
  /** Asked too often. */
  | { readonly kind: "later"; readonly after: Millis }
  /** Nobody was reached: nothing rings. */
  | { readonly kind: "not-sent"; readonly problem: string }
  /** The answer is missing: it may ring. Look before asking again. */
  | { readonly kind: "unknown"; readonly problem: string };

/** How far a call is, as the provider has it. */
export type Looked =
  | { readonly phase: "queued" }
  | { readonly phase: "ringing" }
  | { readonly phase: "talking"; readonly heard?: { readonly step: number; readonly digits: string } }
  | { readonly phase: "over"; readonly end: CallEnd; readonly heard?: { readonly step: number; readonly digits: string } };

/** What every provider is asked for; each in its own words. */
export interface CarrierApi {
  /** `callbacks`: it asks us what to say and tells us what happens. `polling`: we ask. */
  readonly way: "callbacks" | "polling";
  /**
   * Asks for a call.
   * @param first what is said first, when the provider must have it before anybody answers
   */
  create(asked: Asked, dial: Dial, first: Turn | undefined): Promise<Created>;
  /** The id of a call that was asked for and whose answer was lost; undefined when there is none. @throws when the provider cannot be asked */
  find(asked: Asked): Promise<string | undefined>;
  /** @throws when the provider cannot be asked */
  look(id: string): Promise<Looked>;
  /** Ends a call whatever it does. @throws when the provider cannot be asked */
  end(id: string): Promise<void>;
  /** Hands over what is said next. Absent where a provider that is polled takes nothing more. */
  say?(id: string, turn: Turn, step: number): Promise<void>;
  /** Asks whether the account works. Never throws. */
  account(): Promise<LineHealth>;
}

/** What a line of a provider is opened with. */
export interface CarrierAddresses {
  /** The address for one call, below which the provider asks and tells; undefined while this server has no public address. */
  readonly urlOf: (ref: string) => string | undefined;
  /** The provider's id of a call, when its own requests told it before its answer did. */
  readonly idOf: (ref: string) => Promise<string | undefined>;
}
