import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { NewSource, Source } from "#wire/sources";
import { newToken, pathOf, tokenDigest } from "./addresses.ts";
import { checkSource } from "./source-input.ts";
import { keepMailbox } from "./mailbox-store.ts";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { columnsOf, findSource, present } from "./store.ts";

const mostSources = 1000;

export interface WithAddress {
  readonly source: Source;
  /** Told this once. */
  readonly path: string;
}

/** Creates a source and its address. @throws "forbidden", "invalid-input", "not-found" for the service, "conflict" when there are too many */
export function createSource(sources: SourcesContext, actor: Actor, input: NewSource): Promise<WithAddress> {
  checkSource(input.kind, input);
  return repeated(sources.db).tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `organisation:${actor.organisationId}`, at);
    const { count } = await tx
      .selectFrom("sources_source")
      .select((of) => of.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    if (count >= mostSources) throw new HinobanError("conflict", `An organisation has at most ${mostSources} sources.`);
    const id = newId();
    const token = newToken();
    await tx
      .insertInto("sources_source")
      .values({
        id,
        kind: input.kind,
        ...(await columnsOf(tx, input)),
        digest: tokenDigest(token),
        old_digest: null,
        state: "waiting",
        last_at: null,
        due_at: null,
        muted_until: null,
        mute_reason: "",
        created_at: at,
      })
      .execute();
    if (input.mailbox) await keepMailbox(sources, tx, at, id, input.mailbox);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "alert-source.created",
      object: `alert-source:${id}`,
      outcome: "done",
      detail: { kind: input.kind },
      texts: { name: input.name },
    });
    await publish(tx, sourcesTopic);
    const [source] = await present(tx, [await findSource(tx, id)], new Map(), at);
    if (!source) throw new HinobanError("internal", "The source was not kept.");
    return { source, path: pathOf(token) };
  });
}
