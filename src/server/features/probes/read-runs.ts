import { sql, type Selectable } from "kysely";
import { minutes, unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import type { ProbeOutcome, ProbeStep } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import { hostOfVantage } from "#wire/probe-words";
import type { ProbeRun } from "#wire/probes";
import { withoutSecrets } from "./model.ts";
import type { ProbesRunTable } from "./tables.ts";

/** Longer than any probe takes, and longer than an agent needs to fetch it. */
const expiresAfter = minutes(3);

type RunRow = Selectable<ProbesRunTable> & { readonly host_name: string | null };

const rows = (tx: Tx) =>
  tx
    .selectFrom("probes_run")
    .leftJoin("inventory_host", (join) => join.on(sql<boolean>`probes_run.vantage = 'host:' || inventory_host.id`))
    .selectAll("probes_run")
    .select("inventory_host.name as host_name");

/** @throws "not-found" */
export async function demandRun(tx: Tx, id: string): Promise<RunRow> {
  const row = await rows(tx).where("probes_run.id", "=", id).executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no probe ${id}; they are kept for a day.`, { id });
  return row;
}

/** Newest first; index probes_run_by_time. */
export const newestRuns = (tx: Tx, limit: number): Promise<RunRow[]> =>
  rows(tx).orderBy("probes_run.asked_at", "desc").orderBy("probes_run.seq", "desc").limit(limit).execute();

/** A run as the console shows it. */
export function presentedRun(row: RunRow, now: number): ProbeRun {
  const isOver = row.state === "done" || now - row.asked_at < expiresAfter;
  // All three were written by this feature in these very shapes.
  const spec = withoutSecrets(JSON.parse(row.spec) as ProbeSpec); // see above
  const steps = JSON.parse(row.steps) as ProbeStep[]; // see above
  return {
    id: row.id,
    from: row.vantage,
    fromName: hostOfVantage(row.vantage) === undefined ? "" : (row.host_name ?? ""),
    spec,
    state: isOver ? row.state : "expired",
    askedAt: unixMs(row.asked_at),
    askedBy: row.asked_by,
    steps,
    ...(row.outcome === null ? {} : { outcome: JSON.parse(row.outcome) as ProbeOutcome }), // see above
  };
}
