import { sql } from "kysely";
import { days, unixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import { installationScope } from "#store";
import type { ProbeStep } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import type { FoundSoFar, ProbesContext } from "./context.ts";
import { cannotProbe, withoutSecrets } from "./model.ts";

const keptFor = days(1);

/** Probes that people asked for and that this server makes: each step is written down as it comes. */
export class Runs {
  readonly #deps: ProbesContext;
  readonly #running = new Set<Promise<void>>();

  constructor(deps: ProbesContext) {
    this.#deps = deps;
  }

  begin(organisationId: string, id: string, spec: ProbeSpec): void {
    const running = this.#run(organisationId, id, spec)
      .catch((error: unknown) => this.#deps.log.warn({ error: messageOf(error) }, "what a probe found could not be written down"))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Removes runs of yesterday. */
  async tidy(): Promise<void> {
    const { db, clock, log } = this.#deps;
    const before = unixMs(clock.now() - keptFor);
    await db
      .tx(installationScope, (tx) => sql`select hinoban_expire_probe_runs(${before})`.execute(tx))
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, "old probes could not be removed"));
  }

  /**
   * Writes down what a run found so far; whoever looks at it asks again and again. What comes behind the outcome is left out.
   * @returns false when there is no such run of that place, or it is over
   */
  async note(organisationId: string, run: { readonly id: string; readonly vantage: string }, found: FoundSoFar): Promise<boolean> {
    const { steps, outcome } = found;
    return this.#deps.db.tx({ organisationId }, async (tx) => {
      const row = await tx
        .selectFrom("probes_run")
        .select("spec")
        .where("id", "=", run.id)
        .where("vantage", "=", run.vantage)
        .where("state", "!=", "done")
        .forUpdate()
        .executeTakeFirst();
      if (!row) return false;
      const spec = JSON.parse(row.spec) as ProbeSpec; // written by runProbe in this shape
      const kept = outcome ? { state: "done" as const, outcome: JSON.stringify(outcome), spec: JSON.stringify(withoutSecrets(spec)) } : {};
      // oxlint-disable-next-line hinoban/recorded-mutations -- what a probe found is an observation; that somebody asked was recorded then
      await tx
        .updateTable("probes_run")
        .set({ steps: JSON.stringify(steps), ...kept })
        .where("id", "=", run.id)
        .execute();
      return true;
    });
  }

  async #run(organisationId: string, id: string, spec: ProbeSpec): Promise<void> {
    const { prober } = this.#deps;
    const steps: ProbeStep[] = [];
    let writing: Promise<unknown> = Promise.resolve();
    let isWriting = false;
    const run = { id, vantage: "server" };
    const write = (): void => {
      if (isWriting) return; // the write that runs is followed by another look
      isWriting = true;
      writing = (async () => {
        for (let written = 0; written < steps.length;) {
          written = steps.length;
          await this.note(organisationId, run, { steps: [...steps] });
        }
        isWriting = false;
      })();
      writing.catch(() => (isWriting = false));
    };
    const onStep = (step: ProbeStep): void => {
      steps.push(step);
      write();
    };
    const outcome = await prober.probe(spec, { onStep }).catch((error: unknown) => cannotProbe(messageOf(error), 0));
    await writing.catch(() => undefined);
    await this.note(organisationId, run, { steps: outcome.steps, outcome });
  }
}
