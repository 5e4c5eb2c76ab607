import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { hours, minutes, seconds, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import { record } from "#features/ledger";
import type { Figure } from "#http";
import { installationScope, publish, type Tx } from "#store";
import { latestPlanned } from "./advance.ts";
import { escalationTopic, type EscalationContext } from "./context.ts";
import { inputOf, openBook, allPolicies, allBindings } from "./policy-store.ts";
import { reachOf } from "./reach.ts";
import { endRun, hastenRun, startRun, type RunRow } from "./runs.ts";
import { queueReport } from "./self-reports.ts";
import { actor } from "./telling.ts";

const every = minutes(1);
/** Work that is this late is not done. */
const lateAfter = seconds(60);
/** Two audits that do not come to their end, and nothing is proved any more. */
const soundFor = seconds(150);
const mostRestarts = 3;
/** Policies are looked at more seldom than runs. */
const policiesEvery = 5;
const mostAtOnce = 500;

/** What one audit found in all organisations. */
export interface Audit {
  readonly at: UnixMs;
  readonly findings: number;
}

interface Found {
  /** Open incidents that nobody has and that had no next action. */
  readonly withoutNext: readonly Finding[];
  /** Runs whose next action lies farther ahead than their policy ever waits. */
  readonly tooFar: readonly RunRow[];
  readonly overdue: number;
  readonly stuck: number;
}

interface Finding {
  readonly incidentId: string;
  /** It is about the escalation itself: it is set going again, but makes no further alert. */
  readonly isOwn: boolean;
}

/**
 * Proves every minute that each open incident that nobody has does have a next action, sets going again what has none, and says so as an
 * alert of its own. It trusts nothing but the tables.
 */
export class Auditor {
  readonly #escalation: EscalationContext;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #turn = 0;
  #last: Audit | undefined;
  #figures = { active: 0, oldestDue: 0, withoutNext: 0 };

  constructor(escalation: EscalationContext) {
    this.#escalation = escalation;
  }

  /** The last audit that came to its end; whoever watches from outside is told only of those without findings. */
  get last(): Audit | undefined {
    return this.#last;
  }

  /** Whether an audit came to its end a moment ago and found nothing: the heartbeat to the outside goes by it. */
  get isSound(): boolean {
    const { last } = this;
    return last !== undefined && last.findings === 0 && this.#escalation.clock.now() - last.at < soundFor;
  }

  start(): () => Promise<void> {
    this.#timer = this.#escalation.clock.every("escalation.audit", every, () => void this.#run());
    return async () => {
      this.#timer?.cancel();
      await this.#running;
    };
  }

  /** One audit of all organisations. */
  async audit(): Promise<Audit> {
    const { clock, db } = this.#escalation;
    const at = clock.now();
    const withPolicies = this.#turn % policiesEvery === 0;
    this.#turn += 1;
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<{ organisation_id: string }>`select * from hinoban_escalation_organisations()`.execute(tx),
    );
    let findings = 0;
    for (const { organisation_id: organisationId } of rows) {
      findings += await this.#auditOne(organisationId, at);
      if (withPolicies) await db.tx({ organisationId }, (tx) => watchPolicies(this.#escalation, tx, at));
    }
    await this.#measure(at);
    this.#last = { at, findings };
    return this.#last;
  }

  figures(): Figure[] {
    const gauge = (name: string, help: string, value: () => number): Figure => ({
      name: `hinoban_escalation_${name}`,
      type: "gauge",
      help,
      value,
    });
    return [
      gauge("active_runs", "Incidents that are being escalated.", () => this.#figures.active),
      gauge("oldest_due_seconds", "How late the next action is that is latest, in seconds.", () => this.#figures.oldestDue),
      gauge("open_without_next", "Open incidents without a responder and without a next action.", () => this.#figures.withoutNext),
      gauge("audit_age_seconds", "Since when no audit came to its end, in seconds; -1 before the first.", () =>
        this.#last ? Math.max(0, (this.#escalation.clock.now() - this.#last.at) / 1000) : -1,
      ),
      gauge("audit_findings", "What the last audit found.", () => this.#last?.findings ?? 0),
    ];
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = this.audit()
      .then(() => undefined)
      .catch((error: unknown) => this.#escalation.log.warn({ error: messageOf(error) }, "the escalations could not be audited"))
      .finally(() => {
        this.#running = undefined;
      });
    await this.#running;
  }

  async #auditOne(organisationId: string, at: UnixMs): Promise<number> {
    const { db, log } = this.#escalation;
    const found = await db.tx({ organisationId }, (tx) => look(tx, at));
    for (const { incidentId } of found.withoutNext) await this.#restart(organisationId, incidentId, at);
    for (const run of found.tooFar) await this.#hasten(organisationId, run, at);
    if (found.overdue > 0) this.#escalation.wake();
    const findings = found.withoutNext.length + found.tooFar.length + found.overdue + found.stuck;
    const telling = found.withoutNext.filter(({ isOwn }) => !isOwn).length + found.tooFar.length + found.overdue + found.stuck;
    await db.tx({ organisationId }, (tx) => note(tx, at, found, { findings, telling }));
    if (findings > 0) {
      const { overdue, stuck } = found;
      log.warn(
        { organisationId, withoutNext: found.withoutNext.length, tooFar: found.tooFar.length, overdue, stuck },
        "the audit of escalations found something",
      );
    }
    return findings;
  }

  /** Begins a run for an incident that has none, a few times an hour at most. */
  async #restart(organisationId: string, incidentId: string, at: UnixMs): Promise<void> {
    const { db, incidents } = this.#escalation;
    await db.tx({ organisationId }, async (tx) => {
      await sql`select id from incidents_incident where id = ${incidentId} for key share`.execute(tx);
      const incident = await incidents.factsOf(tx, incidentId);
      if (!incident || incident.state !== "open" || (incident.snoozedUntil !== undefined && incident.snoozedUntil > at)) return;
      const live = await tx
        .selectFrom("escalation_run")
        .selectAll()
        .where("incident_id", "=", incidentId)
        .where("state", "<>", "done")
        .forUpdate()
        .executeTakeFirst();
      if (live?.state === "active" || (await restartsOf(tx, incidentId, at)) >= mostRestarts) return;
      if (live) await endRun(tx, at, live.id, "restarted");
      const runId = await startRun(tx, at, incident, await openBook(tx));
      if (runId === undefined) return;
      await sql`update escalation_run set restarts = 1, restarts_since = ${at} where id = ${runId}`.execute(tx);
      await recordRestart(tx, at, incidentId, runId, "without-next");
    });
  }

  async #hasten(organisationId: string, { id, incident_id: incidentId }: RunRow, at: UnixMs): Promise<void> {
    await this.#escalation.db.tx({ organisationId }, async (tx) => {
      const { rows } =
        await sql`update escalation_run set restarts = case when restarts_since < ${at - hours(1)} then 1 else restarts + 1 end,
          restarts_since = case when restarts_since < ${at - hours(1)} then ${at} else restarts_since end
        where id = ${id} and state = 'active' and (restarts < ${mostRestarts} or restarts_since < ${at - hours(1)}) returning id`.execute(
          tx,
        );
      if (rows.length === 0) return;
      await hastenRun(tx, at, id);
      await recordRestart(tx, at, incidentId, id, "too-far");
    });
  }

  async #measure(at: UnixMs): Promise<void> {
    const { rows } = await this.#escalation.db.tx(installationScope, (tx) =>
      sql<{ active: number; oldest_due: number | null; without_next: number }>`select * from hinoban_escalation_figures(${at})`.execute(tx),
    );
    const [row] = rows;
    if (!row) return;
    this.#figures = {
      active: row.active,
      oldestDue: row.oldest_due === null ? 0 : Math.max(0, (at - row.oldest_due) / 1000),
      withoutNext: row.without_next,
    };
  }
}

async function restartsOf(tx: Tx, incidentId: string, at: UnixMs): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from escalation_run
    where organisation_id = hinoban_organisation() and incident_id = ${incidentId} and restarts > 0 and started_at > ${at - hours(1)}`.execute(
    tx,
  );
  return rows[0]?.n ?? 0;
}

async function recordRestart(tx: Tx, at: UnixMs, incidentId: string, run: string, cause: string): Promise<void> {
  await record(tx, { at, actor, verb: "escalation.restarted", object: `incident:${incidentId}`, outcome: "done", detail: { run, cause } });
  await publish(tx, escalationTopic);
}

/** Looks at everything and changes nothing. */
async function look(tx: Tx, at: UnixMs): Promise<Found> {
  const { rows: open } = await sql<{ id: string; is_own: boolean }>`select i.id, exists (
      select from incidents_membership m join incidents_alert a on a.id = m.alert_id
      where m.incident_id = i.id and a.origin_kind = 'system' and a.origin_id = 'escalation') as is_own
    from incidents_incident i
    where i.organisation_id = hinoban_organisation() and i.state = 'open' and (i.snoozed_until is null or i.snoozed_until < ${at - lateAfter})
      and not exists (select from escalation_run r where r.incident_id = i.id and r.state = 'active')
    order by i.number limit ${mostAtOnce}`.execute(tx);
  const active = await tx
    .selectFrom("escalation_run")
    .selectAll()
    .where("state", "=", "active")
    .where("is_anchored", "=", false)
    .where("next_at", ">", at + minutes(2))
    .orderBy("next_at", "desc")
    .limit(mostAtOnce)
    .execute();
  const { rows: late } = await sql<{ n: number }>`select count(*) as n from escalation_run
    where organisation_id = hinoban_organisation() and next_at < ${at - lateAfter}`.execute(tx);
  const { rows: stuck } = await sql<{ n: number }>`select count(*) as n from notify_delivery
    where organisation_id = hinoban_organisation() and ((state = 'claimed' and leased_until < ${at - 5 * lateAfter})
      or (state = 'pending' and due_at < ${at - 5 * lateAfter}))`.execute(tx);
  return {
    withoutNext: open.map(({ id, is_own: isOwn }) => ({ incidentId: id, isOwn })),
    tooFar: active.filter((run) => (run.next_at ?? 0) > latestPlanned(run, at) + lateAfter),
    overdue: late[0]?.n ?? 0,
    stuck: stuck[0]?.n ?? 0,
  };
}

/** Keeps what was found, and makes an alert of it, or ends the one that is open. */
async function note(
  tx: Tx,
  at: UnixMs,
  found: Found,
  { findings, telling }: { readonly findings: number; readonly telling: number },
): Promise<void> {
  const { rows } = await sql<{
    before: number | null;
  }>`with old as (select findings from escalation_audit where organisation_id = hinoban_organisation())
    insert into escalation_audit (at, findings, overdue, without_next) values (${at}, ${findings}, ${found.overdue}, ${found.withoutNext.length})
    on conflict (organisation_id) do update set at = excluded.at, findings = excluded.findings, overdue = excluded.overdue, without_next = excluded.without_next
    returning (select findings from old) as before`.execute(tx);
  const hadFindings = (rows[0]?.before ?? 0) > 0;
  if (telling === 0 && !(hadFindings && findings === 0)) return;
  const parts = [
    [found.withoutNext.length, "incidents had no next action and were set going again"],
    [found.tooFar.length, "waited longer than their policy says"],
    [found.overdue, "actions are more than a minute late"],
    [found.stuck, "notifications have not left for more than five minutes"],
  ] as const;
  await queueReport(tx, at, {
    originId: "escalation",
    status: telling === 0 ? "OK" : "CRITICAL",
    severity: "error",
    name: "Escalation",
    message:
      telling === 0
        ? "All open incidents have their next action."
        : parts.flatMap(([n, text]) => (n === 0 ? [] : `${n} ${text}`)).join("; "),
  });
}

/** Policies in use that have come to reach nobody, and channels that were suspended and are not any more. */
async function watchPolicies({ duty }: EscalationContext, tx: Tx, at: UnixMs): Promise<void> {
  const { rows: open } = await sql<{
    origin_id: string;
  }>`select origin_id from incidents_alert where organisation_id = hinoban_organisation()
    and origin_kind = 'system' and (starts_with(origin_id, 'policy:') or starts_with(origin_id, 'channel:')) and closed_at is null`.execute(
    tx,
  );
  const known = new Set(open.map(({ origin_id: id }) => id));
  const used = new Set((await allBindings(tx)).map((row) => row.policy_id));
  const broken = new Set<string>();
  for (const row of await allPolicies(tx)) {
    if (!used.has(row.id)) continue;
    const { reaches } = await reachOf(tx, duty, inputOf(row), at);
    if (reaches !== "nobody") continue;
    const originId = `policy:${row.id}`;
    broken.add(originId);
    const message = "No step of this escalation policy reaches anybody; owners are told instead.";
    if (!known.has(originId))
      await queueReport(tx, at, { originId, status: "CRITICAL", severity: "error", name: `Policy ${row.name}`, message });
  }
  const suspended = await tx.selectFrom("notify_channel").select("id").where("suspended_at", "is not", null).execute();
  for (const { id } of suspended) broken.add(`channel:${id}`);
  for (const originId of known) {
    if (!broken.has(originId))
      await queueReport(tx, at, { originId, status: "OK", severity: "error", name: originId, message: "All is well again." });
  }
}
