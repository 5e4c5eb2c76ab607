import type { Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import { unixMs } from "#base/duration";
import type { Tx } from "#store";
import { defaultMapping, type Mapping, type ScrapeTarget } from "#wire/prometheus";
import type { PrometheusTargetTable } from "./tables.ts";

export type TargetRow = Selectable<PrometheusTargetTable>;

/** The organisation's mapping; the default while nobody changed it. */
export async function readMapping(tx: Tx): Promise<Mapping> {
  const row = await tx.selectFrom("prometheus_mapping").select(["revision", "settings", "rules"]).executeTakeFirst();
  if (!row) return { revision: 0, settings: defaultMapping, rules: [] };
  // Both were written by `changeMapping` in these very shapes; settings that are newer than the row keep their defaults.
  const settings = { ...defaultMapping, ...(JSON.parse(row.settings) as Partial<Mapping["settings"]>) }; // see above
  return { revision: row.revision, settings, rules: JSON.parse(row.rules) as Mapping["rules"] }; // see above
}

export interface TargetPage {
  readonly isDownOnly: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Targets by their URLs; index prometheus_target_by_organisation. */
export async function pageOfTargets(tx: Tx, { isDownOnly, offset, limit }: TargetPage): Promise<TargetRow[]> {
  let query = tx.selectFrom("prometheus_target").selectAll();
  if (isDownOnly) query = query.where("is_enabled", "=", true).where("last_error", "is not", null);
  return query.orderBy("url").orderBy("id").offset(offset).limit(limit).execute();
}

export async function countTargets(tx: Tx): Promise<{ readonly total: number; readonly down: number }> {
  const row = await tx
    .selectFrom("prometheus_target")
    .select((count) => [
      count.fn.countAll<string>().as("total"),
      count.fn.count<string>("id").filterWhere("is_enabled", "=", true).filterWhere("last_error", "is not", null).as("down"),
    ])
    .executeTakeFirstOrThrow();
  return { total: Number(row.total), down: Number(row.down) };
}

/** @throws "not-found" */
export async function findTarget(tx: Tx, id: string): Promise<TargetRow> {
  const row = await tx.selectFrom("prometheus_target").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no scrape target ${id}.`, { id });
  return row;
}

/** A target as the console shows it: without its secret. */
export function presented(row: TargetRow): ScrapeTarget {
  return {
    id: row.id,
    url: row.url,
    isEnabled: row.is_enabled,
    intervalSeconds: row.interval_seconds,
    timeoutSeconds: row.timeout_seconds,
    hostName: row.host_name,
    auth: row.auth,
    userName: row.user_name,
    verifiesTls: row.verifies_tls,
    labels: labelsOf(row),
    hasSecret: row.secret !== null,
    createdAt: unixMs(row.created_at),
    state: stateOf(row),
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    ...(row.last_samples === null ? {} : { lastSamples: row.last_samples }),
    ...(row.last_millis === null ? {} : { lastMillis: row.last_millis }),
    ...(row.host_id === null ? {} : { hostId: row.host_id }),
  };
}

export const labelsOf = (row: Pick<TargetRow, "labels">): ScrapeTarget["labels"] => JSON.parse(row.labels) as ScrapeTarget["labels"]; // written by the verbs of this feature in this shape

function stateOf(row: TargetRow): ScrapeTarget["state"] {
  if (!row.is_enabled) return "disabled";
  if (row.last_at === null) return "waiting";
  return row.last_error === null ? "up" : "down";
}
