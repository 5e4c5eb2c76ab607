import { sql } from "kysely";
import type { CanonicalValue } from "#base/canonical-json";
import type { Scope, Db, Tx } from "#store";
import type { QueryOf, ResponseOf } from "#wire/contract";
import type { LedgerEntry, listLedger } from "#wire/ledger";

type Query = QueryOf<typeof listLedger>;

/** Gives the names that ids still have, by id. Ids without a name are left out. */
export type NamesOf = (tx: Tx, ids: readonly string[]) => Promise<Readonly<Record<string, string>>>;

const defaultLimit = 50;

/**
 * One page of an organisation's history, newest first.
 * Filters by actor, object, verb and time walk an index; `text` reads the bytes and the texts that entries refer to, so it is the slow one.
 */
export function listEntries(db: Db, scope: Scope, query: Query, namesOf: NamesOf): Promise<ResponseOf<typeof listLedger>> {
  const limit = query.limit ?? defaultLimit;
  return db.tx(scope, async (tx) => {
    let rows = tx
      .selectFrom("ledger_entry")
      .select(["seq", "device", "dseq", "wall", "verb", "actor", "object", "outcome", "hash", "bytes"]);
    rows = rows.where("organisation_id", "=", scope.organisationId); // row-level security says so too; this lets the planner use the indexes
    if (query.before !== undefined) rows = rows.where("seq", "<", query.before);
    if (query.from !== undefined) rows = rows.where("wall", ">=", query.from);
    if (query.to !== undefined) rows = rows.where("wall", "<", query.to);
    if (query.actor !== undefined) rows = rows.where("actor", "=", query.actor);
    if (query.object !== undefined) rows = rows.where("object", "=", query.object);
    if (query.outcome !== undefined) rows = rows.where("outcome", "=", query.outcome);
    if (query.verb !== undefined)
      rows = query.verb.includes(".") ? rows.where("verb", "=", query.verb) : rows.where("verb", "like", `${likeText(query.verb)}.%`);
    if (query.text !== undefined) rows = rows.where(mentions(query.text));
    const found = await rows
      .orderBy("seq", "desc")
      .limit(limit + 1)
      .execute();
    const page = found.slice(0, limit);
    const texts = await textsOf(
      tx,
      page.map((row) => row.bytes),
    );
    const entries = page.map((row) => toEntry(row, texts));
    const names = await namesOf(tx, [...new Set(entries.flatMap((entry) => [entry.actor, entry.object]))]);
    const last = page.at(-1);
    return { entries, names: { ...names }, ...(found.length > limit && last ? { next: last.seq } : {}) };
  });
}

const likeText = (text: string): string => text.replaceAll(/[\\%_]/gu, String.raw`\$&`);

const mentions = (text: string) => {
  const pattern = `%${likeText(text)}%`;
  return sql<boolean>`(bytes ilike ${pattern} or exists (select from ledger_text t where t.text ilike ${pattern} and position(t.commitment in ledger_entry.bytes) > 0))`;
};

async function textsOf(tx: Tx, bytes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const commitments = [...new Set(bytes.flatMap((text) => text.match(/h:[0-9a-f]{64}/gu) ?? []))];
  if (commitments.length === 0) return new Map();
  const rows = await tx.selectFrom("ledger_text").select(["commitment", "text"]).where("commitment", "in", commitments).execute();
  return new Map(rows.map((row) => [row.commitment, row.text]));
}

interface EntryRow {
  seq: number;
  device: string;
  dseq: number;
  wall: number;
  verb: string;
  actor: string;
  object: string;
  outcome: string;
  hash: Uint8Array;
  bytes: string;
}

function toEntry(row: EntryRow, texts: ReadonlyMap<string, string>): LedgerEntry {
  const said = JSON.parse(row.bytes) as { detail: Record<string, CanonicalValue> }; // our own canonical bytes
  const detail = Object.entries(said.detail).map(
    ([key, value]) => [key, typeof value === "string" ? (texts.get(value) ?? value) : value] as const,
  );
  return {
    seq: row.seq,
    at: row.wall,
    device: row.device,
    dseq: row.dseq,
    actor: row.actor,
    verb: row.verb,
    object: row.object,
    outcome: row.outcome as LedgerEntry["outcome"], // only record() writes it
    detail: Object.fromEntries(detail),
    hash: Buffer.from(row.hash).toString("hex"),
    bytes: row.bytes,
  };
}
