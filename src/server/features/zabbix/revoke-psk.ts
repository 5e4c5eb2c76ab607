import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { zabbixTopic } from "./access.ts";
import type { Zabbix } from "./zabbix.ts";

/** Revokes a pre-shared key for good: the next connection by it is refused. @throws "forbidden", or "not-found" when it is not valid any more */
export async function revokePsk(zabbix: Zabbix, actor: Actor, id: string): Promise<void> {
  await zabbix.db.tx(scopeOf(actor), async (tx) => {
    const at = zabbix.clock.now();
    demand(actor, "key.change", `zabbix-psk:${id}`, at);
    const revoked = await tx
      .updateTable("zabbix_psk")
      .set({ revoked_at: at, sealed: Buffer.alloc(0) }) // a revoked key is of no more use: not even sealed
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (!revoked) throw new HinobanError("not-found", "There is no such key, or it was revoked already.");
    await record(tx, { at, actor: actorId(actor), verb: "zabbix-psk.revoked", object: `zabbix-psk:${id}`, outcome: "done", detail: {} });
    await publish(tx, zabbixTopic);
  });
  await zabbix.access.refresh();
}
