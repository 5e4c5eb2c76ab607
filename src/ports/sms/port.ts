import type { HookRequest } from "../phone/hooks.ts";

/** A short message to one number. */
export interface SmsMessage {
  /** E.164 with its `+`. */
  readonly to: string;
  readonly text: string;
  /** The same for every try of the same message. */
  readonly key: string;
  /** Where the provider tells what became of it; absent where it cannot reach us. */
  readonly callbackUrl?: string;
}

export interface SmsSettings {
  /** The number or name that it comes from; for Twilio a number, a name, or a messaging service (`MG…`). */
  readonly from: string;
  /** Twilio. */
  readonly accountSid?: string;
  readonly baseUrl?: string;
  /** Generic HTTP. */
  readonly url?: string;
}

export interface SmsSecrets {
  /** Twilio: of the account; also signs what comes back. */
  readonly authToken?: string;
  readonly previousAuthToken?: string;
  /** Generic HTTP: signs requests both ways. */
  readonly signingKey?: string;
}

/** How handing a message to the provider went. */
export type SmsHandedOver =
  | { readonly kind: "sent"; readonly id: string }
  | {
      readonly kind: "failed";
      readonly problem: string;
      readonly isForGood: boolean;
      /** `number`: nobody can be reached there; `sender`: the account or its settings; `message`: only this one. */
      readonly blame: "number" | "sender" | "message";
      readonly retryAfterSeconds?: number;
    };

/** What a provider tells about a message later. */
export interface SmsNews {
  readonly id: string;
  readonly state: "sent" | "delivered" | "failed";
  readonly problem?: string;
}

/** A provider of short messages. */
export interface SmsSender {
  /** Never throws for what the other side does. */
  send(message: SmsMessage, settings: SmsSettings, secrets: SmsSecrets): Promise<SmsHandedOver>;
  /** Reads what the provider sends to the callback address. @throws HinobanError "unauthenticated", "bad-request" */
  read(request: HookRequest, settings: SmsSettings, secrets: SmsSecrets): SmsNews;
}
