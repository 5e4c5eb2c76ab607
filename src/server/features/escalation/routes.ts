import { scopeOf, serve, type Actor, type Served } from "#http";
import type { Tx } from "#store";
import * as wire from "#wire/escalation";
import { changeBindings } from "./change-bindings.ts";
import { changePolicy } from "./change-policy.ts";
import { createPolicy } from "./create-policy.ts";
import { deletePolicy } from "./delete-policy.ts";
import { dryRunOf } from "./dry-run.ts";
import type { EscalationContext } from "./context.ts";
import { allBindings, allPolicies, findPolicy, inputOf, presentedBinding } from "./policy-store.ts";
import { mentionedBy, namesFor, presentedPolicy, textOfTarget } from "./present.ts";
import { runsOf } from "./read-runs.ts";
import { statusOf } from "./read-status.ts";

/** Serves policies, what they are bound to, dry runs, and the runs of incidents. */
export function registerEscalation(served: Served, escalation: EscalationContext): void {
  const { db, clock, duty } = escalation;
  const read = <T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> => db.tx(scopeOf(actor), work);

  serve(served, wire.getEscalationStatus, ({ actor }) => read(actor, (tx) => statusOf(escalation, tx, clock.now())));
  serve(served, wire.listPolicies, ({ actor }) =>
    read(actor, async (tx) => {
      const rows = await allPolicies(tx);
      const policies: wire.Policy[] = [];
      for (const row of rows) policies.push(await presentedPolicy(tx, duty, row, clock.now()));
      const bindings = (await allBindings(tx)).map(presentedBinding);
      return { policies, bindings, names: await namesFor(tx, mentionedBy(rows.map(inputOf))) };
    }),
  );
  serve(served, wire.getPolicy, ({ actor, params }) =>
    read(actor, async (tx) => {
      const row = await findPolicy(tx, params.id);
      return { policy: await presentedPolicy(tx, duty, row, clock.now()), names: await namesFor(tx, mentionedBy([inputOf(row)])) };
    }),
  );
  serve(served, wire.createPolicy, ({ actor, body: { isConfirmed = false, ...input } }) =>
    createPolicy(escalation, actor, { input, isConfirmed }),
  );
  serve(served, wire.changePolicy, ({ actor, params, body: { isConfirmed = false, version, ...input } }) =>
    changePolicy(escalation, actor, { id: params.id, input, isConfirmed, version }),
  );
  serve(served, wire.deletePolicy, async ({ actor, params }) => {
    await deletePolicy(escalation, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.changeBindings, async ({ actor, body }) => ({ bindings: await changeBindings(escalation, actor, body.bindings) }));
  serve(served, wire.dryRun, ({ actor, body }) => read(actor, (tx) => dryRunOf(tx, duty, body, clock.now())));
  serve(served, wire.listRuns, ({ actor, params }) =>
    read(actor, async (tx) => {
      const { state, runs } = await runsOf(escalation, tx, params.id);
      const mentioned = runs.flatMap((run) => [
        ...run.attempts.flatMap(({ personId, channelId }) => [`person:${personId ?? ""}`, `channel:${channelId ?? ""}`]),
        ...run.nextTargets.map(textOfTarget),
      ]);
      return { state, runs, names: await namesFor(tx, mentioned) };
    }),
  );
}
