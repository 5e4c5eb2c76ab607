import type { Timer } from "#base/clock";
import { seconds } from "#base/duration";
import { repeated, type Deps, type Tx } from "#store";
import { applyVerdicts, type Verdict } from "./verdicts.ts";

type Applied = Parameters<typeof applyVerdicts>[0];

export interface ReporterDeps extends Deps, Applied {
  readonly onError: (error: unknown) => void;
  /** What was said counts from now on. */
  readonly settled: (organisationId: string, verdicts: readonly Verdict[]) => void;
}

/** Verdicts in one transaction: many crossings of one moment are one act of grouping. */
const mostAtOnce = 5000;
const retriesAfter = seconds(1);

interface Waiting {
  readonly verdicts: Map<string, Verdict>;
  running: Promise<void> | undefined;
}

const keyOf = ({ monitorId, key }: Verdict): string => `${monitorId} ${key}`;

/**
 * Brings verdicts into the database, for each organisation in one transaction after the other: what comes while one runs waits for the next,
 * and of two verdicts about one target the newer one counts. While the database is away nothing is lost that memory holds.
 */
export class Reporter {
  readonly #deps: ReporterDeps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #retries = new Set<Timer>();
  #isStopped = false;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  push(organisationId: string, verdicts: readonly Verdict[]): void {
    let waiting = this.#waiting.get(organisationId);
    if (!waiting) this.#waiting.set(organisationId, (waiting = { verdicts: new Map(), running: undefined }));
    for (const verdict of verdicts) waiting.verdicts.set(keyOf(verdict), verdict);
    this.#run(organisationId, waiting);
  }

  /** Waits until nothing is on its way. */
  async settled(): Promise<void> {
    for (const waiting of this.#waiting.values()) while (waiting.running) await waiting.running;
  }

  /** Waits for what is on its way; what cannot be written now is judged again by the next process. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#retries) timer.cancel();
    await this.settled();
  }

  #run(organisationId: string, waiting: Waiting): void {
    if (waiting.running || waiting.verdicts.size === 0) return;
    waiting.running = this.#flushAll(organisationId, waiting);
  }

  async #flushAll(organisationId: string, waiting: Waiting): Promise<void> {
    let isDone = true;
    while (isDone && waiting.verdicts.size > 0) isDone = await this.#flush(organisationId, waiting);
    waiting.running = undefined;
    if (!isDone) this.#runLater(organisationId, waiting);
  }

  #runLater(organisationId: string, waiting: Waiting): void {
    if (this.#isStopped) return;
    const timer = this.#deps.clock.after("monitors.report-again", retriesAfter, () => {
      this.#retries.delete(timer);
      this.#run(organisationId, waiting);
    });
    this.#retries.add(timer);
  }

  async #flush(organisationId: string, { verdicts }: Waiting): Promise<boolean> {
    const batch = [...verdicts.values()].slice(0, mostAtOnce);
    for (const verdict of batch) verdicts.delete(keyOf(verdict));
    const at = this.#deps.clock.now();
    try {
      const counted = await repeated(this.#deps.db).tx({ organisationId }, (tx: Tx) => applyVerdicts(this.#deps, tx, at, batch));
      this.#deps.settled(organisationId, counted);
      return true;
    } catch (error) {
      this.#deps.onError(error);
      // A newer verdict about the same target came meanwhile: that one counts.
      for (const verdict of batch) if (!verdicts.has(keyOf(verdict))) verdicts.set(keyOf(verdict), verdict);
      return false;
    }
  }
}
