import { scopeOf, type Actor } from "#http";
import type { ZabbixHost } from "#wire/zabbix";
import { HostState } from "./host-states.ts";
import { itemsFor, replacedItems } from "./items.ts";
import { pageOf, type PageOf } from "./page.ts";
import type { Zabbix } from "./zabbix.ts";

/** One page of the hosts that report, by name. What this process knows and has not written yet counts. */
export async function listHosts(zabbix: Zabbix, actor: Actor, page: PageOf): Promise<{ hosts: ZabbixHost[]; total: number }> {
  const { limit, offset, pattern } = pageOf(page);
  const { rows, total } = await zabbix.db.tx(scopeOf(actor), async (tx) => {
    const found = tx
      .selectFrom("zabbix_host as z")
      .innerJoin("inventory_host as h", "h.id", "z.host_id")
      .where("h.retired_at", "is", null)
      .where("z.name", "ilike", pattern);
    return {
      rows: await found.selectAll("z").orderBy("z.name").limit(limit).offset(offset).execute(),
      ...(await found.select((count) => count.fn.countAll<number>().as("total")).executeTakeFirstOrThrow()),
    };
  });
  const now = zabbix.clock.now();
  const hosts = await Promise.all(
    rows.map(async (row) => {
      const known = await zabbix.states.peek(actor.organisationId, row.name);
      const written = new HostState(actor.organisationId, row.name, row.host_id, row, now);
      return toHost(zabbix, known && known.seenAt >= written.seenAt ? known : written, now);
    }),
  );
  return { hosts, total };
}

/** A heartbeat may miss one beat and be some seconds late. */
const grace = 15_000;

function toHost(zabbix: Zabbix, state: HostState, now: number): ZabbixHost {
  const { heartbeatAt, heartbeatEvery, knowledge } = state;
  const asked = new Set(itemsFor(state.name, knowledge, zabbix.delays).map(({ key }) => key));
  const replaced = replacedItems(knowledge);
  return {
    name: state.name,
    hostId: state.id,
    agent: state.agent,
    ...(state.version === undefined ? {} : { version: state.version }),
    ...(state.metadata === undefined ? {} : { metadata: state.metadata }),
    address: state.address,
    ...(state.pskIdentity === undefined ? {} : { pskIdentity: state.pskIdentity }),
    lastSeenAt: state.seenAt,
    ...(state.dataAt === undefined ? {} : { lastDataAt: state.dataAt }),
    ...(heartbeatAt === undefined || heartbeatEvery === undefined || heartbeatEvery === 0
      ? {}
      : { isHeartbeatLate: now - heartbeatAt > 2 * heartbeatEvery + grace }),
    ...(state.clockOffset === undefined ? {} : { clockOffset: state.clockOffset }),
    unsupported: Object.entries(knowledge.unsupported)
      .filter(([key]) => asked.has(key))
      .map(([key, { message, at }]) => ({ key, message, since: at, isReplaced: replaced.has(key) })),
    textValues: state.textValues,
    lateValues: state.lateValues,
  };
}
