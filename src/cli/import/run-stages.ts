import { messageOf } from "#base/errors";
import type { Call } from "../call.ts";
import { CliFailure, exitCodes, plain, type Text } from "../text.ts";
import { Progress } from "./progress.ts";
import { atOnce, inParallel, type Result, type Stage, type Step } from "./steps.ts";

export interface StagesRun {
  readonly results: readonly Result[];
  /** Why it ended before its end: the key was refused, or a server cannot be reached any more. */
  readonly brokenBy?: CliFailure;
}

/**
 * Plans and does one stage after the other. What a server refuses is noted and the rest goes on; a refused key or a server that is gone
 * ends the run, and what was done until then stays done: the next run goes on from there.
 * @param isDry plans only.
 */
export async function runStages(call: Call, stages: readonly Stage[], isDry: boolean, progress = new Progress(call)): Promise<StagesRun> {
  const results: Result[] = [];
  try {
    for (const stage of stages) {
      progress.begin(stage.title, 0);
      const steps = await stage.plan();
      progress.begin(stage.title, steps.length);
      await inParallel(steps, atOnce, async (step) => {
        results.push({ kind: stage.kind, name: step.name, ...(isDry ? planned(step) : await done(step)) });
        progress.step();
      });
    }
    return { results };
  } catch (error) {
    return {
      results,
      brokenBy:
        error instanceof CliFailure ? error : new CliFailure(plain(messageOf(error)), exitCodes.failed, "internal", { cause: error }),
    };
  } finally {
    progress.clear();
  }
}

type What = Pick<Result, "outcome" | "why">;

const withWhy = (outcome: Result["outcome"], why: Text | undefined): What => (why === undefined ? { outcome } : { outcome, why });

const planned = ({ plan, why }: Step): What => withWhy(plan, why);

async function done(step: Step): Promise<What> {
  try {
    const said = await step.apply?.();
    return said ? withWhy(said.outcome, said.why) : planned(step);
  } catch (error) {
    const isAboutThis = error instanceof CliFailure && error.exit === exitCodes.failed;
    if (isAboutThis) return { outcome: "failed", why: error.text };
    throw error;
  }
}
