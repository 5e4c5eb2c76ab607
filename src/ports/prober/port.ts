import type { ProbeOutcome, ProbeStep } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";

export interface ProbeOptions {
  /** Told of each step when it is over. */
  readonly onStep?: (step: ProbeStep) => void;
  /** Ends the probe early, with the verdict "cancelled". */
  readonly signal?: AbortSignal;
}

/** Asks the network, from the machine that it runs on. */
export interface Prober {
  /**
   * One probe, to its end, at most its own timeout. What is wrong out there is an outcome.
   * @throws HinobanError "invalid-input" for a spec that asks for nothing that could be done (a URL that is none)
   */
  probe(spec: ProbeSpec, options?: ProbeOptions): Promise<ProbeOutcome>;
}
