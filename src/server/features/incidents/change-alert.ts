import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, repeated } from "#store";
import { demandAlert } from "./read-alerts.ts";

/** Bytes, as Mackerel has it. */
export const mostOfMemo = 80 * 1024;

export interface ChangeAlert {
  readonly id: string;
  readonly memo: string;
}

/** Writes a memo to an alert. @throws "forbidden", "not-found", "too-large" above 80 KB */
export function changeAlert(deps: Deps, actor: Actor, { id, memo }: ChangeAlert): Promise<void> {
  return repeated(deps.db).tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "alert.change", `alert:${id}`, at);
    if (Buffer.byteLength(memo) > mostOfMemo)
      throw new HinobanError("too-large", "memo: must be at most 80 KB.", { field: "memo", limit: mostOfMemo });
    const { memo: before } = await demandAlert(tx, id);
    if (memo === before) return;
    await tx.updateTable("incidents_alert").set({ memo }).where("id", "=", id).execute();
    await record(tx, { at, actor: actorId(actor), verb: "alert.memo-changed", object: `alert:${id}`, outcome: "done", detail: {} });
    await publish(tx, "alerts");
  });
}
