import type { Verdict } from "#wire/probe-words";
import type { StepPlan } from "./trace.ts";
import type { Wire } from "./wire.ts";

/** A step in which the other side has to speak. */
export const listening = (wire: Wire): StepPlan => ({
  late: (): Verdict => (wire.received === 0 ? "silent" : "answer-timed-out"),
  address: wire.address,
});
