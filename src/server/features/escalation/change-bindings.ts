import { sql } from "kysely";
import { invalidInput, type FieldProblem } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { Binding } from "#wire/escalation";
import { policiesTopic, type EscalationContext } from "./context.ts";
import { allBindings, allPolicies, presentedBinding, type BindingRow } from "./policy-store.ts";

/**
 * Sets which policies hold for what: all bindings at once, so that nobody sees half of them. Incidents that open from now on follow.
 * @throws "forbidden", "invalid-input" for an unknown service or policy, or two policies for the same
 */
export function changeBindings(deps: EscalationContext, actor: Actor, bindings: readonly Binding[]): Promise<Binding[]> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "policy.change", `organisation:${actor.organisationId}`, at);
    await sql`select pg_advisory_xact_lock(hashtext('escalation bindings ' || hinoban_organisation()))`.execute(tx);
    const services = await checkBindings(tx, bindings);
    const before = await allBindings(tx);
    const after = bindings.map(({ service, severity, policyId }): BindingRow => ({
      service_id: service === undefined ? "" : (services.get(service) ?? ""),
      severity: severity ?? "",
      policy_id: policyId,
    }));
    const had = new Set(before.map(textOf));
    const has = new Set(after.map(textOf));
    const added = after.filter((row) => !had.has(textOf(row)));
    const removed = before.filter((row) => !has.has(textOf(row)));
    if (added.length === 0 && removed.length === 0) return before.map(presentedBinding);
    for (const { service_id, severity } of removed) {
      await tx.deleteFrom("escalation_binding").where("service_id", "=", service_id).where("severity", "=", severity).execute();
    }
    if (added.length > 0) await tx.insertInto("escalation_binding").values(added).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "escalation-bindings.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { added: added.map(textOf).slice(0, 100), removed: removed.map(textOf).slice(0, 100) },
    });
    await publish(tx, policiesTopic);
    return (await allBindings(tx)).map(presentedBinding);
  });
}

const textOf = ({ service_id, severity, policy_id }: BindingRow): string =>
  `${service_id === "" ? "all" : service_id} ${severity === "" ? "all" : severity} ${policy_id}`;

/** @returns ids of the services by name */
async function checkBindings(tx: Tx, bindings: readonly Binding[]): Promise<ReadonlyMap<string, string>> {
  const policies = new Set((await allPolicies(tx)).map(({ id }) => id));
  const names = [...new Set(bindings.flatMap(({ service }) => service ?? []))];
  const rows =
    names.length === 0
      ? []
      : await tx
          .selectFrom("inventory_service")
          .select(["id", "name"])
          .where("name", "in", names)
          .where("deleted_at", "is", null)
          .execute();
  const services = new Map(rows.map(({ id, name }) => [name, id]));
  const problems: FieldProblem[] = [];
  const seen = new Set<string>();
  for (const [index, { service, severity, policyId }] of bindings.entries()) {
    const key = `${service ?? ""} ${severity ?? ""}`;
    if (seen.has(key)) problems.push({ field: `bindings.${index}`, problem: "there already is a policy for this service and severity" });
    seen.add(key);
    if (!policies.has(policyId)) problems.push({ field: `bindings.${index}.policyId`, problem: "there is no such escalation policy" });
    if (service !== undefined && !services.has(service)) {
      problems.push({ field: `bindings.${index}.service`, problem: `there is no service ${service}` });
    }
  }
  if (problems.length > 0) throw invalidInput(problems);
  return services;
}
