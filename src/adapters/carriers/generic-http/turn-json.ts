import type { Turn } from "#ports/phone/port";

/** A turn as the other side reads it: plain texts with their language, times in seconds. */
export const turnJson = (turn: Turn) => ({
  say: turn.say.map(({ language, text }) => ({ language, text })),
  /** The same in one text, for those who read out one. */
  text: turn.say.map(({ text }) => text).join(" "),
  times: Math.max(1, turn.times),
  listenSeconds: Math.ceil(turn.listen / 1000),
  digits: turn.digits,
  isLast: turn.isLast,
});
