import { sql } from "kysely";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { Line } from "#wire/lines";
import { linesTopic } from "./call-settings.ts";
import { callsTopic, type CallsContext } from "./context.ts";
import { presentedOne } from "./lines-line.ts";

/** Switches a line on or off. What it is already changes nothing. @throws "forbidden", "not-found" */
export function switchLine(calls: CallsContext, actor: Actor, id: string, isOn: boolean): Promise<Line> {
  const { db, clock, lineSeal } = calls;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "line.change", `line:${id}`, at);
    const done = await tx
      .updateTable("calls_line")
      .set({ is_on: isOn, revision: sql<number>`revision + 1`, suspended_until: 0 })
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .where("is_on", "=", !isOn)
      .returning("name")
      .executeTakeFirst();
    if (done) {
      await record(tx, {
        at,
        actor: actorId(actor),
        verb: "line.switched",
        object: `line:${id}`,
        outcome: "done",
        detail: { isOn },
        texts: { name: done.name },
      });
      await publish(tx, callsTopic);
      await publish(tx, linesTopic);
    }
    return presentedOne(tx, at, lineSeal, id);
  });
}
