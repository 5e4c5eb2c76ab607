import { createHash } from "node:crypto";
import { sql } from "kysely";
import { ChainVerifier, type BadEntry } from "#base/ledger-chain";
import { installationScope, type Db } from "#store";

const pageSize = 2000;

/** What a verification found in one organisation's record. */
export interface Verification {
  readonly organisationId: string;
  readonly checked: number;
  /** Absent when every entry is good. */
  readonly bad?: BadEntry;
}

export const sha256Hex = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** Walks one organisation's whole record in pages and stops at the first bad entry. */
export async function verifyLedger(db: Db, organisationId: string): Promise<Verification> {
  const verifier = new ChainVerifier(organisationId, sha256Hex);
  for (;;) {
    const page = await db.tx({ organisationId }, (tx) =>
      tx
        .selectFrom("ledger_entry")
        .select(["seq", "device", "dseq", "hash", "bytes", "verb", "actor", "object", "outcome", "wall"])
        .where("seq", ">", verifier.checked)
        .orderBy("seq")
        .limit(pageSize)
        .execute(),
    );
    for (const row of page) {
      const stored = { seq: row.seq, device: row.device, dseq: row.dseq, hash: Buffer.from(row.hash).toString("hex"), bytes: row.bytes };
      const bad = verifier.check(stored) ?? misindexed(row);
      if (bad) return { organisationId, checked: verifier.checked, bad };
    }
    if (page.length < pageSize) return { organisationId, checked: verifier.checked };
  }
}

/** The ids of all organisations that have a record, the installation's own included. */
export function recordedOrganisations(db: Db): Promise<string[]> {
  return db.tx(installationScope, async (tx) => {
    const { rows } = await sql<{ id: string }>`select ledger_organisations() as id`.execute(tx);
    return rows.map((row) => row.id);
  });
}

interface IndexedRow {
  seq: number;
  device: string;
  dseq: number;
  bytes: string;
  verb: string;
  actor: string;
  object: string;
  outcome: string;
  wall: number;
}

/** The searchable columns must say what the bytes say, or a search would lie. */
function misindexed(row: IndexedRow): BadEntry | undefined {
  const said = JSON.parse(row.bytes) as Record<string, unknown>; // checked by the verifier just before
  const isSame = (["verb", "actor", "object", "outcome", "wall"] as const).every((key) => said[key] === row[key]);
  return isSame ? undefined : { seq: row.seq, device: row.device, dseq: row.dseq, problem: "a searchable column differs from the bytes" };
}
