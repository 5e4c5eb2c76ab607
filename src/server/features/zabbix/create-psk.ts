import { randomBytes } from "node:crypto";
import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { Secret } from "#base/secret";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ZabbixPsk } from "#wire/zabbix";
import { zabbixTopic } from "./access.ts";
import { toPsk } from "./read-psks.ts";
import type { Zabbix } from "./zabbix.ts";

export interface CreatePsk {
  /** Made up when absent. */
  readonly identity?: string | undefined;
  /** The only host that may report by it; absent: any of the organisation. */
  readonly hostName?: string | undefined;
  /** A key that agents have already, in hexadecimal digits; made when absent. */
  readonly key?: Secret | undefined;
}

const keyBytes = 32;

/**
 * Creates a pre-shared key, or takes over one that agents have from their Zabbix server. A made key is returned once; nobody is shown it again.
 * @throws "forbidden", "conflict" when the identity is taken, also by another organisation: it alone tells whose agent calls
 */
export async function createPsk(zabbix: Zabbix, actor: Actor, input: CreatePsk): Promise<{ psk: ZabbixPsk; key: Secret | undefined }> {
  const id = newId();
  const identity = input.identity ?? `hinoban-${id}`;
  const hostName = input.hostName?.trim();
  if (hostName === "") throw invalidInput([{ field: "hostName", problem: "Write the agent's Hostname, or leave it out." }]);
  const key = input.key ?? new Secret(randomBytes(keyBytes).toString("hex"));
  const psk = await zabbix.db.tx(scopeOf(actor), async (tx) => {
    const at = zabbix.clock.now();
    demand(actor, "key.change", `organisation:${actor.organisationId}`, at);
    const row = await tx
      .insertInto("zabbix_psk")
      .values({
        id,
        identity,
        host_name: hostName ?? null,
        sealed: zabbix.seal.seal(key, id),
        created_by: actorId(actor),
        created_at: at,
        last_used_at: null,
        revoked_at: null,
      })
      .onConflict((on) => on.column("identity").where("revoked_at", "is", null).doNothing())
      .returning(["id", "identity", "host_name", "created_by", "created_at", "last_used_at"])
      .executeTakeFirst();
    if (!row) throw new HinobanError("conflict", `The identity ${identity} is in use. Choose another one.`, { field: "identity" });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "zabbix-psk.created",
      object: `zabbix-psk:${id}`,
      outcome: "done",
      detail: {},
      texts: { identity, hostName },
    });
    await publish(tx, zabbixTopic);
    return toPsk(row);
  });
  await zabbix.access.refresh();
  return { psk, key: input.key ? undefined : key };
}
