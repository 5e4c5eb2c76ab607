import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { HostStatus } from "#wire/inventory";
import { acting, type Act } from "./act.ts";
import { lockHost } from "./find.ts";

/** @throws "forbidden", "not-found", "gone" when the host is retired */
export function changeHostStatus(deps: Deps, actor: Actor, input: { readonly id: string; readonly status: HostStatus }): Promise<void> {
  return acting(deps, actor, "host.change", `host:${input.id}`, async (act) => {
    const { status } = await lockHost(act.tx, input.id);
    if (status !== input.status) await applyStatus(act, input.id, status, input.status);
  });
}

/** Writes the new status of a locked host. */
export async function applyStatus({ tx, at, actor, listeners }: Act, id: string, from: HostStatus, to: HostStatus): Promise<void> {
  await tx.updateTable("inventory_host").set({ status: to }).where("id", "=", id).execute();
  await record(tx, { at, actor: actorId(actor), verb: "host.status-changed", object: `host:${id}`, outcome: "done", detail: { from, to } });
  await listeners?.tell(tx, at, { effect: "status-changed", hostId: id, by: actor, from, to });
  await publish(tx, "hosts");
  await publish(tx, `host:${id}`);
}
