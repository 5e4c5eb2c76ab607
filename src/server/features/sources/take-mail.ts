import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { ReceivedMail } from "#ports/mailbox/port";
import { repeated } from "#store";
import type { SourcesContext } from "./context.ts";
import { rememberedFor, rulesOf, type MailboxRow } from "./mailbox-store.ts";
import { readMail } from "./readers/mail.ts";
import { lockSource, settingsOf } from "./store.ts";
import { carryOut, keepSignal, muted, type Taken } from "./take-signal.ts";

/** Which folder a mail lies in, so that its UID means what it meant. */
interface Where {
  readonly organisationId: string;
  readonly sourceId: string;
  readonly validity: string;
}

/**
 * Takes a mail in and remembers how far the folder was read, in one transaction: whatever ends this process, and however many read the same
 * folder, each mail changes alerts once.
 * @returns undefined when it was taken in before
 */
export function takeMail(sources: SourcesContext, where: Where, received: ReceivedMail): Promise<Taken | undefined> {
  const { organisationId, sourceId, validity } = where;
  return repeated(sources.db).tx({ organisationId }, async (tx) => {
    const at = sources.clock.now();
    const source = await lockSource(tx, sourceId);
    const { rows } = await sql<MailboxRow>`update sources_mailbox set last_uid = ${received.uid}
      where source_id = ${sourceId} and validity = ${validity} and last_uid < ${received.uid} returning *`.execute(tx);
    const [mailbox] = rows;
    if (!mailbox || received.receivedAt < mailbox.since) return undefined;
    const digest = createHash("sha256").update(received.mail.id, "utf8").digest();
    const { rows: fresh } = await sql`insert into sources_mail (source_id, digest, taken_at) values (${sourceId}, ${digest}, ${at})
      on conflict do nothing returning digest`.execute(tx);
    if (fresh.length === 0) return undefined;
    await sql`delete from sources_mail where source_id = ${sourceId} and taken_at < ${at - rememberedFor}`.execute(tx);
    const reading = readMail(received.mail, { rules: rulesOf(mailbox), unmatched: mailbox.unmatched }, settingsOf(source));
    const isMuted = source.muted_until !== null && source.muted_until > at;
    const taken = isMuted ? muted : await carryOut(sources, tx, at, { source, reading });
    await keepSignal(tx, at, source, shown(received), taken);
    return taken;
  });
}

/** As the page of messages shows it. */
const shown = ({ mail: { from, subject, id, text }, size, isCut }: ReceivedMail): string =>
  [
    `From: ${from}`,
    `Subject: ${subject}`,
    `Message-ID: ${id}`,
    ...(isCut ? [`(${size} bytes; only the beginning was read)`] : []),
    "",
    text,
  ].join("\n");
