import { millis } from "#base/duration";
import type { CallEnd, Dial, Turn } from "#ports/phone/port";
import type { Asked } from "./carrier-api.ts";
import type { CallGround } from "./call-ground.ts";

type Placed = { readonly kind: "placed"; readonly id: string } | { readonly kind: "ended"; readonly end: CallEnd };

/** Tries before a call is another line's. */
const mostTries = 4;

const lineFailed = (problem: string): Placed => ({ kind: "ended", end: { cause: "line-failed", talked: millis(0), problem } });

/**
 * Asks the provider for a call. An answer that is missing means that the phone may ring already: then the call is looked for before it is
 * asked for again, since no provider recognises a repeated request by itself.
 */
export async function place(ground: CallGround, asked: Asked, dial: Dial, first: Turn | undefined): Promise<Placed> {
  const { api, clock, pacer, timing } = ground;
  let problem = "";
  for (let tries = 0; tries < mostTries; tries += 1) {
    const created = await api.create(asked, dial, first);
    switch (created.kind) {
      case "created":
        return { kind: "placed", id: created.id };
      case "refused":
        return { kind: "ended", end: created.end };
      case "later":
        problem = "The provider was asked too often.";
        pacer.pause(created.after);
        await pacer.turn();
        break;
      case "not-sent":
        problem = created.problem;
        await clock.sleep("carriers.again", timing.againAfter);
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

/** Several times, since a provider may show a new call a moment later. */
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
