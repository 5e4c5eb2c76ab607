import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, repeated } from "#store";
import { findGroupSetting, type KeptGroupSetting } from "./group-setting.ts";

/** Returns what it was. @throws "forbidden", "not-found" */
export function deleteGroupSetting(deps: Deps, actor: Actor, id: string): Promise<KeptGroupSetting> {
  return repeated(deps.db).tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    const object = `alert-group-setting:${id}`;
    demand(actor, "channel.change", object, at);
    const before = await findGroupSetting(tx, id);
    await tx.deleteFrom("incidents_alert_group_setting").where("id", "=", id).execute();
    const texts = { name: before.name };
    await record(tx, { at, actor: actorId(actor), verb: "alert-group-setting.deleted", object, outcome: "done", detail: {}, texts });
    await publish(tx, "alert-groups");
    return before;
  });
}
