import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import { demandScopes, type GroupSetting, type KeptGroupSetting } from "./group-setting.ts";
import type { IncidentsContext } from "./context.ts";

/** @throws "forbidden", "invalid-input" for a scope that does not exist */
export function createGroupSetting(incidents: IncidentsContext, actor: Actor, setting: GroupSetting): Promise<KeptGroupSetting> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    demand(actor, "channel.change", `organisation:${actor.organisationId}`, at);
    await demandScopes(incidents, tx, setting);
    const id = newId();
    await tx
      .insertInto("incidents_alert_group_setting")
      .values({ id, name: setting.name, document: JSON.stringify(setting) })
      .execute();
    const object = `alert-group-setting:${id}`;
    const texts = { name: setting.name };
    await record(tx, { at, actor: actorId(actor), verb: "alert-group-setting.created", object, outcome: "done", detail: {}, texts });
    await publish(tx, "alert-groups");
    return { id, ...setting };
  });
}
