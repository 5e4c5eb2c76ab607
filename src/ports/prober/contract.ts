import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import type { Prober } from "./port.ts";

/** The little that a contract asks of a test runner. */
export interface TestApi {
  test(name: string, body: () => Promise<void>): void;
  equal(actual: unknown, expected: unknown): void;
}

/** A prober and things to probe. */
export interface Rig {
  readonly prober: Prober;
  /** Something that answers as it should. */
  good(): Promise<ProbeSpec>;
  /** Where nobody listens. */
  closed(): Promise<ProbeSpec>;
  /** Something that never answers. */
  silent(): Promise<ProbeSpec>;
  close(): Promise<void>;
}

/** What every prober must do. */
export function proberContract(t: TestApi, start: () => Promise<Rig>): void {
  const each = (name: string, body: (rig: Rig) => Promise<void>): void =>
    t.test(name, async () => {
      const rig = await start();
      try {
        await body(rig);
      } finally {
        await rig.close();
      }
    });
  const sane = ({ steps, message, millis }: ProbeOutcome): boolean =>
    steps.every((step) => step.startMillis >= 0 && step.millis >= 0 && step.detail.length <= 1000) && message.length <= 1000 && millis >= 0;

  each("says that something works, and tells each step while it goes", async (rig) => {
    const told: string[] = [];
    const outcome = await rig.prober.probe(await rig.good(), { onStep: (step) => told.push(step.phase) });
    t.equal(outcome.verdict, "ok");
    t.equal(
      outcome.steps.map((step) => step.phase),
      told,
    );
    t.equal(told.length > 0 && sane(outcome), true);
  });
  each("makes an outcome of what is wrong out there", async (rig) => {
    const outcome = await rig.prober.probe(await rig.closed());
    t.equal(outcome.verdict, "refused");
    t.equal(outcome.steps.at(-1)?.verdict, "refused");
    t.equal(sane(outcome), true);
  });
  each("ends when it is cancelled", async (rig) => {
    // AbortController is not known to this world; whoever starts the rig brings the signal along.
    const before: AbortSignal = {
      aborted: true,
      reason: "over",
      throwIfAborted: () => undefined,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    };
    t.equal((await rig.prober.probe(await rig.silent(), { signal: before })).verdict, "cancelled");
  });
}
