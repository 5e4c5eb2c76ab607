import type { Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import { optional } from "#base/fields";
import type { Tx } from "#store";
import type { Recurrence } from "#wire/downtimes";
import { scopeKeys, type DowntimeInput, type Scopes } from "./parse.ts";
import type { DowntimesDowntimeTable } from "./tables.ts";

export type DowntimeRow = Selectable<DowntimesDowntimeTable>;

export const scopesIn = (row: Pick<DowntimeRow, "scopes">): Scopes => JSON.parse(row.scopes) as Scopes; // written by this feature alone

export const recurrenceIn = (row: Pick<DowntimeRow, "recurrence">): Recurrence | undefined =>
  row.recurrence === null ? undefined : (JSON.parse(row.recurrence) as Recurrence); // written by this feature alone

/** The columns in which an input is kept. */
export function columnsOf(input: DowntimeInput) {
  const scopes = Object.fromEntries(scopeKeys.flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]])));
  return {
    name: input.name,
    memo: input.memo ?? null,
    start_at: input.start * 1000,
    duration_minutes: input.duration,
    recurrence: input.recurrence === undefined ? null : JSON.stringify(input.recurrence),
    scopes: JSON.stringify(scopes),
    names_hosts: (input.hostScopes ?? []).length > 0,
  };
}

/** A downtime as it was written: every key that was given, and none besides. */
export function inputOf(row: DowntimeRow): DowntimeInput {
  return {
    name: row.name,
    ...optional("memo", row.memo ?? undefined),
    start: row.start_at / 1000,
    duration: row.duration_minutes,
    ...optional("recurrence", recurrenceIn(row)),
    ...scopesIn(row),
  };
}

export const noDowntime = (id: string): HinobanError => new HinobanError("not-found", `There is no downtime ${id}.`, { id });

/** Which downtimes an interface sees. */
export interface Sight {
  /** Mackerel's interface does not see downtimes that name hosts. */
  readonly isMackerel: boolean;
}

/** A downtime that is about to be changed, locked until the transaction ends. @throws "not-found" */
export async function lockDowntime(tx: Tx, id: string, { isMackerel }: Sight = { isMackerel: false }): Promise<DowntimeRow> {
  const row = await tx.selectFrom("downtimes_downtime").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  if (!row || (isMackerel && row.names_hosts)) throw noDowntime(id);
  return row;
}

/** Names of downtimes, by the ledger's ids. What is deleted is simply absent. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const own = ids.filter((id) => id.startsWith("downtime:")).map((id) => id.slice("downtime:".length));
  if (own.length === 0) return {};
  const rows = await tx.selectFrom("downtimes_downtime").select(["id", "name"]).where("id", "in", own).execute();
  return Object.fromEntries(rows.map((row) => [`downtime:${row.id}`, row.name]));
}
