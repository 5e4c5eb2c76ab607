import type { Millis } from "#base/duration";

/** Languages that calls are held in. */
export type SpokenLanguage = "en" | "ja";

/** Something that is said: a sentence for a speech program, or a recording that somebody uploaded. */
export interface Sentence {
  readonly language: SpokenLanguage;
  /** As people read it; how it is pronounced is up to the reader (names, addresses, units). */
  readonly text: string;
  /** Names of the recorded prompts, with digits between them, that say the same where no speech program is installed. */
  readonly prompts?: readonly string[];
  /** Id of a recording that is played instead. */
  readonly recordingId?: string;
}

/**
 * What a call says, and which answer it waits for. The same for a line of our own, where it is played, and for a provider, who reads it out:
 * a call is a row of turns, each the answer to what was pressed.
 */
export interface Turn {
  readonly say: readonly Sentence[];
  /** How often it is said, each time followed by the time of listening, until a key comes. */
  readonly times: number;
  /** How long keys are awaited after the last word. */
  readonly listen: Millis;
  /** How many digits are collected before they are handed on; `#` hands on what is there. 0: keys are not asked for. */
  readonly digits: number;
  /** Hang up when it was said. */
  readonly isLast: boolean;
}

/**
 * Why a call is over. `busy`, `declined`, `no-answer`, `hung-up` (answered, then ended by the other side) and `finished` (ended by us) are
 * about the person; `wrong-number` about the number; `line-failed` about the line: somebody else's turn, another number, another line.
 */
export type CallCause =
  | "busy"
  | "declined"
  | "no-answer"
  | "wrong-number"
  | "line-failed"
  | "hung-up"
  | "finished"
  | "cancelled"
  | "answered-late"; // answered in the instant in which we gave up

export interface CallEnd {
  readonly cause: CallCause;
  /** Status of the final response, where there was one. */
  readonly sipCode?: number;
  /** From the answer to the end; 0 when nobody answered. */
  readonly talked: Millis;
  /** For people: what went wrong. */
  readonly problem?: string;
  /** The line asks to be left alone for so long. */
  readonly retryAfter?: Millis;
}

export interface Dial {
  /** Our own id of the call. */
  readonly ref: string;
  /** E.164 with its `+`, or what a trunk takes instead. */
  readonly to: string;
  /** The number to be shown; absent: the line's. */
  readonly from?: string;
  readonly ringFor: Millis;
  /** The longest that it may last from the answer on. */
  readonly longest: Millis;
  readonly language: SpokenLanguage;
  /** What is said first, for providers that cannot ask us and must have it before anybody answers. */
  readonly first?: Turn;
}

/** What was said and heard, of the same length. */
export interface CallSound {
  readonly said: Clip;
  readonly heard: Clip;
}

/** Whoever placed a call: told what happens, asked what to say next. Whatever these throw ends the call. */
export interface CallListener {
  /**
   * Before anything leaves, and whenever it changes: text by which {@link PhoneLine.recover} finds the call again after a crash. The line
   * waits for it before it dials.
   */
  saved(state: string): Promise<void>;
  ringing(code?: number): void;
  /** Somebody, or a machine, answered: what is said first? */
  answered(): Promise<Turn>;
  /** As many digits as the turn asked for, or those before `#`. Keys count while it still speaks. */
  keys(digits: string): Promise<Turn>;
  /** Nothing was pressed. */
  silent(): Promise<Turn>;
  /** Right before `ended`, where the line records. */
  recorded?(sound: CallSound): void;
  ended(end: CallEnd): void;
}

/** A call that was placed or answered. */
export interface LiveCall {
  /** Call-ID, or the provider's id once it is known. */
  readonly id: string;
  /** Gives up or hangs up, whichever it takes. `ended` follows. */
  end(): void;
  /**
   * Says this now, in place of what is being said or awaited: somebody else took it while this person listens. No effect before somebody
   * answered and after the end. Absent where it cannot be done: then the answer to what is pressed next, or to silence, says it.
   */
  say?(turn: Turn): void;
}

/** What became of a call that an ended process had begun. */
export type Recovered =
  | "ended" // we ended it now: nothing rings any more
  | "gone" // it was over already, as far as the other side knows
  | "alive" // it goes on without us: the provider will ask what to say next
  | "unknown"; // nobody answers: it may ring on for as long as it was allowed to

export type LineState = "off" | "connecting" | "ready" | "failed";

export interface LineHealth {
  readonly state: LineState;
  /** For people, when it failed: what to do about it. */
  readonly problem?: string;
  /** Until when a registration holds, in milliseconds since 1970. */
  readonly registeredUntil?: number;
}

/** Somebody calls one of our lines. */
export interface IncomingCall {
  readonly id: string;
  /** Number of the caller as the line gives it; empty when it is withheld. */
  readonly from: string;
  readonly to: string;
  /** Answers; from then on it is a call like one that was placed. */
  accept(listener: CallListener, limits: { readonly longest: Millis; readonly language: SpokenLanguage }): LiveCall;
  reject(): void;
}

export interface LineListener {
  health(health: LineHealth): void;
  /** Absent: nobody can call. */
  incoming?(call: IncomingCall): void;
}

/** A way to place calls: a trunk of our own SIP user agent, or an account of a provider. */
export interface PhoneLine {
  readonly health: LineHealth;
  /** Registers, or looks whether the other side is there; tells of every change. */
  start(listener: LineListener): void;
  /** Looks anew how it stands, within seconds: something may have taken its registration away. Absent where nothing can. */
  look?(): void;
  /** Never throws: a call that cannot be placed ends with `line-failed`. */
  dial(dial: Dial, listener: CallListener): LiveCall;
  /** Asks what became of a call of an ended process, and ends it where that can be done. @param state what was saved last */
  recover(state: string): Promise<Recovered>;
  /** Ends what is on, signs off, within two seconds. */
  stop(): Promise<void>;
}

/** Sound as the telephone has it: 8,000 samples a second, one channel, 16 bits. */
export interface Clip {
  readonly samples: Int16Array;
}

/** Turns sentences into sound. */
export interface Voice {
  /** Joined with short pauses. Never rejects: what cannot be spoken is said by prompts, what has none by a tone. */
  speak(sentences: readonly Sentence[]): Promise<Clip>;
  /** Makes what will be needed soon, so that nobody waits on the phone. */
  prepare(sentences: readonly Sentence[]): void;
}
