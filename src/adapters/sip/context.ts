import type { Clock } from "#base/clock";
import type { Millis } from "#base/duration";
import type { CallEnd, CallListener, SpokenLanguage, Voice } from "#ports/phone/port";
import type { MediaOptions, MediaSession } from "../rtp/media.ts";
import type { Agent } from "./agent.ts";
import type { RequestParts } from "./build.ts";
import type { Digest } from "./digest.ts";
import type { SipRequest } from "./message.ts";
import type { SipRules } from "./rules.ts";
import type { ServerTransaction } from "./server-transactions.ts";
import type { Hop } from "./transport.ts";

/** Where the sound of calls comes from: `RtpPool`, or what a test puts there. */
export interface MediaPool {
  open(options?: MediaOptions): Promise<MediaSession>;
}

/** How long a line waits for what. */
export interface Patience {
  /** For any answer to an INVITE, before the line counts as dead. */
  readonly firstResponse: Millis;
  /** For ringing, once a trunk said that it tries. */
  readonly ringing: Millis;
  /** For the end of a call after CANCEL; some trunks never tell. */
  readonly cancelled: Millis;
  /** For an answer to REGISTER, OPTIONS or BYE, before the next address is tried. */
  readonly inquiry: Millis;
}

/** What calls need of their line. */
export interface LineGround {
  readonly clock: Clock;
  readonly rules: SipRules;
  readonly patience: Patience;
  readonly digest: Digest;
  readonly media: MediaPool;
  readonly voiceFor: (language: SpokenLanguage) => Voice;
  /** @throws HinobanError "unavailable" when no socket can be opened */
  readonly agent: () => Promise<Agent>;
  /** Addresses in the order in which they are tried. @throws HinobanError "unavailable" */
  readonly hops: () => Promise<readonly Hop[]>;
  /**
   * The address behind a URI.
   * @param otherwise where it goes when that cannot be found: whoever brought the call so far knows the way
   * @throws HinobanError "unavailable" where `otherwise` is not given
   */
  readonly hopFor: (uri: string, otherwise?: Hop) => Promise<Hop>;
  /** An address did not answer: others first, and look whether the line is alive. */
  readonly failed: (hop: Hop) => void;
  readonly worked: (hop: Hop) => void;
  /** Our Contact, as the other side can reach it. */
  readonly contact: (local: Local) => string;
  /** Where sound for us is sent: an IP address, as the other side can reach it. */
  readonly soundHost: (local: Local) => string;
  /** Asks something within a dialog; credentials are added. Never rejects. */
  readonly send: (agent: Agent, parts: () => RequestParts, hop: Hop) => Promise<"done" | "gone" | "silent">;
  readonly forget: (call: LineCall) => void;
}

export interface Local {
  readonly host: string;
  readonly port: number;
}

/** A call as its line sees it. */
export interface LineCall {
  readonly id: string;
  /** Our tag, which whoever belongs to the call knows. */
  readonly tag: string;
  /** A request within the dialog. */
  receive(transaction: ServerTransaction): void;
  acknowledged(ack: SipRequest): void;
  end(): void;
}

/** Whatever a listener throws is no reason for the line to fall. */
export function tell(listener: CallListener, end: CallEnd, media?: MediaSession): void {
  try {
    const sound = media?.recorded();
    if (sound && sound.said.length > 0) listener.recorded?.({ said: { samples: sound.said }, heard: { samples: sound.heard } });
  } catch {
    // a call ends also where its sound cannot be kept
  }
  try {
    listener.ended(end);
  } catch {
    // its owner has to look after itself
  }
}
