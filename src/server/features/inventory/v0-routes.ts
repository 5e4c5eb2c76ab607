import { HinobanError, invalidInput } from "#base/errors";
import { JsonText, objectOf, scopeOf, withRaw, type Actor, type V0, type V0Query } from "#http";

import { changeHost } from "./change-host.ts";
import { changeHostStatuses, retireHosts } from "./change-hosts.ts";
import { changeHostStatus } from "./change-host-status.ts";
import type { Inventory } from "./inventory.ts";
import { parseRoleNames } from "./model.ts";
import { idsOfHosts, readHost, readHosts, type HostFilter, type HostRecord } from "./read-hosts.ts";
import { registerHost } from "./register-host.ts";
import { reportChecks } from "./report-checks.ts";
import { retireHost } from "./retire-host.ts";
import { setHostRoles } from "./set-host-roles.ts";
import { reportsOf } from "./v0-checks.ts";
import { v0Host } from "./v0-host.ts";
import { hostInputOf, idsOf, statusOf } from "./v0-input.ts";
import { registerCheckReads } from "./v0-check-reads.ts";
import { registerEmptyLists } from "./v0-empty-lists.ts";
import { registerServicesV0 } from "./v0-services.ts";

const done = { success: true };
const mostInBulk = 30;
const readAtOnce = 500;

/** Serves Mackerel's interface to hosts, services, roles, metadata and check reports. */
export function registerInventoryV0(v0: V0, inventory: Inventory): void {
  registerReads(v0, inventory);
  registerWrites(v0, inventory);
  registerBulk(v0, inventory);
  registerChecks(v0, inventory);
  registerServicesV0(v0, inventory);
  registerEmptyLists(v0);
}

function registerReads(v0: V0, inventory: Inventory): void {
  for (const path of ["/hosts", "/hosts.json"]) {
    v0.route({ method: "GET", path, needs: "inventory.view" }, async ({ actor, query }) =>
      listOf(await allHosts(inventory, actor, filterOf(query))),
    );
  }
  v0.route({ method: "GET", path: "/hosts/:id", needs: "inventory.view" }, async ({ actor, params }) => {
    const host = await inventory.db.tx(scopeOf(actor), (tx) => readHost(tx, params["id"] ?? ""));
    return withRaw({}, { host: v0Host(host).text });
  });
  v0.route(
    { method: "GET", path: "/hosts-by-custom-identifier/:identifier", needs: "inventory.view" },
    async ({ actor, params, query }) => {
      const host = await byCustomIdentifier(inventory, actor, params["identifier"] ?? "", query.one("caseInsensitive") === "true");
      return withRaw({}, { host: v0Host(host).text });
    },
  );
}

/** Without `status` only hosts that are in use are listed; retired ones never. */
function filterOf(query: V0Query): HostFilter {
  const status = query.all("status").map((text) => statusOf(text, "status"));
  const [service, name, customIdentifier] = [query.one("service"), query.one("name"), query.one("customIdentifier")];
  return {
    retired: "exclude",
    status: status.length > 0 ? status : ["working", "standby"],
    ...(service === undefined ? {} : { service, roles: query.all("role") }),
    ...(name === undefined ? {} : { name }),
    ...(customIdentifier === undefined ? {} : { customIdentifier }),
  };
}

/** Mackerel's list has no pages, so all of it is put together; oldest first. */
async function allHosts(inventory: Inventory, actor: Actor, filter: HostFilter): Promise<string[]> {
  return inventory.db.tx(scopeOf(actor), async (tx) => {
    const ids = await idsOfHosts(tx, filter);
    const texts: string[] = [];
    for (let from = 0; from < ids.length; from += readAtOnce) {
      const hosts = await readHosts(tx, ids.slice(from, from + readAtOnce));
      for (const host of hosts) texts.push(v0Host(host).text);
    }
    return texts;
  });
}

const listOf = (hosts: readonly string[]): JsonText => new JsonText(`{"hosts":[${hosts.join(",")}]}`);

/** The oldest host with the identifier. @throws "not-found" */
async function byCustomIdentifier(inventory: Inventory, actor: Actor, identifier: string, ignoresCase: boolean): Promise<HostRecord> {
  return inventory.db.tx(scopeOf(actor), async (tx) => {
    const [id] = await idsOfHosts(tx, { retired: "exclude", customIdentifier: identifier, ignoresCase });
    if (id === undefined) throw new HinobanError("not-found", `There is no host with the custom identifier ${identifier}.`);
    return readHost(tx, id);
  });
}

function registerWrites(v0: V0, inventory: Inventory): void {
  v0.route({ method: "POST", path: "/hosts", needs: "host.register" }, async ({ actor, body }) => {
    const input = hostInputOf(body);
    if (input.name === undefined) throw invalidInput([{ field: "name", problem: "must be a text of 1 to 255 characters" }]);
    const { id } = await registerHost(inventory, actor, { ...input, name: input.name, onExisting: "change" });
    return { id };
  });
  v0.route({ method: "PUT", path: "/hosts/:id", needs: "host.change" }, async ({ actor, params, body }) => {
    const id = params["id"] ?? "";
    await changeHost(inventory, actor, id, hostInputOf(body));
    return { id };
  });
  v0.route({ method: "POST", path: "/hosts/:id/status", needs: "host.change" }, async ({ actor, params, body }) => {
    await changeHostStatus(inventory, actor, { id: params["id"] ?? "", status: statusOf(objectOf(body)["status"], "status") });
    return done;
  });
  v0.route({ method: "PUT", path: "/hosts/:id/role-fullnames", needs: "host.assign" }, async ({ actor, params, body }) => {
    const names = objectOf(body)["roleFullnames"] ?? []; // Go's empty list is null
    if (!Array.isArray(names)) throw invalidInput([{ field: "roleFullnames", problem: "must be a list" }]);
    await setHostRoles(inventory, actor, { id: params["id"] ?? "", roles: parseRoleNames(names.map(String), "roleFullnames") });
    return done;
  });
  v0.route({ method: "POST", path: "/hosts/:id/retire", needs: "host.retire" }, async ({ actor, params, body }) => {
    objectOf(body, true);
    await retireHost(inventory, actor, params["id"] ?? "");
    return done;
  });
}

function registerBulk(v0: V0, inventory: Inventory): void {
  v0.route({ method: "POST", path: "/hosts/bulk-update-statuses", needs: "host.change" }, async ({ actor, body }) => {
    const input = objectOf(body);
    await changeHostStatuses(inventory, actor, {
      ids: idsOf(input["ids"], mostInBulk),
      status: statusOf(input["status"], "status"),
      mode: "all-or-nothing",
    });
    return done;
  });
  v0.route({ method: "POST", path: "/hosts/bulk-retire", needs: "host.retire" }, async ({ actor, body }) => {
    await retireHosts(inventory, actor, { ids: idsOf(objectOf(body)["ids"], mostInBulk), mode: "all-or-nothing" });
    return done;
  });
}

function registerChecks(v0: V0, inventory: Inventory): void {
  v0.route({ method: "POST", path: "/monitoring/checks/report", needs: "metrics.post" }, async ({ actor, body }) => {
    const { reports, rejected } = reportsOf(body, inventory.clock.now());
    await reportChecks(inventory, actor, reports);
    return rejected.length > 0 ? { ...done, rejected } : done;
  });
  registerCheckReads(v0, inventory);
}
