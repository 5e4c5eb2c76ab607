import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { linesTopic } from "./call-settings.ts";
import { callsTopic, type CallsContext } from "./context.ts";
import { countedLine, linesOf } from "./lines-line.ts";
import { lookAtLimits } from "./lines-usage.ts";

/**
 * Deletes a line: its secrets are gone at once, calls that are on end when its process lets go of it. Its name stays for the list of calls.
 * @throws "forbidden", "not-found"
 */
export function deleteLine(calls: CallsContext, actor: Actor, id: string): Promise<void> {
  const { db, clock } = calls;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "line.change", `line:${id}`, at);
    const row = await tx
      .updateTable("calls_line")
      .set({ deleted_at: at, secrets: null, is_on: false })
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .returning(["name", "kind"])
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no line ${id}.`, { id });
    await lookAtLimits(tx, at, (await linesOf(tx)).map(countedLine));
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "line.deleted",
      object: `line:${id}`,
      outcome: "done",
      detail: { kind: row.kind },
      texts: { name: row.name },
    });
    await publish(tx, callsTopic);
    await publish(tx, linesTopic);
  });
}
