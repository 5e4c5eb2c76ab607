import { scopeOf, serve, type Served } from "#http";
import { demandHost } from "#features/inventory";
import { listReporters, type Reporter } from "#wire/reporters";
import type { Receivers } from "./receivers.ts";

/** Serves what all receivers have in common: who reports for a host. */
export function registerReceivers(served: Served, receivers: Receivers): void {
  serve(served, listReporters, async ({ actor, params }) => {
    const { bindings, agentAt } = await receivers.db.tx(scopeOf(actor), async (tx) => {
      await demandHost(tx, params.id);
      const seen = await tx.selectFrom("inventory_seen").select("agent_at").where("host_id", "=", params.id).executeTakeFirst();
      const rows = await tx.selectFrom("receivers_binding").select(["kind", "name", "seen_at"]).where("host_id", "=", params.id).execute();
      return { bindings: rows, agentAt: seen?.agent_at ?? undefined };
    });
    const agentSeenAt = receivers.agentSeenAt(params.id) ?? agentAt;
    const reporters: Reporter[] = bindings.map((row) => ({
      kind: row.kind,
      name: row.name,
      lastSeenAt: receivers.seenAt(actor.organisationId, row.kind, row.name) ?? row.seen_at,
    }));
    if (agentSeenAt !== undefined) reporters.push({ kind: "agent", name: "", lastSeenAt: agentSeenAt });
    return { reporters: reporters.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt) };
  });
}
