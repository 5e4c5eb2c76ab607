import type { Millis } from "#base/duration";
import type { Turn, Voice } from "#ports/phone/port";

/** G.711 in its two kinds. */
export type Codec = "PCMU" | "PCMA";

/** `sdes`: SRTP with keys in SDP (RFC 4568), to be used over TLS only. Media of the other kind are refused, either way round. */
export type Encryption = "off" | "sdes";

export interface MediaOptions {
  /** In the order in which they are offered; default PCMU, PCMA. */
  readonly codecs?: readonly Codec[];
  readonly encryption?: Encryption;
  /** The address in our SDP, where the one that the pool is bound to is not reachable by others (a firewall that translates). */
  readonly advertise?: string;
  /** Take media from where they really come, instead of from the address in the SDP (phones and trunks behind NAT). Default true. */
  readonly isSymmetric?: boolean;
  /** Keep what is said and heard; see {@link MediaSession.recorded}. Default false. */
  readonly isRecorded?: boolean;
  /** Tell of lost media when none came at all for so long; default 15 s. Nothing is missed while the call is on hold. */
  readonly neverAfter?: Millis;
  /**
   * The same when they came and ceased; default 60 s, since gateways that send nothing while nobody speaks are told not to, but not all of
   * them listen.
   */
  readonly ceasedAfter?: Millis;
}

/** Why a description of media cannot be used: BYE after an answer, 488 to an offer. */
export type MediaProblem =
  | "malformed" // not SDP, or without a usable address
  | "no-audio" // no audio, or it was refused (port 0)
  | "no-codec" // neither PCMU nor PCMA
  | "encryption"; // SRTP where we do not, plain RTP where we do, or no suite in common

/** How a turn ended. */
export type Performed =
  | { readonly kind: "keys"; readonly digits: string }
  | { readonly kind: "silent" } // keys were asked for, none came
  | { readonly kind: "said" } // nothing was asked (`digits` 0, or `isLast`)
  | { readonly kind: "stopped" }; // by `stop`, `close`, or because another turn began

export type KeySource = "event" | "tone" | "info";

/** A key press, also one that had no effect (the second of two at once, one between turns), for the timeline. */
export interface KeyPress {
  /** 0-9, `*`, `#`, A-D. */
  readonly digit: string;
  readonly source: KeySource;
  readonly isTaken: boolean;
}

/** What was said and heard, from the start of the media on; 8,000 samples a second, of the same length. */
export interface Recording {
  readonly said: Int16Array;
  readonly heard: Int16Array;
}

/** `never`: the call was answered and no media came at all; `ceased`: they came and stopped. */
export type Loss = "never" | "ceased";

/**
 * The sound of one call: its port, what was agreed about it, what is played and which keys come back. Silence is sent from the
 * agreement on, whenever nothing else is.
 */
export interface MediaSession {
  /** Where we receive: even, from the pool's range. */
  readonly port: number;
  /** The other side put us on hold: what was being said starts again when it takes us off. */
  readonly isHeld: boolean;
  /** Our offer as SDP (CRLF lines), for an INVITE, or for the 2xx of one without. With `changed` another one, after a 488. */
  offer(changed?: { readonly codecs?: readonly Codec[]; readonly encryption?: Encryption }): string;
  /** Takes the answer to our last offer and begins to send. Answers what is wrong with it, and is as before then. */
  accept(answer: string): MediaProblem | undefined;
  /** Takes an offer, of an INVITE or a re-INVITE (hold, other address, session timer), and begins to send. */
  answer(offer: string): { readonly sdp: string } | { readonly problem: MediaProblem };
  /** SDP as last sent, for a session timer's refresh or UPDATE; empty when nothing was sent yet. */
  readonly local: string;
  /**
   * Says a turn and waits for keys as it asks. Keys count from this call on, also before the first word, and for the first turn from the
   * agreement on; a key ends what is being said. Ends a turn that is being performed.
   */
  perform(turn: Turn, voice: Voice): Promise<Performed>;
  /** Ends the current turn as `stopped`. */
  stop(): void;
  /** A key that came by SIP INFO; anything but a key is ignored. */
  key(digit: string): void;
  onKey(listener: (press: KeyPress) => void): void;
  /** Told once each time media are missing; again after they came back and went. */
  onLost(listener: (loss: Loss) => void): void;
  /** Undefined unless `isRecorded`. The first ten minutes. */
  recorded(): Recording | undefined;
  /** Stops sending, gives the port back. May be called twice. */
  close(): void;
}
