import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import { demandScopes, findGroupSetting, type GroupSetting, type KeptGroupSetting } from "./group-setting.ts";
import type { IncidentsContext } from "./context.ts";

/** Replaces everything. @throws "forbidden", "not-found", "invalid-input" for a scope that does not exist */
export function changeGroupSetting(
  incidents: IncidentsContext,
  actor: Actor,
  id: string,
  setting: GroupSetting,
): Promise<KeptGroupSetting> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    const object = `alert-group-setting:${id}`;
    demand(actor, "channel.change", object, at);
    await demandScopes(incidents, tx, setting, await findGroupSetting(tx, id));
    await tx
      .updateTable("incidents_alert_group_setting")
      .set({ name: setting.name, document: JSON.stringify(setting) })
      .where("id", "=", id)
      .execute();
    const texts = { name: setting.name };
    await record(tx, { at, actor: actorId(actor), verb: "alert-group-setting.changed", object, outcome: "done", detail: {}, texts });
    await publish(tx, "alert-groups");
    return { id, ...setting };
  });
}
