import { createHmac, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { canonicalJson } from "#base/canonical-json";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { EntryFacts } from "#base/ledger-chain";
import { publish, type Tx } from "#store";
import { verbs, type Verb } from "#wire/verbs";

/** What an act hands to the ledger. Names and free text go into `texts`: the entry holds only their salted hash. */
export interface Entry extends EntryFacts {
  readonly at: UnixMs;
  readonly verb: Verb;
  /** Detail fields that hold names or free text: kept beside the record, deletable, and referred to by commitment. */
  readonly texts?: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes one entry inside the transaction of the act it describes: if that does not commit, the entry does not exist.
 * The sequencer gives it its place in the chain within a second after the commit.
 * @throws HinobanError "internal" for a detail field that the registry of verbs does not know.
 */
export function record(tx: Tx, entry: Entry): Promise<void> {
  return recordAll(tx, [entry]);
}

/**
 * The same for many acts of one transaction, in their order and in few statements.
 * @throws HinobanError "internal" for a detail field that the registry of verbs does not know.
 */
export async function recordAll(tx: Tx, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const kept: KeptText[] = [];
  const rows = entries.map((entry) => pendingOf(entry, kept));
  if (kept.length > 0)
    await sql`insert into ledger_text (commitment, salt, text) select * from unnest(${kept.map((one) => one.commitment)}::text[],
      ${kept.map((one) => one.salt)}::bytea[], ${kept.map((one) => one.text)}::text[])`.execute(tx);
  await sql`insert into ledger_pending (wall, facts) select * from unnest(${rows.map((row) => row.wall)}::bigint[], ${rows.map((row) => row.facts)}::text[])`.execute(
    tx,
  );
  await publish(tx, "ledger");
}

interface KeptText {
  readonly commitment: string;
  readonly salt: Buffer;
  readonly text: string;
}

function pendingOf(entry: Entry, kept: KeptText[]): { readonly wall: UnixMs; readonly facts: string } {
  const { at, texts, ...facts } = entry;
  const detail: Record<string, EntryFacts["detail"][string]> = { ...facts.detail };
  for (const [key, text] of Object.entries(texts ?? {})) {
    if (text !== undefined) detail[key] = keepText(text, kept);
  }
  const known = verbs[entry.verb].detail;
  const strange = Object.keys(detail).filter((key) => detail[key] !== undefined && !known.includes(key));
  if (strange.length > 0)
    throw new HinobanError("internal", `The verb ${entry.verb} has no detail called ${strange.join(", ")}.`, { verb: entry.verb, strange });
  return { wall: at, facts: canonicalJson({ ...facts, detail }) };
}

/** Keeps `text` beside the record and returns its commitment, `h:` and the hex HMAC-SHA256 of the text under a random salt. */
function keepText(text: string, kept: KeptText[]): string {
  const salt = randomBytes(16);
  const commitment = `h:${createHmac("sha256", salt).update(text, "utf8").digest("hex")}`;
  kept.push({ commitment, salt, text });
  return commitment;
}
