import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import type { ProbeOptions, Prober } from "./port.ts";

/** What the fake's network does at an address. */
type Behaviour = { readonly outcome: ProbeOutcome } | "silent";

const refused: ProbeOutcome = {
  verdict: "refused",
  message: "ECONNREFUSED",
  millis: 1,
  steps: [{ phase: "connect", startMillis: 0, millis: 1, verdict: "refused", detail: "ECONNREFUSED" }],
};
const cancelled: ProbeOutcome = { verdict: "cancelled", message: "ended before it was done", millis: 0, steps: [] };

/** A network in memory. An address of which nothing is known refuses. */
export class FakeProber implements Prober {
  readonly #behaviours = new Map<string, Behaviour>();
  /** What was asked for, oldest first. */
  readonly probed: ProbeSpec[] = [];
  #most = 0;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** From now on this address (the URL of HTTP, or the host) answers so. */
  answer(address: string, outcome: ProbeOutcome): void {
    this.#behaviours.set(address, { outcome });
  }

  /** From now on a probe of this address lasts until it is cancelled or {@link release}d. */
  hang(address: string): void {
    this.#behaviours.set(address, "silent");
  }

  /** Ends what hangs, as timed out. */
  release(): void {
    for (const end of this.#waiting) end();
  }

  get running(): number {
    return this.#running;
  }

  /** Most probes that ran at a time. */
  get mostAtOnce(): number {
    return this.#most;
  }

  async probe(spec: ProbeSpec, { onStep, signal }: ProbeOptions = {}): Promise<ProbeOutcome> {
    if (signal?.aborted === true) return cancelled;
    this.probed.push(spec);
    this.#running += 1;
    this.#most = Math.max(this.#most, this.#running);
    try {
      const behaviour = this.#behaviours.get(addressOf(spec)) ?? { outcome: refused };
      if (behaviour === "silent") return await this.#silence(signal);
      for (const step of behaviour.outcome.steps) onStep?.(step);
      return behaviour.outcome;
    } finally {
      this.#running -= 1;
    }
  }

  #silence(signal: AbortSignal | undefined): Promise<ProbeOutcome> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        resolve({ ...cancelled, verdict: signal?.aborted === true ? "cancelled" : "connect-timed-out" });
      };
      this.#waiting.add(end);
      signal?.addEventListener("abort", end, { once: true });
    });
  }
}

const addressOf = (spec: ProbeSpec): string => (spec.kind === "http" ? spec.url : spec.kind === "dns" ? spec.name : spec.host);
