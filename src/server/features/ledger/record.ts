import { createHmac, randomBytes } from "node:crypto";
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
export async function record(tx: Tx, entry: Entry): Promise<void> {
  const { at, texts, ...facts } = entry;
  const detail: Record<string, EntryFacts["detail"][string]> = { ...facts.detail };
  for (const [key, text] of Object.entries(texts ?? {})) {
    if (text !== undefined) detail[key] = await keepText(tx, text);
  }
  const known = verbs[entry.verb].detail;
  const strange = Object.keys(detail).filter((key) => detail[key] !== undefined && !known.includes(key));
  if (strange.length > 0)
    throw new HinobanError("internal", `The verb ${entry.verb} has no detail called ${strange.join(", ")}.`, { verb: entry.verb, strange });
  await tx
    .insertInto("ledger_pending")
    .values({ wall: at, facts: canonicalJson({ ...facts, detail }) })
    .execute();
  await publish(tx, "ledger");
}

/** Keeps `text` beside the record and returns its commitment, `h:` and the hex HMAC-SHA256 of the text under a random salt. */
async function keepText(tx: Tx, text: string): Promise<string> {
  const salt = randomBytes(16);
  const commitment = `h:${createHmac("sha256", salt).update(text, "utf8").digest("hex")}`;
  await tx.insertInto("ledger_text").values({ commitment, salt, text }).execute();
  return commitment;
}
