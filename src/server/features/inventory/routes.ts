import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/inventory";
import { changeHost } from "./change-host.ts";
import { changeHostRoles, changeHostStatuses, retireHosts } from "./change-hosts.ts";
import { changeHostStatus } from "./change-host-status.ts";
import type { Inventory } from "./inventory.ts";
import { parseRoleNames } from "./model.ts";
import { summaries, wholeHost } from "./present.ts";
import { checksOf, reportsOf } from "./read-checks.ts";
import { countByStatus, countHosts, pageOfHosts, type HostFilter } from "./read-hosts.ts";
import { importHost } from "./import-host.ts";
import { registerHost } from "./register-host.ts";
import { retireHost } from "./retire-host.ts";
import { registerServiceRoutes } from "./routes-services.ts";
import { setHostRoles } from "./set-host-roles.ts";

/** Rows of a page when the query does not say. */
export const defaultLimit = 50;

const done = { success: true } as const;

/** Serves the own interface of the inventory, and writes down when hosts were seen last once the application ends. */
export function registerInventory(served: Served, inventory: Inventory): void {
  registerLists(served, inventory);
  registerActs(served, inventory);
  registerBulkActs(served, inventory);
  registerServiceRoutes(served, inventory);
  served.app.addHook("onClose", () => inventory.lastSeen.flush());
}

function registerLists(served: Served, inventory: Inventory): void {
  serve(served, wire.listHosts, async ({ actor, query }) => {
    const page = {
      sort: query.sort ?? "name",
      order: query.order ?? "asc",
      offset: query.offset ?? 0,
      limit: query.limit ?? defaultLimit,
    } as const;
    const found = await inventory.db.tx(scopeOf(actor), async (tx) => {
      const silent = await inventory.silenceRule(tx);
      const filter: HostFilter = { ...filterOf(query), ...(query.connectivity === "silent" ? { silent } : {}) };
      return {
        hosts: await pageOfHosts(tx, filter, page),
        total: await countHosts(tx, filter),
        counts: { ...(await countByStatus(tx)), silent: await countHosts(tx, { retired: "exclude", silent }) },
        silent,
      };
    });
    const { hosts, total, counts, silent } = found;
    return { hosts: await summaries(inventory, hosts, silent.organisationMinutes), total, counts };
  });
  serve(served, wire.getHost, ({ actor, params }) => wholeHost(inventory, actor, params.id));
  serve(served, wire.listHostChecks, async ({ actor, params }) => ({
    checks: await inventory.db.tx(scopeOf(actor), (tx) => checksOf(tx, params.id)),
  }));
  serve(served, wire.listCheckReports, async ({ actor, params, query }) => {
    const check = { hostId: params.id, name: query.name, limit: query.limit ?? defaultLimit };
    return { reports: await inventory.db.tx(scopeOf(actor), (tx) => reportsOf(tx, check)) };
  });
}

type ListQuery = Parameters<Parameters<typeof serve<typeof wire.listHosts>>[2]>[0]["query"];

const filterOf = (query: ListQuery): HostFilter => ({
  retired: query.retired ?? "exclude",
  ...(query.status ? { status: query.status } : {}),
  ...(query.service ? { service: query.service, roles: query.role ? [query.role] : [] } : {}),
  ...(query.text ? { text: query.text } : {}),
});

function registerActs(served: Served, inventory: Inventory): void {
  serve(served, wire.registerHost, async ({ actor, body }) => {
    const { roles, ...said } = body;
    const { id } = await registerHost(inventory, actor, { ...said, roles: parseRoleNames(roles ?? [], "roles"), onExisting: "refuse" });
    return wholeHost(inventory, actor, id);
  });
  serve(served, wire.importHost, ({ actor, body }) => {
    const { roles, ...said } = body;
    return importHost(inventory, actor, { ...said, roles: parseRoleNames(roles ?? [], "roles") });
  });
  serve(served, wire.changeHost, async ({ actor, params, body }) => {
    await changeHost(inventory, actor, params.id, body);
    return wholeHost(inventory, actor, params.id);
  });
  serve(served, wire.changeHostStatus, async ({ actor, params, body }) => {
    await changeHostStatus(inventory, actor, { id: params.id, status: body.status });
    return done;
  });
  serve(served, wire.retireHost, async ({ actor, params }) => {
    await retireHost(inventory, actor, params.id);
    return done;
  });
  serve(served, wire.setHostRoles, async ({ actor, params, body }) => ({
    roles: await setHostRoles(inventory, actor, { id: params.id, roles: parseRoleNames(body.roles, "roles") }),
  }));
}

function registerBulkActs(served: Served, inventory: Inventory): void {
  serve(served, wire.bulkStatus, ({ actor, body }) => changeHostStatuses(inventory, actor, body));
  serve(served, wire.bulkRetire, ({ actor, body }) => retireHosts(inventory, actor, body));
  serve(served, wire.bulkRoles, ({ actor, body }) =>
    changeHostRoles(inventory, actor, {
      ids: body.ids,
      add: parseRoleNames(body.add ?? [], "add"),
      remove: parseRoleNames(body.remove ?? [], "remove"),
    }),
  );
}
