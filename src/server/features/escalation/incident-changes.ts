import { sql } from "kysely";
import { addTime, seconds, type UnixMs } from "#base/duration";
import type { IncidentChange, IncidentEffect, IncidentFacts, IncidentsListener } from "#features/incidents";
import { publish, type Tx } from "#store";
import type { Medium } from "#wire/alerting";
import type { ContactKind } from "#wire/notify-people";
import { escalationTopic, type EscalationContext } from "./context.ts";
import { openBook, type PolicyBook } from "./policy-store.ts";
import {
  endRun,
  hastenRun,
  keyPrefix,
  lockLiveRun,
  markCancelled,
  pauseRun,
  snapshotOf,
  startRun,
  type RunResult,
  type RunRow,
} from "./runs.ts";

/** One change, in the transaction that makes it. */
interface Told {
  readonly tx: Tx;
  readonly at: UnixMs;
  readonly change: IncidentChange;
  readonly incident: IncidentFacts;
  /** Read once for many changes. */
  readonly book: () => Promise<PolicyBook>;
}

/** What incidents do to their runs: it commits with the change, so that no incident is open without its next action. */
export function incidentsListener(escalation: EscalationContext): IncidentsListener {
  return {
    incidentsChanged: async (tx, at, changes) => {
      let opened: Promise<PolicyBook> | undefined;
      const book = (): Promise<PolicyBook> => (opened ??= openBook(tx));
      for (const change of changes) await followers[change.effect](escalation, { tx, at, change, incident: change.incident, book });
    },
  };
}

type Follow = (escalation: EscalationContext, told: Told) => Promise<void>;

const nothing: Follow = async () => undefined;

/** What each change does to the run. */
const followers: Readonly<Record<IncidentEffect, Follow>> = {
  opened: (_escalation, told) => begin(told),
  "severity-raised": raise,
  taken,
  passed,
  declined,
  released: (escalation, told) => again(escalation, told, "released"),
  woken,
  reopened: async (escalation, told) => {
    await again(escalation, told, "reopened");
    await tellResponder(escalation, told, "reopened");
  },
  snoozed,
  resolved,
  joined: nothing,
  commented: nothing,
};

/** Nobody has it, and it may disturb. */
const isWaiting = ({ at, incident }: Told): boolean =>
  incident.state === "open" && !(incident.snoozedUntil !== undefined && incident.snoozedUntil > at);

async function begin(told: Told): Promise<void> {
  if (isWaiting(told)) await startRun(told.tx, told.at, told.incident, await told.book());
}

/** Ends what runs, and begins from the start with the policy that holds now. */
async function again(escalation: EscalationContext, told: Told, why: RunResult): Promise<void> {
  await end(escalation, told, why);
  await begin(told);
}

async function raise(escalation: EscalationContext, told: Told): Promise<void> {
  if (told.incident.state === "taken") return tellResponder(escalation, told, "severity-raised");
  const run = await lockLiveRun(told.tx, told.incident.id);
  // An incident that opens with a worse alert has just begun at that severity.
  if (run?.severity === told.incident.severity && run.state === "active") return;
  await again(escalation, told, "severity-raised");
}

/** @returns the run that was live */
async function end(escalation: EscalationContext, { tx, at, incident }: Told, result: RunResult): Promise<RunRow | undefined> {
  const run = await lockLiveRun(tx, incident.id);
  if (!run) return undefined;
  await endRun(tx, at, run.id, result);
  await takeBack(escalation, tx, at, run.id);
  return run;
}

/** What has not left yet is no longer wanted. */
async function takeBack(escalation: EscalationContext, tx: Tx, at: UnixMs, runId: string): Promise<void> {
  await escalation.notify.cancel(tx, at, { keyPrefix: keyPrefix(runId) });
  await markCancelled(tx, at, runId);
  await publish(tx, escalationTopic);
}

async function taken(escalation: EscalationContext, told: Told): Promise<void> {
  const { tx, at, change, incident } = told;
  const run = await lockLiveRun(tx, incident.id);
  if (run) {
    const { ackTimeoutSeconds } = snapshotOf(run);
    await (ackTimeoutSeconds > 0
      ? pauseRun(tx, at, run.id, { until: addTime(at, seconds(ackTimeoutSeconds)), result: "taken", isAnchored: false })
      : endRun(tx, at, run.id, "taken"));
    await takeBack(escalation, tx, at, run.id);
  }
  await rewritePosts(escalation, told);
  await tellThoseTold(escalation, told, [change.personId]);
}

async function passed(escalation: EscalationContext, told: Told): Promise<void> {
  const { change } = told;
  const run = await lockLiveRun(told.tx, told.incident.id);
  // Whoever has it now has the whole time until they are asked.
  if (run) await taken(escalation, told);
  else await rewritePosts(escalation, told);
  if (change.personId !== undefined && change.by !== `person:${change.personId}`)
    await tellPerson(escalation, told, change.personId, "passed");
}

/** Whoever says that they cannot is not asked again in this round, or at all if the policy says so; when nobody else is being asked, the next one is asked at once. */
async function declined(escalation: EscalationContext, told: Told): Promise<void> {
  const { tx, at, change, incident } = told;
  // Who had it gave it back by that: the walk begins anew, and passes them over the first time.
  if (change.fromPersonId !== undefined) await again(escalation, told, "released");
  const run = await lockLiveRun(tx, incident.id);
  if (!run || run.state !== "active") return;
  if (change.personId !== undefined) await recordSkip(tx, at, run, change.personId);
  if (!run.is_anchored && (await isNobodyAsked(tx, run, change.personId))) await hastenRun(tx, at, run.id);
}

/** The act itself is in the ledger already. */
async function recordSkip(tx: Tx, at: UnixMs, run: RunRow, personId: string): Promise<void> {
  const leaves = snapshotOf(run).ladders[run.ladder]?.cannot === "run";
  await sql`insert into escalation_skip (run_id, ladder, round, person_id, at, is_whole_run)
    values (${run.id}, ${run.ladder}, ${run.round}, ${personId}, ${at}, ${leaves}) on conflict do nothing`.execute(tx);
}

/** Whether those who were asked last all cannot, this person being one of them. */
async function isNobodyAsked(tx: Tx, run: RunRow, personId: string | undefined): Promise<boolean> {
  if (personId === undefined) return true;
  const { rows } = await sql<{ asked: number; left: number }>`select count(*) filter (where a.person_id = ${personId}) as asked,
      count(*) filter (where not exists (select from escalation_skip s
        where s.run_id = a.run_id and s.ladder = a.ladder and s.round = a.round and s.person_id = a.person_id)) as left
    from escalation_attempt a where a.run_id = ${run.id} and a.act = ${run.acts} and a.person_id is not null
      and a.state not in ('skipped', 'failed', 'cancelled')`.execute(tx);
  const [count] = rows;
  return count !== undefined && count.asked > 0 && count.left === 0;
}

/** A snooze that somebody else ended, or that is over: whoever has it goes on, and if nobody has it the walk begins anew. */
async function woken(escalation: EscalationContext, told: Told): Promise<void> {
  if (told.incident.state !== "taken") return again(escalation, told, "woken");
  await tellResponder(escalation, told, "woken");
}

async function snoozed(escalation: EscalationContext, { tx, at, incident }: Told): Promise<void> {
  const run = await lockLiveRun(tx, incident.id);
  if (!run || incident.snoozedUntil === undefined) return;
  // Whoever has it is asked no earlier than that whether they are still at it.
  const result = incident.state === "taken" ? "taken" : "snoozed";
  await pauseRun(tx, at, run.id, { until: incident.snoozedUntil, result, isAnchored: true });
  await takeBack(escalation, tx, at, run.id);
}

async function resolved(escalation: EscalationContext, told: Told): Promise<void> {
  const { tx, at, change, incident } = told;
  await end(escalation, told, "resolved");
  // What was taken over by another incident is not over.
  if (incident.mergedInto !== undefined) return;
  await rewritePosts(escalation, told);
  const responder = change.fromPersonId ?? incident.responderId;
  const people = responder === undefined ? await toldPeople(tx, incident.id) : new Map<string, Medium>([[responder, "mail"]]);
  for (const [personId, medium] of people) {
    if (change.by === `person:${personId}`) continue;
    await send(escalation, { tx, at, incident, personId, medium, effect: "resolved" });
  }
}

/** Whoever has it hears of what changed, unless they did it. */
async function tellResponder(escalation: EscalationContext, told: Told, effect: IncidentEffect): Promise<void> {
  const { change, incident } = told;
  if (incident.state !== "taken" || incident.responderId === undefined || change.by === `person:${incident.responderId}`) return;
  await tellPerson(escalation, told, incident.responderId, effect);
}

async function tellPerson(
  escalation: EscalationContext,
  { tx, at, incident }: Told,
  personId: string,
  effect: IncidentEffect,
): Promise<void> {
  for (const medium of ["mail", "chat", "push"] as const) {
    if (medium !== "mail" && !(await hasContact(tx, personId, medium))) continue;
    await send(escalation, { tx, at, incident, personId, medium, effect });
  }
}

async function hasContact(tx: Tx, personId: string, kind: ContactKind): Promise<boolean> {
  const row = await tx
    .selectFrom("notify_contact")
    .select("id")
    .where("person_id", "=", personId)
    .where("kind", "=", kind)
    .where("invalid_since", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Everybody who was asked hears who has it, so that nobody gets up for nothing. */
async function tellThoseTold(
  escalation: EscalationContext,
  { tx, at, incident }: Told,
  butFor: readonly (string | undefined)[],
): Promise<void> {
  for (const [personId, medium] of await toldPeople(tx, incident.id)) {
    if (!butFor.includes(personId)) await send(escalation, { tx, at, incident, personId, medium, effect: "taken" });
  }
}

interface Note {
  readonly tx: Tx;
  readonly at: UnixMs;
  readonly incident: IncidentFacts;
  readonly personId: string;
  readonly medium: Medium;
  readonly effect: IncidentEffect;
}

async function send(escalation: EscalationContext, { tx, at, incident, personId, medium, effect }: Note): Promise<void> {
  await escalation.notify.send(tx, at, {
    to: { kind: "person", personId, medium },
    key: `${effect}:${incident.id}:${incident.version}:${personId}:${medium}`,
    about: `incident:${incident.id}`,
    isUrgent: effect !== "resolved" && incident.severity !== "information" && incident.severity !== "warning",
    write: (to) => escalation.incidents.noticeOf(tx, incident.id, effect, to),
  });
}

/** Who was told of an incident, as far as it arrived or may have, with the quietest medium. Index escalation_attempt_by_incident. */
async function toldPeople(tx: Tx, incidentId: string): Promise<Map<string, Medium>> {
  const { rows } = await sql<{ person_id: string; has_chat: boolean; has_mail: boolean; has_push: boolean }>`select person_id,
      bool_or(medium = 'chat') as has_chat, bool_or(medium = 'mail') as has_mail, bool_or(medium = 'push') as has_push
    from escalation_attempt where organisation_id = hinoban_organisation() and incident_id = ${incidentId} and person_id is not null
      and state in ('claimed', 'sent', 'unknown', 'retrying', 'pending') group by person_id order by person_id limit 200`.execute(tx);
  return new Map(rows.map((row) => [row.person_id, row.has_mail ? "mail" : row.has_chat ? "chat" : row.has_push ? "push" : "mail"]));
}

/** Posts in chats show who has it. */
async function rewritePosts(escalation: EscalationContext, { tx, at, incident, change }: Told): Promise<void> {
  await escalation.notify.rewrite(tx, at, `incident:${incident.id}`, (to) =>
    escalation.incidents.noticeOf(tx, incident.id, change.effect, to),
  );
}
