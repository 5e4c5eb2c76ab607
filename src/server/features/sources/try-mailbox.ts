import { messageOf } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { Mailbox, MailboxTried } from "#wire/sources";
import type { SourcesContext } from "./context.ts";
import { mailboxesOf, typedPlace } from "./mailbox-store.ts";
import { findSource } from "./store.ts";

/** Signs in to a mailbox as it is typed and tells how it went; no mail is read. @throws "forbidden", "invalid-input", "not-found" */
export async function tryMailbox(
  sources: SourcesContext,
  actor: Actor,
  { sourceId, mailbox }: { readonly sourceId?: string; readonly mailbox: Mailbox },
): Promise<MailboxTried> {
  const object = sourceId === undefined ? `organisation:${actor.organisationId}` : `alert-source:${sourceId}`;
  const place = await sources.db.tx(scopeOf(actor), async (tx) => {
    demand(actor, "source.change", object, sources.clock.now());
    if (sourceId === undefined) return typedPlace(sources.mailboxSeal, mailbox, undefined);
    const { id } = await findSource(tx, sourceId);
    return typedPlace(sources.mailboxSeal, mailbox, (await mailboxesOf(tx, [id])).get(id));
  });
  const tried = await look(sources, place);
  await sources.db.tx(scopeOf(actor), (tx) =>
    record(tx, {
      at: sources.clock.now(),
      actor: actorId(actor),
      verb: "alert-source.mailbox-tried",
      object,
      outcome: "done",
      detail: { state: tried.ok ? "ok" : "failed" },
      texts: { host: place.host },
    }),
  );
  return tried;
}

async function look({ mailboxes }: SourcesContext, place: ReturnType<typeof typedPlace>): Promise<MailboxTried> {
  if (!mailboxes) return { ok: false, problem: "Mailboxes are not read by this server." };
  try {
    const folder = await mailboxes.open(place);
    await folder.close();
    return { ok: true, mails: folder.mails };
  } catch (error) {
    return { ok: false, problem: messageOf(error) };
  }
}
