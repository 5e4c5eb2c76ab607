import type { UnixMs } from "#base/duration";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import type { CallEnd, Turn } from "./port.ts";

/** A request of a provider to one of our addresses, as it came. */
export interface HookRequest {
  /**
   * As the provider called it: our public address, path and query, not encoded again. Never built from the header `Host`, which whoever
   * sends the request may choose.
   */
  readonly url: string;
  /** A header in one text; empty when it was not sent. */
  readonly header: (name: string) => string;
  readonly body: Uint8Array;
  readonly at: UnixMs;
}

/** What a provider tells or asks. */
export type HookEvent =
  | { readonly kind: "answered" }
  | { readonly kind: "keys"; readonly step: number; readonly digits: string }
  | { readonly kind: "silent"; readonly step: number }
  | { readonly kind: "ringing" }
  | { readonly kind: "ended"; readonly end: CallEnd }
  /** Something that changes nothing. */
  | { readonly kind: "news" };

/** A request that was found to be the provider's. */
export interface HookSaid {
  /** The provider's id of the call. */
  readonly id: string;
  /** Names this very message where the provider numbers them: whoever sends it again sends a replay. */
  readonly once: string | undefined;
  readonly event: HookEvent;
}

/** What goes back to a provider. */
export interface HookAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** How a provider's requests are judged and answered. Knows no database: whether something came before is the caller's to know. */
export interface CarrierHooks {
  /**
   * @throws HinobanError "unauthenticated" when the signature is missing, wrong or too old; "bad-request" for a body that says nothing
   */
  read(request: HookRequest, settings: LineSettings, secrets: LineSecrets): HookSaid;
  /**
   * What is said next.
   * @param step number of this turn within the call: comes back with the keys
   * @param url the address of this call, to which the keys are sent
   */
  say(turn: Turn, to: { readonly step: number; readonly url: string }): HookAnswer;
  /** Ends the call. */
  readonly hangUp: HookAnswer;
  /** Nothing needs to be said. */
  readonly noted: HookAnswer;
}
