import { sql, type Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import type { Severity } from "#wire/alerting";
import { defaultSlope, type Binding, type PolicyInput } from "#wire/escalation";
import { mostChained, type FrozenPolicy } from "./model.ts";
import type { EscalationBindingTable, EscalationPolicyTable } from "./tables.ts";

export type PolicyRow = Selectable<EscalationPolicyTable>;
export type BindingRow = Pick<Selectable<EscalationBindingTable>, "service_id" | "severity" | "policy_id">;

/** What holds where nobody bound a policy: all owners are mailed at once, again after a quarter of an hour, and then every hour. */
export const builtInPolicy: FrozenPolicy = {
  id: undefined,
  version: 0,
  name: "",
  rounds: 2,
  pauseSeconds: 600,
  minOpenSeconds: 0,
  ackTimeoutSeconds: 0,
  slope: defaultSlope,
  steps: [{ afterSeconds: 0, mode: "at-once", medium: "mail", waitSeconds: 300, targets: [{ kind: "owners" }] }],
  exhausted: { repeatSeconds: 3600 },
};

/** Written by the verbs of this feature in this shape. */
export const inputOf = (row: Pick<PolicyRow, "document">): PolicyInput => JSON.parse(row.document) as PolicyInput; // see above

export function frozenOf(row: PolicyRow): FrozenPolicy {
  const { memo: _memo, ...input } = inputOf(row);
  return { ...input, id: row.id, version: row.version };
}

export const allPolicies = (tx: Tx): Promise<PolicyRow[]> =>
  tx
    .selectFrom("escalation_policy")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy(sql`name collate "C"`)
    .orderBy("id")
    .execute();

/** @throws "not-found" */
export async function findPolicy(tx: Tx, id: string): Promise<PolicyRow> {
  const row = await tx.selectFrom("escalation_policy").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no escalation policy ${id}.`, { id });
  return row;
}

/** The organisation's before those of services, each by service and severity; those of services that were deleted hold for nothing. */
export async function allBindings(tx: Tx): Promise<NamedBindingRow[]> {
  return tx
    .selectFrom("escalation_binding as b")
    .leftJoin("inventory_service as s", "s.id", "b.service_id")
    .select(["b.service_id", "b.severity", "b.policy_id", "s.name as service"])
    .where((of) => of.or([of("b.service_id", "=", ""), of("s.deleted_at", "is", null)]))
    .orderBy("b.service_id")
    .orderBy("b.severity")
    .execute();
}

export interface NamedBindingRow extends BindingRow {
  readonly service: string | null;
}

export const presentedBinding = ({ service, severity, policy_id: policyId }: NamedBindingRow): Binding => ({
  ...(service === null ? {} : { service }),
  ...(severity === "" ? {} : { severity }),
  policyId,
});

/** All policies and what they are bound to, to be asked many times within one transaction. */
export interface PolicyBook {
  readonly find: (id: string) => FrozenPolicy | undefined;
  /** The policy that holds: the service's for the severity, the service's, the organisation's for the severity, the organisation's, the built-in one. */
  readonly holdingFor: (serviceIds: readonly string[], severity: Severity) => FrozenPolicy;
}

export async function openBook(tx: Tx): Promise<PolicyBook> {
  const policies = new Map<string, FrozenPolicy>();
  for (const row of await allPolicies(tx)) policies.set(row.id, frozenOf(row));
  const bound = new Map<string, string>();
  for (const { service_id, severity, policy_id } of await allBindings(tx)) bound.set(`${service_id} ${severity}`, policy_id);
  const find = (id: string): FrozenPolicy | undefined => policies.get(id);
  const boundTo = (serviceId: string, severity: Severity): FrozenPolicy | undefined => {
    const id = bound.get(`${serviceId} ${severity}`) ?? bound.get(`${serviceId} `);
    return id === undefined ? undefined : find(id);
  };
  return {
    find,
    holdingFor: (serviceIds, severity) => {
      for (const serviceId of serviceIds) {
        const own = boundTo(serviceId, severity);
        if (own) return own;
      }
      return boundTo("", severity) ?? builtInPolicy;
    },
  };
}

/** Whether a policy would come back to itself through those that go on after it, or the chain is longer than a run walks. */
export function chainProblem(
  id: string | undefined,
  followingId: string | undefined,
  find: PolicyBook["find"],
): "circle" | "long" | undefined {
  const seen = new Set(id === undefined ? [] : [id]);
  let following = followingId;
  for (let length = 1; following !== undefined; length += 1) {
    if (seen.has(following)) return "circle";
    if (length >= mostChained) return "long";
    seen.add(following);
    following = find(following)?.exhausted.policyId;
  }
  return undefined;
}
