import type { UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";
import type { CarrierHooks } from "#ports/phone/hooks";
import type { CallEnd, Turn } from "#ports/phone/port";
import type { SmsSender } from "#ports/sms/port";
import type { Notify } from "#features/notify";
import type { Deps, Seal, Tx } from "#store";
import type { LineKind, LineSecrets, LineSettings } from "#wire/line-settings";
import type { SmsSenderKind } from "#wire/sms";
import type { CarrierKind } from "./addresses.ts";

/** Calls as the hooks of providers need them. */
interface CarriedCalls {
  next(
    organisationId: string,
    callId: string,
    input: { readonly kind: "answered" } | { readonly kind: "keys"; readonly digits: string } | { readonly kind: "silent" },
    seq?: number,
  ): Promise<Turn & { readonly seq: number }>;
  ringing(organisationId: string, callId: string): Promise<void>;
  ended(organisationId: string, callId: string, end: CallEnd): Promise<void>;
  lineFor(
    organisationId: string,
    lineId: string,
  ): Promise<{ readonly kind: LineKind; readonly settings: LineSettings; readonly secrets: LineSecrets } | undefined>;
}

/** Announces to screens that the sender of short messages, or what became of one, changed. */
export const smsTopic = "sms";

interface CarriersLog {
  warn(facts: object, message: string): void;
}

export interface CarriersDeps extends Deps {
  readonly calls: CarriedCalls;
  readonly notify: Pick<Notify, "addDriver">;
  readonly hooks: Readonly<Record<CarrierKind, CarrierHooks>>;
  readonly senders: Readonly<Record<SmsSenderKind, SmsSender>>;
  /** Why a number must not be written to; undefined when it may be. */
  readonly whyNotCallable: (tx: Tx, number: string) => Promise<string | undefined>;
  /** The flow that is pasted into Twilio's Studio. */
  readonly twilioFlow: unknown;
  readonly serverKey: Secret;
  /** Without a slash at its end; empty while nobody set it. */
  readonly publicUrl: string;
  readonly log: CarriersLog;
}

/** What every part of this feature is handed. */
export interface CarriersContext extends CarriersDeps {
  readonly smsSeal: Seal;
  /** Says once in a while that requests are refused, however many there are. */
  refused(at: UnixMs, facts: object): void;
}
