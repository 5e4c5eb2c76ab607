import type { Millis, UnixMs } from "#base/duration";
import type { MailServer } from "#ports/mailer/port";
import type { MailEncoding } from "#wire/notify";
import type { Language } from "#wire/shapes";
import type { OpenChannel } from "./channel.ts";
import type { Notice } from "./model.ts";
import type { Pace } from "./retry.ts";

/** An address that a mail or a chat message goes to, and whose it is. */
export interface Target {
  readonly address: string;
  readonly encoding: MailEncoding;
  /** The contact of a person; undefined for an address that somebody typed into a channel. */
  readonly contactId: string | undefined;
  readonly personId: string | undefined;
}

/** The server that carries an organisation's mail, and as whom. */
export interface MailSetup {
  readonly server: MailServer;
  readonly fromAddress: string;
  readonly fromName: string;
  /** Empty: bounces go to the sender. */
  readonly bounceAddress: string;
  readonly encoding: MailEncoding;
}

/** One message to be handed over, with all that a driver needs to know. */
export interface Job {
  readonly deliveryId: string;
  readonly at: UnixMs;
  readonly organisation: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly notice: Notice;
  readonly about: string;
  readonly isTest: boolean;
  readonly language: Language;
  /** IANA zone for times. */
  readonly timeZone: string;
  /** The channel; for a person reached by chat the one whose bot writes. */
  readonly channel: OpenChannel | undefined;
  /** Set when it goes to a person: what it says is for their eyes alone. */
  readonly personId: string | undefined;
  readonly targets: readonly Target[];
  readonly mail: MailSetup | undefined;
  /** Ids of the accounts of `notice.people` in this channel's chat. */
  readonly mentioned: readonly string[];
  /** Where the first post of this thread stands in this channel. */
  readonly root: string | undefined;
  /** Addresses that have it already. */
  readonly progress: readonly string[];
  /**
   * Writes down which addresses have it now, for drivers that hand over more than once: what was kept is not repeated even when this
   * process ends. Absent where nothing is sent.
   * @returns false when somebody else sends the message by now: go no further
   */
  readonly keep?: (done: readonly string[]) => Promise<boolean>;
  /** The graph as PNG, when the notice has one and it could be drawn. */
  readonly picture: () => Promise<Uint8Array | undefined>;
}

/**
 * Whose fault a failure is: `channel` when nothing can go through it, `message` when only this one cannot, `address` when the other side
 * does not know the recipient, `server` when our own mail server or line does not work.
 */
export type Blame = "channel" | "message" | "address" | "server";

export type Result =
  | {
      readonly kind: "sent";
      /** JSON text by which the post can be edited later. */
      readonly place?: string;
      /** What went less than well, for people. */
      readonly note?: string;
      /** Addresses that were refused for good while others took it. */
      readonly refused?: readonly string[];
    }
  | {
      readonly kind: "failed";
      readonly problem: string;
      readonly isForGood: boolean;
      readonly blame: Blame;
      /** The other side asked to wait. */
      readonly retryAfter?: Millis;
      /** Addresses that have it now, besides those before. */
      readonly done?: readonly string[];
      readonly refused?: readonly string[];
    };

/** Somebody else carries it on and says later, through {@link Notify.settle}, what became of it: a telephone call lasts. */
export interface HandedOn {
  readonly kind: "handed-on";
}

/** What became of a delivery that its driver handed on. */
export type Settled =
  | { readonly kind: "sent"; readonly note?: string }
  | {
      readonly kind: "failed";
      readonly problem: string;
      readonly blame: Blame;
      /** The person was asked and will not take it: the next one is asked at once, and nothing else is tried to reach them. */
      readonly goesOn: boolean;
    };

/** What a channel would show, for people who set one up. */
export interface Preview {
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  /** The body as it would be posted. */
  readonly body?: string;
}

/** One way to hand messages over. Never throws for what the other side does; whatever it throws counts as a failure for now. */
export interface Driver {
  readonly pace: Pace;
  send(job: Job): Promise<Result | HandedOn>;
  /** Replaces a post by the job's notice. Absent where posts stay as they are. */
  edit?(job: Job, place: string): Promise<Result>;
  preview(job: Job): Promise<Preview>;
}

export const failed = (problem: string, facts: Omit<Extract<Result, { kind: "failed" }>, "kind" | "problem">): Result => ({
  kind: "failed",
  problem,
  ...facts,
});
