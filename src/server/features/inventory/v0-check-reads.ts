import { sql } from "kysely";
import { HinobanError } from "#base/errors";
import { pageOfQuery, scopeOf, type V0 } from "#http";
import type { Tx } from "#store";
import type { CheckStatus } from "#wire/inventory";
import type { Inventory } from "./inventory.ts";

/** Serves what Mackerel calls check monitors: the checks of hosts, which come into being with their first report. */
export function registerCheckReads(v0: V0, inventory: Inventory): void {
  v0.route({ method: "GET", path: "/monitoring/checks", needs: "inventory.view" }, async ({ actor, query }) => {
    const page = pageOfQuery(query);
    const checks = await inventory.db.tx(scopeOf(actor), (tx) => pageOfChecks(tx, page));
    const next = checks[page.limit];
    return { checks: checks.slice(0, page.limit), ...(next ? { nextId: next.id } : {}) };
  });
  v0.route({ method: "GET", path: "/monitoring/checks/:id", needs: "inventory.view" }, async ({ actor, params }) => {
    const id = params["id"] ?? "";
    const check = await inventory.db.tx(scopeOf(actor), (tx) =>
      tx.selectFrom("inventory_check").select(["id", "name"]).where("id", "=", id).executeTakeFirst(),
    );
    if (!check) throw new HinobanError("not-found", `There is no check ${id}.`, { id });
    return { check };
  });
}

interface CheckName {
  readonly id: string;
  readonly name: string;
}

/** Checks of hosts in use, ascending by id from `nextId` on, which belongs to the page; one more than the page has, when there are more. */
function pageOfChecks(tx: Tx, { limit, nextId }: { readonly limit: number; readonly nextId?: string }): Promise<CheckName[]> {
  return tx
    .selectFrom("inventory_check as c")
    .innerJoin("inventory_host as h", "h.id", "c.host_id")
    .select(["c.id", "c.name"])
    .where("h.retired_at", "is", null)
    .$if(nextId !== undefined, (q) => q.where(sql<boolean>`c.id collate "C" >= ${nextId ?? ""}`))
    .orderBy(sql`c.id collate "C"`)
    .limit(limit + 1)
    .execute();
}

/** A check as Mackerel shows it among what watches a host. */
export interface CheckState {
  readonly monitorId: string;
  readonly status: CheckStatus;
  readonly detail: { readonly type: "check"; readonly message: string; readonly memo?: string };
}

/** What each check of a host found last; one that never reported has no status. */
export async function checkStatuses(tx: Tx, hostId: string): Promise<CheckState[]> {
  const rows = await tx
    .selectFrom("inventory_check")
    .select(["id", "status", "message", "memo"])
    .where("host_id", "=", hostId)
    .where("status", "is not", null)
    .orderBy(sql`id collate "C"`)
    .execute();
  return rows.map(({ id, status, message, memo }) => ({
    monitorId: id,
    status: status ?? "UNKNOWN",
    detail: { type: "check", message: message ?? "", ...(memo === "" ? {} : { memo }) },
  }));
}
