import { sql } from "kysely";
import { minutes, type UnixMs } from "#base/duration";
import type { Duty } from "#features/duty";
import type { Tx } from "#store";
import type { EscalationStatus } from "#wire/escalation";
import type { EscalationContext } from "./context.ts";
import { allBindings, allPolicies, builtInPolicy, inputOf } from "./policy-store.ts";
import { reachOf } from "./reach.ts";

/** How an organisation stands: whether somebody is told at all, and what the auditor found. */
export async function statusOf({ duty }: EscalationContext, tx: Tx, at: UnixMs): Promise<EscalationStatus> {
  const bindings = await allBindings(tx);
  const broken = await brokenPolicies(duty, tx, new Set(bindings.map((row) => row.policy_id)), at);
  const standard = bindings.find((row) => row.service_id === "" && row.severity === "")?.policy_id;
  const reachesNobody =
    standard === undefined ? (await reachOf(tx, duty, builtInPolicy, at)).reaches === "nobody" : broken.some(({ id }) => id === standard);
  const { rows } = await sql<{ active: number; overdue: number }>`select count(*) filter (where state = 'active') as active,
      count(*) filter (where next_at < ${at - minutes(1)}) as overdue
    from escalation_run where organisation_id = hinoban_organisation() and state <> 'done'`.execute(tx);
  const { active = 0, overdue = 0 } = rows[0] ?? {};
  return {
    default: standard === undefined ? "built-in" : "policy",
    reachesNobody,
    brokenPolicies: broken,
    activeRuns: active,
    overdueRuns: overdue,
    ...(await lastAudit(tx)),
  };
}

async function brokenPolicies(duty: Duty, tx: Tx, used: ReadonlySet<string>, at: UnixMs): Promise<EscalationStatus["brokenPolicies"]> {
  const broken: EscalationStatus["brokenPolicies"] = [];
  for (const row of await allPolicies(tx)) {
    if (used.has(row.id) && (await reachOf(tx, duty, inputOf(row), at)).reaches === "nobody") broken.push({ id: row.id, name: row.name });
  }
  return broken;
}

async function lastAudit(tx: Tx): Promise<Pick<EscalationStatus, "auditedAt" | "findings">> {
  const audit = await tx.selectFrom("escalation_audit").select(["at", "findings"]).executeTakeFirst();
  return audit ? { auditedAt: audit.at, findings: audit.findings } : { findings: 0 };
}
