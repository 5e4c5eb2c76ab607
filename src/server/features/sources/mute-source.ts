import { invalidInput } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { lockSource } from "./store.ts";

export interface Mute {
  /** Unix ms; absent: the mute ends now. */
  readonly until?: number | undefined;
  readonly reason?: string | undefined;
}

/**
 * Lets a source open no alerts until a moment. A heartbeat that is missed when the mute ends is told of then.
 * @throws "forbidden", "not-found", "invalid-input" for a moment that is over
 */
export function muteSource(sources: SourcesContext, actor: Actor, id: string, { until, reason = "" }: Mute): Promise<void> {
  return repeated(sources.db).tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `alert-source:${id}`, at);
    if (until !== undefined && until <= at) throw invalidInput([{ field: "until", problem: "must be in the future" }]);
    const { name, muted_until: before } = await lockSource(tx, id);
    if (until === undefined && (before === null || before <= at)) return;
    await tx
      .updateTable("sources_source")
      .set({ muted_until: until ?? null, mute_reason: until === undefined ? "" : reason })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: until === undefined ? "alert-source.unmuted" : "alert-source.muted",
      object: `alert-source:${id}`,
      outcome: "done",
      detail: until === undefined ? {} : { until },
      texts: until === undefined || reason === "" ? { name } : { name, reason },
    });
    await publish(tx, sourcesTopic);
  });
}
