import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { Policy, PolicyInput } from "#wire/escalation";
import { checkPolicy } from "./check-policy.ts";
import { documentOf, nameTaken } from "./create-policy.ts";
import { policiesTopic, type EscalationContext } from "./context.ts";
import { findPolicy } from "./policy-store.ts";
import { presentedPolicy } from "./present.ts";

export interface ChangePolicy {
  readonly id: string;
  readonly input: PolicyInput;
  readonly isConfirmed: boolean;
  /** The version that the caller saw; undefined: whichever there is. */
  readonly version: number | undefined;
}

/**
 * Changes a policy. What already escalates goes on as it began.
 * @throws "forbidden", "not-found", "invalid-input", "conflict" when somebody else changed it since
 */
export function changePolicy(deps: EscalationContext, actor: Actor, { id, input, isConfirmed, version }: ChangePolicy): Promise<Policy> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "policy.change", `escalation-policy:${id}`, at);
    await tx.selectFrom("escalation_policy").select("id").where("id", "=", id).forUpdate().execute();
    const before = await findPolicy(tx, id);
    if (version !== undefined && version !== before.version) {
      throw new HinobanError("conflict", "Somebody else changed this escalation policy meanwhile. Load it again.", {
        id,
        version: before.version,
      });
    }
    await checkPolicy(deps, tx, { id, input, isConfirmed }, at);
    const name = input.name.trim();
    const document = documentOf(input);
    const fields = changedFields(before.document, document);
    if (fields.length === 0) return presentedPolicy(tx, deps.duty, before, at);
    const other = await tx
      .selectFrom("escalation_policy")
      .select("id")
      .where("name", "=", name)
      .where("id", "<>", id)
      .where("deleted_at", "is", null)
      .executeTakeFirst();
    if (other) throw nameTaken(name);
    await tx
      .updateTable("escalation_policy")
      .set({ name, document, version: before.version + 1, changed_at: at })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "escalation-policy.changed",
      object: `escalation-policy:${id}`,
      outcome: "done",
      detail: { fields, version: before.version + 1, ...(isConfirmed ? { isConfirmed: 1 } : {}) },
      texts: { name },
    });
    await publish(tx, policiesTopic);
    return presentedPolicy(tx, deps.duty, await findPolicy(tx, id), at);
  });
}

/** Names of the fields whose values differ between two documents of policies. */
export function changedFields(before: string, after: string): string[] {
  const a = JSON.parse(before) as Record<string, unknown>; // written by documentOf
  const b = JSON.parse(after) as Record<string, unknown>; // the same
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key])).sort();
}
