import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/routing";
import { changeGroup } from "./change-group.ts";
import { changeRoutingSettings } from "./change-settings.ts";
import { createGroup } from "./create-group.ts";
import { deleteGroup } from "./delete-group.ts";
import { routedChannels } from "./groups.ts";
import { groupOf } from "./parse-group.ts";
import { allGroups, readGroup } from "./read-groups.ts";
import type { Routing } from "./routing.ts";
import { readRoutingSettings } from "./settings.ts";
import { tryRouting } from "./try-routing.ts";

/** Serves the own interface of notification groups. Bodies pass the same reader as Mackerel's. */
export function registerRouting(served: Served, routing: Routing): void {
  const { db } = routing;
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
  serve(served, wire.tryRouting, ({ actor, body }) => db.tx(scopeOf(actor), (tx) => tryRouting(routing, tx, body)));
  serve(served, wire.getRoutingSettings, ({ actor }) => db.tx(scopeOf(actor), readRoutingSettings));
  serve(served, wire.changeRoutingSettings, ({ actor, body }) => changeRoutingSettings(routing, actor, body));
}
