import type { Clock, Timer } from "#base/clock";
import { millis, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { ProbeOptions } from "#ports/prober/port";
import type { ProbeStep } from "#wire/probe-outcomes";
import type { Phase, Verdict } from "#wire/probe-words";
import { failure, verdictOf } from "./failure.ts";

const longestDetail = 1000;
const mostSteps = 60;

/** What a step gives when it went well, and how it is told. */
export interface Stepped<T> {
  readonly value: T;
  readonly detail: string;
  readonly address?: string;
}

/** What is told of a step that does not come to its end. */
export interface StepPlan {
  /** The verdict when time runs out in the middle. */
  readonly late: () => Verdict;
  readonly address?: string;
}

/** One probe as it goes: its steps, its deadline, and what must be closed when it is over. */
export class Trace {
  readonly steps: ProbeStep[] = [];
  readonly clock: Clock;
  readonly #began: Millis;
  readonly #timeout: Millis;
  readonly #onStep: ProbeOptions["onStep"];
  readonly #deadline: Timer;
  readonly #ending = new Set<() => void>();
  #isLate = false;
  #isCancelled = false;
  #giveUp: ((reason: Error) => void) | undefined;
  readonly #unlisten: () => void;

  constructor(clock: Clock, timeout: Millis, { onStep, signal }: ProbeOptions) {
    this.clock = clock;
    this.#began = clock.mono();
    this.#timeout = timeout;
    this.#onStep = onStep;
    this.#deadline = clock.after("probe.timeout", timeout, () => {
      this.#isLate = true;
      this.#giveUp?.(late);
    });
    const cancel = (): void => {
      this.#isCancelled = true;
      this.#giveUp?.(late);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted === true) this.#isCancelled = true;
    this.#unlisten = () => signal?.removeEventListener("abort", cancel);
  }

  get elapsed(): number {
    return rounded(this.clock.mono() - this.#began);
  }

  /** Until the deadline. */
  get left(): Millis {
    return millis(Math.max(this.#began + this.#timeout - this.clock.mono(), 0));
  }

  /** The sentence for a deadline that passed. */
  get lateDetail(): string {
    return `no answer within ${this.#timeout / 1000} s`;
  }

  /** Does `close` when the probe is over, however it ends. @returns takes it back */
  onEnd(close: () => void): () => void {
    this.#ending.add(close);
    return () => void this.#ending.delete(close);
  }

  /**
   * One step: timed, told, and given up at the deadline.
   * @param within gives the step up earlier than the whole
   * @throws HinobanError that carries a verdict
   */
  async step<T>(phase: Phase, plan: StepPlan, work: () => Promise<Stepped<T>>, within?: Millis): Promise<T> {
    const startMillis = this.elapsed;
    const tell = (verdict: Verdict, detail: string, address = plan.address): void =>
      this.#tell({
        phase,
        startMillis,
        millis: rounded(this.elapsed - startMillis),
        verdict,
        detail: detail.slice(0, longestDetail),
        ...(address === undefined ? {} : { address }),
      });
    try {
      const { value, detail, address } = await this.#inTime(work, within);
      tell("ok", detail, address);
      return value;
    } catch (error) {
      const failed = this.#asFailure(error, plan, within);
      const verdict = verdictOf(failed);
      if (verdict !== undefined) tell(verdict, messageOf(failed));
      throw failed;
    }
  }

  /** Notes a step that was observed rather than done. */
  note(phase: Phase, verdict: Verdict, detail: string, address?: string): void {
    this.#tell({
      phase,
      startMillis: this.elapsed,
      millis: 0,
      verdict,
      detail: detail.slice(0, longestDetail),
      ...(address ? { address } : {}),
    });
  }

  /** Closes everything. Call it once, at the end. */
  end(): void {
    this.#deadline.cancel();
    this.#unlisten();
    for (const close of this.#ending) close();
    this.#ending.clear();
  }

  #tell(step: ProbeStep): void {
    if (this.steps.length >= mostSteps) return;
    this.steps.push(step);
    this.#onStep?.(step);
  }

  async #inTime<T>(work: () => Promise<T>, within: Millis | undefined): Promise<T> {
    if (this.#isLate || this.#isCancelled) throw late;
    let timer: Timer | undefined;
    const over = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject;
      if (within !== undefined && within < this.left) timer = this.clock.after("probe.step", within, () => reject(early));
    });
    over.catch(() => undefined);
    try {
      return await Promise.race([work(), over]);
    } finally {
      timer?.cancel();
      this.#giveUp = undefined;
    }
  }

  #asFailure(error: unknown, plan: StepPlan, within: Millis | undefined): unknown {
    if (error !== late && error !== early) return error;
    if (this.#isCancelled) return failure("cancelled", "ended before it was done");
    return failure(plan.late(), error === early ? `no answer within ${(within ?? 0) / 1000} s` : this.lateDetail);
  }
}

const late = new Error("the probe's time is over");
const early = new Error("the step's time is over");

/** Hundredths of a millisecond are more than a network can mean. */
export const rounded = (value: number): number => Math.max(Math.round(value * 100) / 100, 0);
