import { changeHost, type Inventory } from "#features/inventory";
import { scopeOf, type Actor } from "#http";
import type { HostInterface } from "#wire/inventory";
import type { Plan } from "./mapping.ts";

/** What exporters tell about a machine besides its metrics. */
export interface HostFacts {
  readonly kernel: Readonly<Record<string, string>>;
  /** Hardware addresses by interface. */
  readonly interfaces: Readonly<Record<string, string>>;
}

/** Tells descriptions that are ours to change from those of a real agent. */
const describedBy = "prometheus-node-exporter";
const none: HostFacts = { kernel: {}, interfaces: {} };
const skippedInterface = /^(?:lo$|veth)/u;

/** The facts among the series of a post, by the names of their hosts. */
export function factsOf(plans: Iterable<Plan>): Map<string, HostFacts> {
  const found = new Map<string, HostFacts>();
  for (const plan of plans) {
    if (plan.fact === undefined || plan.host === "") continue;
    found.set(plan.host, joined(found.get(plan.host) ?? none, factOf(plan)));
  }
  return found;
}

function factOf({ fact, labels }: Plan): HostFacts {
  const named = (names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(names).flatMap(([key, label]) => {
        const value = labels.get(label) ?? "";
        return value === "" ? [] : [[key, value.slice(0, 500)]];
      }),
    );
  switch (fact) {
    case "uname":
      return { kernel: named({ name: "sysname", release: "release", version: "version", machine: "machine" }), interfaces: {} };
    case "os":
      return { kernel: named({ platform_name: "name", platform_version: "version_id" }), interfaces: {} };
    case "interface": {
      const device = labels.get("device") ?? "";
      return skippedInterface.test(device) || device === "" ? none : { kernel: {}, interfaces: { [device]: labels.get("address") ?? "" } };
    }
    case "dmi":
    case undefined:
      return none;
  }
}

const joined = (one: HostFacts, other: HostFacts): HostFacts => ({
  kernel: { ...one.kernel, ...other.kernel },
  interfaces: { ...one.interfaces, ...other.interfaces },
});

/** The facts in the shapes that a host is registered with. */
export function describe({ kernel, interfaces }: HostFacts): { readonly meta: string; readonly interfaces: HostInterface[] } {
  return {
    meta: JSON.stringify({ "agent-name": describedBy, kernel: sorted(kernel) }),
    interfaces: Object.entries(sorted(interfaces)).map(([name, macAddress]) => ({
      name,
      ...(macAddress === "" ? {} : { macAddress }),
      ipv4Addresses: [],
      ipv6Addresses: [],
    })),
  };
}

const sorted = (record: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Keeps the descriptions of hosts up to date that nobody but us describes. */
export class Descriptions {
  readonly #inventory: Inventory;
  readonly #known = new Map<string, HostFacts>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** Writes a description when something in it is new. @throws what the inventory throws; the next post tries again */
  async note(actor: Actor, hostId: string, facts: HostFacts): Promise<void> {
    const before = this.#known.get(hostId);
    const after = joined(before ?? none, facts);
    if (before && JSON.stringify(before) === JSON.stringify(after)) return;
    const present = await this.#inventory.db.tx(scopeOf(actor), (tx) =>
      tx
        .selectFrom("inventory_host")
        .select(["meta", "interfaces"])
        .where("id", "=", hostId)
        .where("retired_at", "is", null)
        .executeTakeFirst(),
    );
    if (present && isOurs(present.meta)) {
      const known = joined(kept(present.meta, present.interfaces), after);
      await changeHost(this.#inventory, actor, hostId, describe(known));
    }
    this.#known.set(hostId, after);
  }
}

function isOurs(meta: string): boolean {
  const { "agent-name": agent } = JSON.parse(meta) as { "agent-name"?: unknown }; // the inventory keeps JSON objects
  return meta === "{}" || agent === describedBy;
}

/** What an earlier process wrote down. */
function kept(meta: string, interfaces: string): HostFacts {
  const { kernel = {} } = JSON.parse(meta) as { kernel?: Record<string, string> }; // ours: written by `describe`
  const list = JSON.parse(interfaces) as HostInterface[]; // the inventory's own shape
  return { kernel, interfaces: Object.fromEntries(list.map((one) => [one.name, one.macAddress ?? ""])) };
}
