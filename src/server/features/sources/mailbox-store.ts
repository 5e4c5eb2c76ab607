import { sql, type Selectable } from "kysely";
import { days, type UnixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import { Secret } from "#base/secret";
import type { MailboxPlace } from "#ports/mailbox/port";
import type { Seal, Tx } from "#store";
import type { Mailbox, MailRule } from "#wire/sources";
import type { SourcesContext } from "./context.ts";
import type { SourcesMailboxTable } from "./tables.ts";

export type MailboxRow = Selectable<SourcesMailboxTable>;

/** How long it is remembered which mails were taken in. */
export const rememberedFor = days(90);

/** By primary key. */
export async function mailboxesOf(tx: Tx, sourceIds: readonly string[]): Promise<Map<string, MailboxRow>> {
  if (sourceIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("sources_mailbox")
    .selectAll()
    .where("source_id", "in", [...sourceIds])
    .execute();
  return new Map(rows.map((row) => [row.source_id, row]));
}

// What the column holds was checked by the wire's shape when it was written.
export const rulesOf = ({ rules }: Pick<MailboxRow, "rules">): MailRule[] => JSON.parse(rules) as MailRule[];

/** A mailbox as the console shows it: without its password. */
export const shownMailbox = (row: MailboxRow): Mailbox => ({
  host: row.host,
  port: row.port,
  security: row.security,
  verifiesTls: row.verifies_tls,
  userName: row.user_name,
  folder: row.folder,
  marksSeen: row.marks_seen,
  unmatched: row.unmatched,
  rules: rulesOf(row),
});

/** @throws "storage-damaged" when the server key is another one */
export const placeOf = (seal: Seal, row: MailboxRow): MailboxPlace => ({
  host: row.host,
  port: row.port,
  security: row.security,
  verifiesTls: row.verifies_tls,
  userName: row.user_name,
  folder: row.folder,
  password: seal.open(row.password, row.source_id),
});

/**
 * A mailbox as it was typed, with the kept password where none was typed. That goes only where it went before: otherwise whoever may change
 * a source could have it sent to a machine of their own.
 * @throws "invalid-input"
 */
export function typedPlace(seal: Seal, input: Mailbox, kept: MailboxRow | undefined): MailboxPlace {
  const place = { ...input, host: input.host.trim(), userName: input.userName.trim(), folder: input.folder.trim() };
  if (input.password !== undefined && input.password !== "") return { ...place, password: new Secret(input.password) };
  if (!kept) throw invalidInput([{ field: "mailbox.password", problem: "must be given" }]);
  const isSame = kept.host === place.host && kept.port === place.port && kept.user_name === place.userName;
  if (!isSame || isLooser(place, kept)) {
    const problem = "must be typed again, since the mailbox or how it is protected is another one";
    throw invalidInput([{ field: "mailbox.password", problem }]);
  }
  return { ...place, password: seal.open(kept.password, kept.source_id) };
}

const strengths = ["none", "starttls", "tls"] as const;

const isLooser = (place: Pick<MailboxPlace, "security" | "verifiesTls">, kept: MailboxRow): boolean =>
  strengths.indexOf(place.security) < strengths.indexOf(kept.security) || (kept.verifies_tls && !place.verifiesTls);

/** Keeps the mailbox of a source; the act that does so is in the ledger. @returns whether anything changed @throws "invalid-input" */
export async function keepMailbox(sources: SourcesContext, tx: Tx, at: UnixMs, sourceId: string, input: Mailbox): Promise<boolean> {
  const before = (await mailboxesOf(tx, [sourceId])).get(sourceId);
  const { password, ...place } = typedPlace(sources.mailboxSeal, input, before);
  const same = { folder: place.folder, host: place.host, user_name: place.userName };
  const rules = JSON.stringify(input.rules);
  const isOtherFolder = !before || Object.entries(same).some(([name, value]) => before[name as keyof typeof same] !== value); // the keys of the very object
  const kept = before && { ...shownMailbox(before), rules: before.rules };
  const next = { ...shownOf(input, place), rules };
  if (kept && input.password === undefined && JSON.stringify(kept) === JSON.stringify(next)) return false;
  const columns = {
    ...same,
    port: place.port,
    security: place.security,
    verifies_tls: place.verifiesTls,
    password: sources.mailboxSeal.seal(password, sourceId),
    marks_seen: input.marksSeen,
    unmatched: input.unmatched,
    rules,
    problem: null,
    failures: 0,
    due_at: at,
    ...(isOtherFolder ? { validity: null, last_uid: 0, since: 0, begun_at: null } : {}),
  };
  // oxlint-disable-next-line hinoban/recorded-mutations -- createSource and changeSource write the act down in the same transaction
  await tx
    .insertInto("sources_mailbox")
    .values({ source_id: sourceId, validity: null, begun_at: null, looked_at: null, failing_since: null, holder: null, ...columns })
    .onConflict((conflict) => conflict.column("source_id").doUpdateSet({ ...columns, revision: sql`sources_mailbox.revision + 1` }))
    .execute();
  return true;
}

const shownOf = (input: Mailbox, place: Omit<MailboxPlace, "password">): Mailbox => ({
  host: place.host,
  port: place.port,
  security: place.security,
  verifiesTls: place.verifiesTls,
  userName: place.userName,
  folder: place.folder,
  marksSeen: input.marksSeen,
  unmatched: input.unmatched,
  rules: input.rules,
});

/**
 * Begins to read a folder: at what comes from now on, or, when its UIDs mean other mails than before, at what came since the last look.
 * Servers tell times in whole seconds, hence one of grace.
 */
export async function beginFolder(
  tx: Tx,
  at: UnixMs,
  row: Pick<MailboxRow, "source_id">,
  folder: { readonly validity: string; readonly nextUid: number },
): Promise<{ readonly lastUid: number }> {
  const { rows } = await sql<{ last_uid: number }>`update sources_mailbox m set
      last_uid = case when m.validity is null then ${Math.max(0, folder.nextUid - 1)}::bigint when m.validity = ${folder.validity} then m.last_uid else 0 end,
      since = case when m.validity is null or m.validity = ${folder.validity} then m.since else greatest(m.begun_at - 1000, m.looked_at - ${days(1)}::bigint) end,
      begun_at = coalesce(m.begun_at, ${at}::bigint),
      validity = ${folder.validity}
    where m.source_id = ${row.source_id} returning m.last_uid`.execute(tx);
  return { lastUid: rows[0]?.last_uid ?? 0 };
}
