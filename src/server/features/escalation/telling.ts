import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import type { IncidentFacts } from "#features/incidents";
import { record } from "#features/ledger";
import type { Sending } from "#features/notify";
import { publish, type Tx } from "#store";
import type { Medium } from "#wire/alerting";
import { escalationTopic, type EscalationContext } from "./context.ts";
import { keyOf, type Act, type Line, type Past, type Place, type Snapshot, type Told } from "./model.ts";
import { keyPrefix, type RunRow } from "./runs.ts";

export const actor = "system:escalation";

/** A run in the middle of a transaction that holds its row. */
export interface Walking {
  readonly tx: Tx;
  readonly at: UnixMs;
  readonly run: RunRow;
  readonly snapshot: Snapshot;
  readonly incident: IncidentFacts;
}

interface AttemptInput {
  readonly place: Place;
  readonly pos: number;
  readonly act: number;
  readonly personId: string | null;
  readonly channelId: string | null;
  readonly medium: Medium | null;
  readonly isFallback: boolean;
  readonly skippedBecause?: string;
}

/** What already happened in the step of the run's place. Index: the attempt's unique key. */
export async function readPast(tx: Tx, runId: string, { ladder, round, step }: Place): Promise<Past> {
  const { rows } = await sql<{ person_id: string | null; channel_id: string | null; state: string }>`
    select person_id, channel_id, state from escalation_attempt
    where run_id = ${runId} and ladder = ${ladder} and round = ${round} and step = ${step}`.execute(tx);
  const { rows: skips } = await sql<{ person_id: string; is_whole_run: boolean }>`
    select person_id, is_whole_run from escalation_skip where run_id = ${runId} and (is_whole_run or (ladder = ${ladder} and round = ${round}))`.execute(
    tx,
  );
  return {
    seen: new Set(rows.map((row) => (row.person_id === null ? `channel:${row.channel_id}` : `person:${row.person_id}`))),
    hasToldInStep: rows.some((row) => row.state !== "skipped"),
    declined: new Set(skips.map((row) => row.person_id)),
    left: new Set(skips.filter((row) => row.is_whole_run).map((row) => row.person_id)),
  };
}

/**
 * Tells whom a decision names: the attempts, the notifications and the lines of the timeline, in the caller's transaction.
 * Whoever else tries the same step fails at the attempts' unique key.
 */
export async function tell(escalation: EscalationContext, walking: Walking, act: Act, number: number, nextAt: UnixMs): Promise<void> {
  const { tx, at, run, incident } = walking;
  const inputs = act.tell.flatMap((told) => inputsOf(told, act.place, act.pos, number, false));
  await insertAttempts(escalation, walking, inputs);
  for (const told of act.tell) {
    await writeTold(escalation, walking, told, { place: act.place, more: { nextAt } });
  }
  await record(tx, {
    at,
    actor,
    verb: "incident.escalated",
    object: `incident:${incident.id}`,
    outcome: "done",
    detail: {
      run: run.id,
      policy: run.policy_id ?? "built-in",
      ladder: act.place.ladder,
      round: act.place.round,
      step: act.place.step,
      persons: act.tell.flatMap((told) => (told.kind === "person" ? [told.personId] : [])),
      channels: act.tell.flatMap((told) => (told.kind === "channel" ? [told.channelId] : [])),
      media: [...new Set(act.tell.flatMap((told) => (told.kind === "person" ? told.media : [])))],
    },
  });
}

/** Tells one person or channel in place of a notification that failed. */
export async function tellInstead(
  escalation: EscalationContext,
  walking: Walking,
  told: Told,
  where: { readonly place: Place; readonly pos: number; readonly act: number },
): Promise<void> {
  await insertAttempts(escalation, walking, inputsOf(told, where.place, where.pos, where.act, true));
  await writeTold(escalation, walking, told, { place: where.place, more: { isFallback: true } });
}

/** The line of the timeline about somebody, or a channel, that is told. */
async function writeTold(
  { incidents }: EscalationContext,
  walking: Walking,
  told: Told,
  { place, more }: { readonly place: Place; readonly more: Readonly<Record<string, unknown>> },
): Promise<void> {
  await incidents.addToTimeline(walking.tx, walking.at, walking.incident.id, {
    kind: "told",
    by: actor,
    via: "system",
    personId: told.kind === "person" ? told.personId : undefined,
    detail: {
      ...placeDetail(walking, place),
      ...(told.kind === "person" ? { media: told.media } : { channelId: told.channelId }),
      ...more,
    },
  });
}

function inputsOf(told: Told, place: Place, pos: number, act: number, isFallback: boolean): AttemptInput[] {
  const common = { place, pos, act, isFallback };
  if (told.kind === "channel") return [{ ...common, personId: null, channelId: told.channelId, medium: null }];
  return told.media.map((medium) => ({ ...common, personId: told.personId, channelId: null, medium }));
}

async function insertAttempts(escalation: EscalationContext, walking: Walking, inputs: readonly AttemptInput[]): Promise<void> {
  const { tx, at, run, incident } = walking;
  const sendings: Sending[] = [];
  for (const input of inputs) {
    const key = await insertAttempt(walking, input);
    const to = recipientOf(input);
    if (!to || input.skippedBecause !== undefined) continue;
    sendings.push({
      to,
      key,
      about: `incident:${incident.id}`,
      isUrgent: run.severity === "critical" || run.severity === "error",
      write: (addressee) => escalation.incidents.noticeOf(tx, incident.id, input.act <= 1 ? "opened" : "escalated", addressee),
    });
  }
  if (sendings.length > 0) await escalation.notify.sendAll(tx, at, sendings);
  await publish(tx, escalationTopic);
}

function recipientOf({ personId, channelId, medium }: AttemptInput): Sending["to"] | undefined {
  if (channelId !== null) return { kind: "channel", channelId };
  return personId === null || medium === null ? undefined : { kind: "person", personId, medium };
}

/** @returns the key of its notification */
async function insertAttempt({ tx, at, run, incident }: Walking, input: AttemptInput): Promise<string> {
  const { ladder, round, step } = input.place;
  const { rows } = await sql<{ n: number }>`select coalesce(max(n) + 1, 0) as n from escalation_attempt
    where run_id = ${run.id} and ladder = ${ladder} and round = ${round} and step = ${step} and pos = ${input.pos}`.execute(tx);
  const n = rows[0]?.n ?? 0;
  const key = `${keyPrefix(run.id)}${ladder}.${round}:${step}:${input.pos}:${n}`;
  const isSkipped = input.skippedBecause !== undefined;
  await sql`insert into escalation_attempt (id, run_id, incident_id, ladder, round, step, pos, n, act, person_id, channel_id, medium, state, problem,
      is_fallback, key, created_at, changed_at)
    values (${newId()}, ${run.id}, ${incident.id}, ${ladder}, ${round}, ${step}, ${input.pos}, ${n}, ${input.act}, ${input.personId},
      ${input.channelId}, ${input.medium}, ${isSkipped ? "skipped" : "pending"}, ${input.skippedBecause ?? null}, ${input.isFallback},
      ${isSkipped ? null : key}, ${at}, ${at})`.execute(tx);
  return key;
}

/** Turns that are no news: the timeline would be full of them after a night. */
const silent = new Set<Line["kind"]>(["round-over"]);

/** Says in the timeline who and what was passed over, and keeps who was, so that it is said once. */
export async function writeLines(escalation: EscalationContext, walking: Walking, lines: readonly Line[]): Promise<void> {
  const { tx, at, incident, run } = walking;
  for (const line of lines) {
    if (silent.has(line.kind)) continue;
    const { place, target, personId, channelId, until } = line;
    await escalation.incidents.addToTimeline(tx, at, incident.id, {
      kind: "step",
      by: actor,
      via: "system",
      personId,
      detail: {
        ...placeDetail(walking, place),
        what: line.kind,
        ...(target ? { target } : {}),
        ...(channelId === undefined ? {} : { channelId }),
        ...(until === undefined ? {} : { until }),
      },
    });
    if (personId === undefined && channelId === undefined) continue;
    await insertAttempt(walking, {
      place,
      pos: place.target,
      act: run.acts,
      personId: personId ?? null,
      channelId: channelId ?? null,
      medium: null,
      isFallback: false,
      skippedBecause: line.kind,
    });
  }
}

function placeDetail({ run, snapshot }: Walking, { ladder, round, step }: Place): Record<string, unknown> {
  const isLast = ladder >= snapshot.ladders.length - 1 || step >= (snapshot.ladders[ladder]?.steps.length ?? 0);
  return { runId: run.id, ladder, round, step, policyName: snapshot.ladders[ladder]?.name ?? "", isLast };
}

/** How a past names whom an act told. */
export const keysOf = (act: Act): string[] => act.tell.map(keyOf);
