import { hours, millis, seconds, type Millis } from "#base/duration";
import type { CallEnd, Dial } from "#ports/phone/port";
import type { Asked } from "./carrier-api.ts";
import type { CallGround } from "./call-ground.ts";
import { rest } from "./pacer.ts";

type Placed =
  | { readonly kind: "placed"; readonly id: string }
  | { readonly kind: "ended"; readonly end: CallEnd }
  /** Nobody wants it any more, and nothing rings. */
  | { readonly kind: "given-up" };

/** Tries before a call is another line's. */
const mostTries = 4;

/** Whoever wants to be left alone for longer gets no call: another line's turn is sooner. */
const longestPause = seconds(5);
/** What is believed of a wish to be left alone. */
const longestAsked = hours(1);

const lineFailed = (problem: string, retryAfter?: Millis): Placed => ({
  kind: "ended",
  end: { cause: "line-failed", talked: millis(0), problem, ...(retryAfter === undefined ? {} : { retryAfter }) },
});

/**
 * Asks the provider for a call. An answer that is missing means that the phone may ring already: then the call is looked for before it is
 * asked for again, since no provider recognises a repeated request by itself.
 * @param wanted aborted as soon as nobody wants the call: then it is not asked for again
 */
export async function place(ground: CallGround, asked: Asked, dial: Dial, wanted: AbortSignal): Promise<Placed> {
  const { api, clock, pacer, timing } = ground;
  // A provider that cannot ask us must have the words before anybody answers.
  const first = api.way === "polling" ? dial.first : undefined;
  let problem = "";
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (wanted.aborted) return { kind: "given-up" };
    const created = await api.create(asked, dial, first);
    switch (created.kind) {
      case "created":
        return { kind: "placed", id: created.id };
      case "refused":
        return { kind: "ended", end: created.end };
      case "later":
        problem = "The provider was asked too often.";
        if (created.after > longestPause) return lineFailed(problem, millis(Math.min(created.after, longestAsked)));
        pacer.pause(created.after);
        await pacer.turn(wanted);
        break;
      case "not-sent":
        problem = created.problem;
        await rest(clock, "carriers.again", timing.againAfter, wanted);
        break;
      case "unknown": {
        problem = created.problem;
        const found = await lookFor(ground, asked);
        if (found === "cannot-ask") return lineFailed(`${problem} Whether it rings could not be found out.`);
        if (found !== undefined) return { kind: "placed", id: found };
        break;
      }
    }
  }
  return lineFailed(problem);
}

/** Several times, since a provider may show a new call a moment later. To the end, though nobody may want it: what rings has to be ended. */
async function lookFor({ api, clock, timing, addresses }: CallGround, asked: Asked): Promise<string | undefined> {
  let couldAsk = false;
  for (const wait of timing.findAfter) {
    await clock.sleep("carriers.find", wait);
    // Its own request to us names the call by our reference: nothing is surer.
    const hooked = await addresses.idOf(asked.ref);
    if (hooked !== undefined) return hooked;
    try {
      const found = await api.find(asked);
      if (found !== undefined) return found;
      couldAsk = true;
    } catch {
      // Asked again below.
    }
  }
  return couldAsk ? undefined : "cannot-ask";
}
