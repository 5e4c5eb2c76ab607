import { sql } from "kysely";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, type Act } from "./act.ts";
import { noHost } from "./find.ts";

/**
 * Retires a host for good. It stays readable, its points stay, and its custom identifier is free for another.
 * Retiring it again changes nothing: an agent whose answer was lost asks up to ten times.
 * @throws "forbidden", "not-found"
 */
export function retireHost(deps: Deps, actor: Actor, id: string): Promise<void> {
  return acting(deps, actor, "host.retire", `host:${id}`, async (act) => {
    if (await applyRetirement(act, id)) return;
    const there = await act.tx.selectFrom("inventory_host").select("id").where("id", "=", id).executeTakeFirst();
    if (!there) throw noHost(id);
  });
}

/** False when there is no such host that is still in use. Its memberships end with it, at the very moment that its row names. */
export async function applyRetirement({ tx, at, actor, listeners }: Act, id: string): Promise<boolean> {
  const row = await tx
    .updateTable("inventory_host")
    .set({ retired_at: sql<number>`greatest(${at}, (select max(from_at) from inventory_membership where host_id = ${id}))` })
    .where("id", "=", id)
    .where("retired_at", "is", null)
    .returning("retired_at")
    .executeTakeFirst();
  if (!row) return false;
  await tx
    .updateTable("inventory_membership")
    .set({ to_at: row.retired_at })
    .where("host_id", "=", id)
    .where("to_at", "is", null)
    .execute();
  await record(tx, { at, actor: actorId(actor), verb: "host.retired", object: `host:${id}`, outcome: "done", detail: {} });
  await listeners?.tell(tx, at, { effect: "retired", hostId: id, by: actor });
  await publish(tx, "hosts");
  await publish(tx, `host:${id}`);
  await publish(tx, "services");
  return true;
}
