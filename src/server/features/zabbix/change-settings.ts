import { invalidInput } from "#base/errors";
import { demand, managedBy, networkProblem } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import { zabbixTopic } from "./access.ts";
import type { Zabbix } from "./zabbix.ts";

export interface ChangeSettings {
  /** Addresses and networks from which agents may report without encryption. */
  readonly networks: readonly string[];
  readonly autoregister: boolean;
}

/** Changes who may report as a Zabbix agent. Nothing is recorded when nothing differs. @throws "forbidden", "invalid-input" that names each wrong network */
export async function changeSettings(zabbix: Zabbix, actor: Actor, input: ChangeSettings): Promise<void> {
  const networks = [...new Set(input.networks.map((network) => network.trim()))];
  const problems = networks.flatMap((network, index) => {
    const problem = networkProblem(network);
    return problem === undefined ? [] : [{ field: `networks.${index}`, problem }];
  });
  if (problems.length > 0) throw invalidInput(problems);
  await zabbix.db.tx(scopeOf(actor), async (tx) => {
    const at = zabbix.clock.now();
    const object = `organisation:${actor.organisationId}`;
    demand(actor, "organisation.change", object, at);
    // Locked from here on: two who change at the same moment see each other's change.
    const stored = await tx.selectFrom("zabbix_settings").select(["networks", "autoregister"]).forUpdate().executeTakeFirst();
    const before = stored ?? zabbix.access.settingsOf(actor.organisationId);
    const fields = [
      ...(JSON.stringify(before.networks) === JSON.stringify(networks) ? [] : ["networks"]),
      ...(before.autoregister === input.autoregister ? [] : ["autoregister"]),
    ];
    if (fields.length === 0) return;
    await demandFree(zabbix, tx, actor, networks);
    const next = { networks, autoregister: input.autoregister, changed_at: at };
    await tx
      .insertInto("zabbix_settings")
      .values(next)
      .onConflict((on) => on.column("organisation_id").doUpdateSet(next))
      .execute();
    const detail = { fields, networks: networks.length > 0 ? networks : undefined, autoregister: String(input.autoregister) };
    await record(tx, { at, actor: actorId(actor), verb: "zabbix-settings.changed", object, outcome: "done", detail });
    await publish(tx, zabbixTopic);
  });
  await zabbix.access.refresh();
}

/**
 * The narrowest network decides whose data plain agents send. Cutting a piece out of another organisation's network therefore takes its
 * agents over, which only somebody may do who manages both.
 * @throws "invalid-input" that names the networks of others
 */
async function demandFree(zabbix: Zabbix, tx: Tx, actor: Actor, networks: readonly string[]): Promise<void> {
  const managed = await managedBy(tx, actor);
  const problems = networks.flatMap((network, index) => {
    const other = zabbix.access.otherOrganisationIn(actor.organisationId, network);
    if (other === undefined || managed.has(other)) return [];
    const problem =
      "agents of another organisation report from there; use a pre-shared key, or ask somebody who manages both organisations";
    return [{ field: `networks.${index}`, problem }];
  });
  if (problems.length > 0) throw invalidInput(problems);
}
