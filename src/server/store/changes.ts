import { sql } from "kysely";
import type { Tx } from "./db.ts";

/** Says that something of an organisation changed; it only invalidates what a screen shows, the truth stays in the tables. */
export interface Change {
  readonly organisationId: string;
  /** Which list is stale: `hosts`, `host:<id>`, `services`, `people`, `keys`, `ledger` … */
  readonly topic: string;
}

/** The NOTIFY channel that carries changes between processes. A hint: it may be lost. */
export const changesChannel = "hinoban_changes";

/** Announces a change when, and only when, the transaction commits. */
export async function publish(tx: Tx, topic: string): Promise<void> {
  await sql`select pg_notify(${changesChannel}, json_build_object('organisationId', hinoban_organisation(), 'topic', ${topic}::text)::text)`.execute(
    tx,
  );
}
