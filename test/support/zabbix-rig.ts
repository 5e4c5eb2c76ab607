import type { Clock } from "#base/clock";
import { unixSeconds } from "#base/duration";
import { Secret } from "#base/secret";
import { openInventory, type Inventory } from "#features/inventory";
import { openMetrics, type Metrics } from "#features/metrics";
import { openReceivers, type Receivers } from "#features/receivers";
import { openZabbix, type Zabbix, type ZabbixDeps } from "#features/zabbix";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { afterEach } from "vitest";
import type { People } from "./people.ts";

/** A place where Zabbix agents may report, over the database of the calling test file. */
export interface ZabbixRig {
  readonly zabbix: Zabbix;
  readonly store: FakeMetricStore;
  readonly inventory: Inventory;
  readonly metrics: Metrics;
  readonly receivers: Receivers;
  readonly logged: readonly string[];
  readonly port: number;
  /** The id of the host that reports by the name; undefined when there is none. */
  hostId(name: string): Promise<string | undefined>;
  /** Every point of a host, by metric. */
  points(hostId: string): Promise<Readonly<Record<string, readonly { readonly time: number; readonly value: number }[]>>>;
  close(): Promise<void>;
}

export type RigOptions = Partial<Pick<ZabbixDeps, "delays" | "limits">> & {
  readonly clock: Clock;
  /** The store of a rig before, whose server is no more. */
  readonly store?: FakeMetricStore;
  readonly port?: number;
};

export async function openZabbixRig(people: People, options: RigOptions): Promise<ZabbixRig> {
  const { clock, delays, limits } = options;
  const { db } = people.identity;
  const logged: string[] = [];
  const say = (facts: object, message: string): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const log = { info: say, warn: say };
  const store = options.store ?? new FakeMetricStore(clock);
  const inventory = openInventory({ db, clock });
  const metrics = openMetrics({ db, clock, log, store, inventory });
  const receivers = openReceivers({ db, clock, inventory, metrics });
  const zabbix = openZabbix({
    db,
    clock,
    receivers,
    log,
    serverKey: new Secret("a server key for tests"),
    ...(delays ? { delays } : {}),
    ...(limits ? { limits } : {}),
  });
  const stop = await zabbix.start("127.0.0.1", options.port ?? 0);
  return {
    zabbix,
    store,
    inventory,
    metrics,
    receivers,
    logged,
    port: zabbix.port,
    hostId: async (name) => {
      const { rows } = await people.owner.query<{ id: string }>(
        "select h.id from receivers_binding b join inventory_host h on h.id = b.host_id where b.kind = 'zabbix' and b.name = $1 and h.retired_at is null",
        [name],
      );
      return rows[0]?.id;
    },
    points: (hostId) => pointsOf(store, hostId),
    close: async () => {
      await stop();
      await receivers.start()();
    },
  };
}

async function pointsOf(store: FakeMetricStore, hostId: string): ReturnType<ZabbixRig["points"]> {
  const found: Record<string, { time: number; value: number }[]> = {};
  for (const name of await store.names(hostId)) {
    const columns = await store.read(hostId, name, { from: unixSeconds(0), to: unixSeconds(0xffff_ffff) });
    found[name] = [...(columns?.times ?? [])].map((time, index) => ({ time, value: columns?.values[index] ?? Number.NaN }));
  }
  return found;
}

/** Rigs that end with the test that opened them. */
export function withZabbixRigs(people: People): (options: RigOptions) => Promise<ZabbixRig> {
  const open: ZabbixRig[] = [];
  afterEach(async () => {
    for (const rig of open.splice(0)) await rig.close();
  });
  return async (options) => {
    const rig = await openZabbixRig(people, options);
    open.push(rig);
    return rig;
  };
}
