import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { EscalationStatus } from "#wire/escalation";
import type { Escalation } from "./escalation.ts";
import { allBindings, allPolicies, builtInPolicy, inputOf } from "./policy-store.ts";
import { reachOf } from "./reach.ts";

/** How an organisation stands: whether somebody is told at all, and what the auditor found. */
export async function statusOf({ duty }: Escalation, tx: Tx, at: UnixMs): Promise<EscalationStatus> {
  const bindings = await allBindings(tx);
  const policies = new Map((await allPolicies(tx)).map((row) => [row.id, row]));
  const used = new Set(bindings.map((row) => row.policy_id));
  const broken: { id: string; name: string }[] = [];
  for (const id of used) {
    const row = policies.get(id);
    if (row && (await reachOf(tx, duty, inputOf(row), at)).reaches === "nobody") broken.push({ id, name: row.name });
  }
  const standard = bindings.find((row) => row.service_id === "" && row.severity === "")?.policy_id;
  const isOwn = standard !== undefined;
  const reachesNobody = isOwn
    ? broken.some(({ id }) => id === standard)
    : (await reachOf(tx, duty, builtInPolicy, at)).reaches === "nobody";
  const { rows } = await sql<{ active: number; overdue: number }>`select count(*) filter (where state = 'active') as active,
      count(*) filter (where next_at < ${at - 60_000}) as overdue
    from escalation_run where organisation_id = hinoban_organisation() and state <> 'done'`.execute(tx);
  const audit = await tx.selectFrom("escalation_audit").select(["at", "findings"]).executeTakeFirst();
  return {
    default: isOwn ? "policy" : "built-in",
    reachesNobody,
    brokenPolicies: broken,
    activeRuns: rows[0]?.active ?? 0,
    overdueRuns: rows[0]?.overdue ?? 0,
    ...(audit ? { auditedAt: audit.at } : {}),
    findings: audit?.findings ?? 0,
  };
}
