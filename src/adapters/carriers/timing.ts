import { minutes, seconds, type Millis } from "#base/duration";

/** How a provider is asked, and how long it may take. */
export interface Timing {
  /** Between two new calls of one line; a provider that is asked faster queues them anyway. */
  readonly createEvery: Millis;
  /** Between two looks at a call that tells nothing by itself. */
  readonly pollEvery: Millis;
  /** The same where callbacks come: only a net. */
  readonly netEvery: Millis;
  /** What a callback may still say after a look saw the end. */
  readonly callbackGrace: Millis;
  /** A call that nobody began to dial for so long is given up. */
  readonly queuedFor: Millis;
  /** What a provider may ring longer than it was told to. */
  readonly ringGrace: Millis;
  /** After the end was asked for: until it counts as ended whatever the provider says. */
  readonly endWithin: Millis;
  /** After that a call of which nothing can be learnt any more counts as lost. */
  readonly lostAfter: Millis;
  /** Waits before each look for a call whose creation was not answered. */
  readonly findAfter: readonly Millis[];
  /** Before a request that reached nobody is sent again. */
  readonly againAfter: Millis;
  readonly healthEvery: Millis;
  readonly healthEveryWhenFailed: Millis;
}

export const usualTiming: Timing = {
  createEvery: seconds(1),
  pollEvery: seconds(1.5),
  netEvery: seconds(10),
  callbackGrace: seconds(3),
  queuedFor: seconds(45),
  ringGrace: seconds(10),
  endWithin: seconds(8),
  lostAfter: minutes(1),
  findAfter: [seconds(0.5), seconds(2), seconds(4)],
  againAfter: seconds(0.7),
  healthEvery: minutes(2),
  healthEveryWhenFailed: seconds(20),
};
