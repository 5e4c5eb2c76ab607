import type { UnixMs } from "#base/duration";
import type { Duty } from "#features/duty";
import type { Incidents } from "#features/incidents";
import type { Notify } from "#features/notify";
import { DueWork, type Change, type Db, type Tx } from "#store";
import { Auditor } from "./auditor.ts";
import { escalationTopic, type EscalationContext, type EscalationDeps } from "./context.ts";
import { dutyListener } from "./duty-notices.ts";
import { incidentsListener } from "./incident-changes.ts";
import { notifyListener } from "./outcomes.ts";
import { skipStep } from "./skip-step.ts";
import { Worker } from "./worker.ts";

/** Walks incidents that nobody has over their policies until somebody takes them, in all organisations. */
export class Escalation implements EscalationContext {
  readonly db: Db;
  readonly clock: EscalationDeps["clock"];
  readonly incidents: Incidents;
  readonly notify: Notify;
  readonly duty: Duty;
  readonly log: EscalationDeps["log"];
  readonly auditor: Auditor;
  readonly #worker: Worker;
  readonly #due: DueWork;

  /** Listens at once: incidents that open before the start have their run as well. */
  constructor(deps: EscalationDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.incidents = deps.incidents;
    this.notify = deps.notify;
    this.duty = deps.duty;
    this.log = deps.log;
    this.#worker = new Worker(this);
    this.auditor = new Auditor(this);
    this.#due = new DueWork({
      name: "escalation.runs",
      clock: deps.clock,
      look: () => this.#worker.look(),
      onError: (error) => this.#worker.complain(error),
    });
    deps.incidents.listen(incidentsListener(this));
    deps.notify.listen(notifyListener());
    deps.duty.listen(dutyListener(this));
  }

  /** Something may be due now. */
  wake(): void {
    this.#due.wake();
  }

  onChange(change: Change | undefined): void {
    if (!change || change.topic === escalationTopic) this.wake();
  }

  /** See {@link skipStep}. */
  skipStep(tx: Tx, at: UnixMs, incidentId: string): Promise<boolean> {
    return skipStep(this, tx, at, incidentId);
  }

  /** Waits until nothing is looked at. */
  async settled(): Promise<void> {
    await this.#due.settled();
    await this.#worker.settled();
    await this.#due.settled(); // what was reported may have opened an incident
  }

  /** Begins to work and to audit; the result ends both and waits for what runs. */
  start(): () => Promise<void> {
    this.#due.start();
    const stopAudits = this.auditor.start();
    return async () => {
      await stopAudits();
      await this.#due.stop();
      await this.#worker.settled();
    };
  }
}

export const openEscalation = (deps: EscalationDeps): Escalation => new Escalation(deps);
