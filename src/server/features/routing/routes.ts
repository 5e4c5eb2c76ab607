import { optional } from "#base/fields";
import {
  allGroupSettings,
  changeGroupSetting,
  createGroupSetting,
  deleteGroupSetting,
  groupSettingOf,
  type KeptGroupSetting,
} from "#features/incidents";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/routing";
import { changeGroup } from "./change-group.ts";
import { changeRoutingSettings } from "./change-settings.ts";
import { createGroup } from "./create-group.ts";
import { deleteGroup } from "./delete-group.ts";
import { routedChannels } from "./groups.ts";
import { registerPermalinks } from "./permalinks.ts";
import { groupOf } from "./parse-group.ts";
import { allGroups, readGroup } from "./read-groups.ts";
import type { Routing } from "./routing.ts";
import { readRoutingSettings } from "./settings.ts";
import { tryRouting } from "./try-routing.ts";

/** Serves the own interface of notification groups. Bodies pass the same reader as Mackerel's. */
export function registerRouting(served: Served, routing: Routing): void {
  const { db } = routing;
  registerPermalinks(served);
  serve(served, wire.listNotificationGroups, ({ actor }) =>
    db.tx(scopeOf(actor), async (tx) => ({
      groups: await allGroups(routing, tx),
      channels: [...(await routedChannels(tx)).values()].map(({ hasPictures: _pictures, events, ...channel }) => ({
        ...channel,
        events: [...events],
      })),
    })),
  );
  serve(served, wire.getNotificationGroup, ({ actor, params }) => db.tx(scopeOf(actor), (tx) => readGroup(routing, tx, params.id)));
  serve(served, wire.createNotificationGroup, async ({ actor, body }) => createGroup(routing, actor, groupOf(body)));
  serve(served, wire.changeNotificationGroup, async ({ actor, params, body }) => changeGroup(routing, actor, params.id, groupOf(body)));
  serve(served, wire.deleteNotificationGroup, async ({ actor, params }) => {
    await deleteGroup(routing, actor, params.id);
    return { success: true as const };
  });
  registerAlertGroupSettings(served, routing);
  serve(served, wire.tryRouting, ({ actor, body }) => db.tx(scopeOf(actor), (tx) => tryRouting(routing, tx, body)));
  serve(served, wire.getRoutingSettings, ({ actor }) => db.tx(scopeOf(actor), readRoutingSettings));
  serve(served, wire.changeRoutingSettings, ({ actor, body }) => changeRoutingSettings(routing, actor, body));
}

/** The settings themselves are the incidents' feature's. */
function registerAlertGroupSettings(served: Served, { db, incidents, downtimes }: Routing): void {
  const done = { success: true as const };
  serve(served, wire.listAlertGroupSettings, ({ actor }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const all = await allGroupSettings(tx);
      const names = await downtimes.monitorNames(
        tx,
        all.flatMap(({ monitorScopes }) => monitorScopes ?? []),
      );
      return { settings: all.map((one) => presentSetting(one, names)) };
    }),
  );
  serve(served, wire.createAlertGroupSetting, async ({ actor, body }) => {
    const { id } = await createGroupSetting(incidents, actor, groupSettingOf(body));
    return { id };
  });
  serve(served, wire.changeAlertGroupSetting, async ({ actor, params, body }) => {
    await changeGroupSetting(incidents, actor, params.id, groupSettingOf(body));
    return done;
  });
  serve(served, wire.deleteAlertGroupSetting, async ({ actor, params }) => {
    await deleteGroupSetting(incidents, actor, params.id);
    return done;
  });
}

const presentSetting = (
  { serviceScopes, roleScopes, monitorScopes, ...setting }: KeptGroupSetting,
  names: ReadonlyMap<string, string> | undefined,
): wire.AlertGroupSetting => ({
  ...setting,
  ...optional("serviceScopes", serviceScopes && [...serviceScopes]),
  ...optional("roleScopes", roleScopes && [...roleScopes]),
  ...optional("monitorScopes", monitorScopes && [...monitorScopes]),
  monitorNames: Object.fromEntries((monitorScopes ?? []).map((id) => [id, names?.get(id) ?? id])),
});
