import { parseJson, scopeOf, textOf, type V0 } from "#http";
import type { NotificationGroup } from "#wire/routing";
import { changeGroup } from "./change-group.ts";
import { createGroup } from "./create-group.ts";
import { deleteGroup } from "./delete-group.ts";
import { groupOf } from "./parse-group.ts";
import { allGroups } from "./read-groups.ts";
import type { Routing } from "./routing.ts";

/** What clients compare with what they wrote. */
const v0Group = ({ monitorNames: _names, createdAt: _at, ...group }: NotificationGroup): object => group;

/** Serves Mackerel's interface to notification groups. */
export function registerRoutingV0(v0: V0, routing: Routing): void {
  const path = "/notification-groups";
  v0.route({ method: "GET", path, needs: "channel.view" }, async ({ actor }) => ({
    notificationGroups: (await routing.db.tx(scopeOf(actor), (tx) => allGroups(routing, tx))).map(v0Group),
  }));
  v0.route({ method: "POST", path, needs: "channel.change" }, async ({ actor, body }) =>
    v0Group(await createGroup(routing, actor, groupOf(parseJson(textOf(body))))),
  );
  v0.route({ method: "PUT", path: `${path}/:id`, needs: "channel.change" }, async ({ actor, params, body }) =>
    v0Group(await changeGroup(routing, actor, params["id"] ?? "", groupOf(parseJson(textOf(body))))),
  );
  v0.route({ method: "DELETE", path: `${path}/:id`, needs: "channel.change" }, async ({ actor, params }) =>
    v0Group(await deleteGroup(routing, actor, params["id"] ?? "")),
  );
}
