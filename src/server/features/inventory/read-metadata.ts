import { sql } from "kysely";
import type { Tx } from "#store";
import { noDocument, readableOwner, type MetadataOwner } from "./metadata-owner.ts";

export interface MetadataRow {
  readonly namespace: string;
  readonly document: string;
  readonly updated_at: number;
}

/** @throws "not-found" */
export async function readMetadata(tx: Tx, input: { readonly owner: MetadataOwner; readonly namespace: string }): Promise<MetadataRow> {
  const owner = await readableOwner({ tx }, input.owner);
  const row = await tx
    .selectFrom("inventory_metadata")
    .select(["namespace", "document", "updated_at"])
    .where("owner", "=", owner)
    .where("namespace", "=", input.namespace)
    .executeTakeFirst();
  if (!row) throw noDocument(input.namespace);
  return row;
}

/** @throws "not-found" for the owner */
export async function listMetadata(tx: Tx, of: MetadataOwner): Promise<{ namespace: string; updatedAt: number; bytes: number }[]> {
  const owner = await readableOwner({ tx }, of);
  return tx
    .selectFrom("inventory_metadata")
    .select(["namespace", "updated_at as updatedAt", sql<number>`octet_length(document)`.as("bytes")])
    .where("owner", "=", owner)
    .orderBy("namespace")
    .execute();
}
