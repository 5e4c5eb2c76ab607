import { Secret } from "#base/secret";
import { scopeOf, serve, type Actor, type Served } from "#http";
import * as wire from "#wire/zabbix";
import { changeSettings } from "./change-settings.ts";
import { createPsk } from "./create-psk.ts";
import { listHosts } from "./read-hosts.ts";
import { listPsks } from "./read-psks.ts";
import { revokePsk } from "./revoke-psk.ts";
import type { Zabbix } from "./zabbix.ts";

/** Serves what people set and see of Zabbix agents; the agents themselves come by another port. */
export function registerZabbix(served: Served, zabbix: Zabbix): void {
  serve(served, wire.getZabbixSettings, async ({ actor }) => settings(zabbix, actor));
  serve(served, wire.changeZabbixSettings, async ({ actor, body }) => {
    await changeSettings(zabbix, actor, body);
    return settings(zabbix, actor);
  });
  serve(served, wire.listZabbixPsks, async ({ actor, query }) => zabbix.db.tx(scopeOf(actor), (tx) => listPsks(tx, query)));
  serve(served, wire.createZabbixPsk, async ({ actor, body }) => {
    const given = body.key === undefined ? undefined : new Secret(body.key.toLowerCase());
    const { psk, key } = await createPsk(zabbix, actor, { ...body, key: given });
    return { psk, ...(key ? { key: key.reveal() } : {}) };
  });
  serve(served, wire.revokeZabbixPsk, async ({ actor, params }) => {
    await revokePsk(zabbix, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.listZabbixHosts, async ({ actor, query }) => listHosts(zabbix, actor, query));
}

function settings(zabbix: Zabbix, actor: Actor): wire.ZabbixSettings {
  const { organisationId } = actor;
  const { networks, autoregister } = zabbix.access.settingsOf(organisationId);
  return {
    port: zabbix.port,
    ...(zabbix.problem === undefined ? {} : { problem: zabbix.problem }),
    networks: [...networks],
    autoregister,
    refusals: zabbix.refusals.of(organisationId, organisationId === zabbix.access.firstOrganisation),
  };
}
