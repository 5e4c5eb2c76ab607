import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { AlertReport } from "#features/incidents";
import { publish, type Tx, repeated } from "#store";
import { cut, dueAfter } from "./model.ts";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { beatOf, lockSource, type SourceRow } from "./store.ts";

/** What a heartbeat may say besides that it is there. */
export interface BeatSays {
  /** The job failed: somebody is told at once. */
  readonly hasFailed: boolean;
  readonly message: string;
}

/** Takes a heartbeat: it is due anew, and if it had been missed or had failed, that is over. */
export function takeBeat(sources: SourcesContext, organisationId: string, sourceId: string, says: BeatSays): Promise<void> {
  return repeated(sources.db).tx({ organisationId }, async (tx) => {
    const at = sources.clock.now();
    const source = await lockSource(tx, sourceId);
    const beat = beatOf(source);
    const dueAt = beat ? dueAfter(at, beat) : null;
    const isMuted = source.muted_until !== null && source.muted_until > at;
    if (says.hasFailed) {
      if (!isMuted) await sources.incidents.report(tx, at, [failedReport(source, says.message)], "source");
    } else if (source.state !== "ok") {
      await sources.incidents.report(tx, at, [okReport(source)], "source");
    }
    const state = says.hasFailed ? "unread" : "ok";
    // Heartbeats are observations: the ledger hears of the alerts that they open and close.
    await sql`update sources_source set last_at = ${at}, due_at = ${dueAt}, state = ${state} where id = ${source.id}`.execute(tx);
    if (source.state !== state || source.due_at === null) await publish(tx, sourcesTopic);
  });
}

const base = (source: SourceRow) =>
  ({
    origin: { kind: "source", id: source.id },
    key: "",
    type: "heartbeat",
    name: source.name,
    ...(source.service_id === null ? {} : { serviceId: source.service_id }),
  }) as const;

const statusOf = (source: SourceRow): "WARNING" | "CRITICAL" =>
  source.default_severity === "information" || source.default_severity === "warning" ? "WARNING" : "CRITICAL";

const okReport = (source: SourceRow): AlertReport => ({
  ...base(source),
  status: "OK",
  severity: source.default_severity,
  message: "The heartbeat is back.",
});

const failedReport = (source: SourceRow, message: string): AlertReport => ({
  ...base(source),
  status: statusOf(source),
  severity: source.default_severity,
  message: cut(message === "" ? "The job says that it failed." : message, 1024),
});

/** Opens the alert of a heartbeat that stayed away; once, whoever notices first. */
export async function reportMissed(sources: SourcesContext, tx: Tx, at: UnixMs, source: SourceRow): Promise<void> {
  const beat = beatOf(source);
  const since = source.last_at === null ? "" : new Date(source.last_at).toISOString();
  await sources.incidents.report(
    tx,
    at,
    [
      {
        ...base(source),
        status: statusOf(source),
        severity: source.default_severity,
        message: `No heartbeat since ${since}; one is expected every ${beat?.intervalSeconds ?? 0} s.`,
        detail: { lastAt: source.last_at, ...beat },
      },
    ],
    "source",
  );
  await sql`update sources_source set state = 'missed', due_at = null where id = ${source.id}`.execute(tx);
  await publish(tx, sourcesTopic);
}
