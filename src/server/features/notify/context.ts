import type { Clock } from "#base/clock";
import type { UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Mailer } from "#ports/mailer/port";
import type { PushCipher } from "#ports/push-cipher/port";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Db, Deps, Seal, Tx } from "#store";
import type { Language } from "#wire/shapes";
import type { CodeLimit } from "./code-limit.ts";
import type { Driver, MailSetup } from "./driver.ts";
import type { DeliveryOutcome, PictureOf } from "./model.ts";

/** Announces that something waits to be sent. */
export const notifyTopic = "notify";
/** Announces to screens that channels or what became of messages changed. */
export const channelsTopic = "channels";
export const deliveriesTopic = "deliveries";

export interface NotifyLog {
  warn(facts: object, message: string): void;
}

/** For whom a picture is drawn. */
export interface PictureFor {
  readonly organisationId: string;
  readonly language: Language;
  readonly timeZone: string;
}

export interface NotifyDeps extends Deps {
  readonly http: OutgoingHttp;
  readonly mailer: Mailer;
  readonly serverKey: Secret;
  /** Encrypts what browsers show; without it nothing is pushed. */
  readonly push?: PushCipher;
  readonly log: NotifyLog;
  /** Under which people and chats reach this server, without a slash at its end; empty while nobody set it. */
  readonly publicUrl?: string;
  /** The mail server of the installation, for organisations without one of their own. */
  readonly mail?: MailSetup;
  /** Draws a graph as PNG; undefined when there is nothing to draw. */
  readonly pictures?: (picture: PictureOf, of: PictureFor) => Promise<Uint8Array | undefined>;
  /** In [0, 1); spreads those who failed together. */
  readonly random?: () => number;
}

export interface SuspendedChannel {
  readonly channelId: string;
  readonly name: string;
  readonly problem: string;
}

/** Who wants to hear what became of messages, inside the transaction that notes it. */
export interface NotifyListener {
  delivered?(tx: Tx, at: UnixMs, outcome: DeliveryOutcome): Promise<void>;
  channelSuspended?(tx: Tx, at: UnixMs, channel: SuspendedChannel): Promise<void>;
  /** Deliveries that were handed on are no longer wanted: somebody else took the incident. */
  callsCancelled?(tx: Tx, at: UnixMs, deliveryIds: readonly string[]): Promise<void>;
  /** A channel was created; whether whoever created it wants it in the default notification group. */
  channelCreated?(tx: Tx, at: UnixMs, channel: { readonly channelId: string; readonly joinsDefaultGroup: boolean }): Promise<void>;
  channelDeleted?(tx: Tx, at: UnixMs, channel: { readonly channelId: string }): Promise<void>;
  /** The organisation's mail has not gone out for a while; `undefined`: it does again. */
  mailFailing?(tx: Tx, at: UnixMs, problem: string | undefined): Promise<void>;
}

/** Somebody to be called with a code. */
export interface CodeCall {
  readonly personId: string;
  readonly contactId: string;
  readonly number: string;
  readonly code: string;
  readonly language: Language;
  readonly timeZone: string;
}

/** Whoever carries telephone calls: numbers are proven by a code that a call reads. */
export interface CodeCalls {
  /** A number as somebody typed it, as everybody dials it. @throws "invalid-input" for one that is none, or must not be called */
  readNumber(tx: Tx, typed: string): Promise<string>;
  /** Asks for the call, once the transaction commits. @throws "unavailable" when no line is ready */
  place(tx: Tx, at: UnixMs, call: CodeCall): Promise<void>;
}

/** What every part of this feature is handed. */
export interface NotifyContext extends Deps {
  readonly db: Db;
  readonly clock: Clock;
  readonly deps: NotifyDeps;
  readonly channelSeal: Seal;
  readonly mailSeal: Seal;
  readonly noticeSeal: Seal;
  readonly pushSeal: Seal;
  /** By channel type, and `mail` and `phone` for persons. The telephone adds itself here. */
  readonly drivers: Map<string, Driver>;
  readonly listeners: Iterable<NotifyListener>;
  /** How many codes go to whom. */
  readonly codes: CodeLimit;
  /** Undefined: nobody can be called here. */
  readonly codeCalls: CodeCalls | undefined;
}
