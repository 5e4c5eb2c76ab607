import { scopeOf, type Actor } from "#http";
import type { Host, HostFigures, HostSummary } from "#wire/inventory";
import type { Inventory } from "./inventory.ts";
import { mainAddress, roleText } from "./model.ts";
import { interfacesOf, readHost, type HostRecord } from "./read-hosts.ts";

const noFigures: HostFigures = { loadavg5: null, cpuPercent: null, memoryPercent: null };

/** Hosts as the own interface shows them in lists, with their newest figures. */
export async function summaries(inventory: Inventory, hosts: readonly HostRecord[], organisationMinutes: number): Promise<HostSummary[]> {
  const figures = await inventory.figuresOf(hosts.filter((host) => host.retired_at === null).map((host) => host.id));
  return hosts.map((host) => summary(inventory, host, organisationMinutes, figures.get(host.id) ?? noFigures));
}

/** Everything about a host. @throws "not-found" */
export async function wholeHost(inventory: Inventory, actor: Actor, id: string): Promise<Host> {
  const { host, organisationMinutes } = await inventory.db.tx(scopeOf(actor), async (tx) => ({
    host: await readHost(tx, id),
    organisationMinutes: await inventory.organisationMinutes(tx),
  }));
  const figures = await inventory.figuresOf([host.id]);
  const meta = JSON.parse(host.meta) as Record<string, unknown>; // only objects are stored
  return { ...summary(inventory, host, organisationMinutes, figures.get(host.id) ?? noFigures), interfaces: interfacesOf(host), meta };
}

function summary(inventory: Inventory, host: HostRecord, organisationMinutes: number, latest: HostFigures): HostSummary {
  const lastSeenAt = Math.max(host.seen_at ?? 0, inventory.lastSeen.of(host.id) ?? 0);
  const ipAddress = mainAddress(interfacesOf(host));
  return {
    id: host.id,
    name: host.name,
    ...(host.display_name === "" ? {} : { displayName: host.display_name }),
    ...(host.custom_identifier === null ? {} : { customIdentifier: host.custom_identifier }),
    status: host.status,
    isRetired: host.retired_at !== null,
    ...(host.retired_at === null ? {} : { retiredAt: host.retired_at }),
    createdAt: host.created_at,
    ...(lastSeenAt === 0 ? {} : { lastSeenAt }),
    connectivity: inventory.connectivityOf(host, organisationMinutes),
    memo: host.memo,
    roles: host.roles.map(roleText),
    ...(ipAddress === undefined ? {} : { ipAddress }),
    latest,
  };
}
