import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { SourceInput } from "#wire/sources";
import { dueAfter } from "./model.ts";
import { checkSource } from "./source-input.ts";
import { keepMailbox } from "./mailbox-store.ts";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { columnsOf, lockSource } from "./store.ts";

/** Changes a source; the same again is no change. @throws "forbidden", "invalid-input", "not-found" */
export function changeSource(sources: SourcesContext, actor: Actor, id: string, input: SourceInput): Promise<void> {
  return repeated(sources.db).tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `alert-source:${id}`, at);
    const before = await lockSource(tx, id);
    checkSource(before.kind, input);
    const after = await columnsOf(tx, input);
    const names = Object.keys(after) as (keyof typeof after)[]; // the very keys of the object
    const fields = names.filter((name) => before[name] !== after[name]);
    const isOtherMailbox = input.mailbox !== undefined && (await keepMailbox(sources, tx, at, id, input.mailbox));
    if (fields.length === 0 && !isOtherMailbox) return;
    const isNewBeat = fields.includes("beat_interval_seconds") || fields.includes("beat_grace_seconds");
    const dueAt = isNewBeat && input.beat && before.last_at !== null ? dueAfter(before.last_at, input.beat) : before.due_at;
    await tx
      .updateTable("sources_source")
      .set({ ...after, due_at: before.state === "missed" ? before.due_at : dueAt })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "alert-source.changed",
      object: `alert-source:${id}`,
      outcome: "done",
      detail: { fields: isOtherMailbox ? [...fields, "mailbox"] : fields },
      texts: { name: after.name },
    });
    await publish(tx, sourcesTopic);
  });
}
