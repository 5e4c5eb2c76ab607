import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { policiesTopic, type EscalationContext } from "./context.ts";
import { allPolicies, findPolicy, inputOf } from "./policy-store.ts";

/** Deletes a policy that nothing is bound to. What already escalates goes on. @throws "forbidden", "not-found", "conflict" while it is in use */
export function deletePolicy(deps: EscalationContext, actor: Actor, id: string): Promise<void> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "policy.change", `escalation-policy:${id}`, at);
    await tx.selectFrom("escalation_policy").select("id").where("id", "=", id).forUpdate().execute();
    const { name } = await findPolicy(tx, id);
    const bound = await tx.selectFrom("escalation_binding").select("policy_id").where("policy_id", "=", id).executeTakeFirst();
    if (bound) throw new HinobanError("conflict", "This escalation policy is in use. Bind its services to another one first.", { id });
    const before = (await allPolicies(tx)).find((row) => inputOf(row).exhausted.policyId === id);
    if (before)
      throw new HinobanError("conflict", `The escalation policy ${before.name} goes on with this one. Change it first.`, {
        id,
        before: before.id,
      });
    await tx.updateTable("escalation_policy").set({ deleted_at: at }).where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "escalation-policy.deleted",
      object: `escalation-policy:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    await publish(tx, policiesTopic);
  });
}
