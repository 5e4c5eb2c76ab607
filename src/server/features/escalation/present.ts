import type { Selectable } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Duty } from "#features/duty";
import { namesOf as namesOfPeople } from "#features/identity";
import type { Tx } from "#store";
import type { Names, Policy, PolicyInput, PolicyStep, RunAttempt, EscalationRun, StepTarget } from "#wire/escalation";
import { referenceOf } from "./check-policy.ts";
import { snapshotOf, type RunRow } from "./runs.ts";
import { inputOf, type PolicyRow } from "./policy-store.ts";
import { reachOf } from "./reach.ts";
import type { EscalationAttemptTable } from "./tables.ts";

/** A policy with how it stands now. */
export async function presentedPolicy(tx: Tx, duty: Duty, row: PolicyRow, at: UnixMs): Promise<Policy> {
  const input = inputOf(row);
  const { reaches, problems } = await reachOf(tx, duty, input, at);
  const { total } = await tx
    .selectFrom("escalation_binding")
    .select((count) => count.fn.countAll<number>().as("total"))
    .where("policy_id", "=", row.id)
    .executeTakeFirstOrThrow();
  return {
    id: row.id,
    version: row.version,
    ...input,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    reaches,
    problems: [...problems],
    bindings: total,
  };
}

/** `person:<id>` and its like of everything that policies mention. */
export function mentionedBy(policies: readonly Pick<PolicyInput, "steps" | "exhausted" | "calendarId">[]): string[] {
  const ids = new Set<string>();
  for (const { steps, exhausted, calendarId } of policies) {
    if (calendarId !== undefined) ids.add(`calendar:${calendarId}`);
    if (exhausted.leadOfTeamId !== undefined) ids.add(`team:${exhausted.leadOfTeamId}`);
    if (exhausted.channelId !== undefined) ids.add(`channel:${exhausted.channelId}`);
    if (exhausted.policyId !== undefined) ids.add(`escalation-policy:${exhausted.policyId}`);
    for (const { targets, when } of steps) {
      if (when?.calendar) ids.add(`calendar:${when.calendar.calendarId}`);
      for (const target of targets) ids.add(textOfTarget(target));
    }
  }
  ids.delete("");
  return [...ids];
}

export function textOfTarget(target: StepTarget): string {
  const reference = referenceOf(target);
  return reference ? `${reference.kind}:${reference.id}` : "";
}

/** Names of what is mentioned, as far as anybody knows them; what was deleted keeps its name. */
export async function namesFor(tx: Tx, ids: Iterable<string>): Promise<Names> {
  const all = [...new Set(ids)];
  const names: Names = { ...(await namesOfPeople(tx, all)) };
  const tables = [
    ["schedule", "duty_schedule"],
    ["team", "duty_team"],
    ["calendar", "duty_calendar"],
    ["channel", "notify_channel"],
    ["service", "inventory_service"],
    ["escalation-policy", "escalation_policy"],
  ] as const;
  for (const [kind, table] of tables) {
    const wanted = all.flatMap((text) => (text.startsWith(`${kind}:`) ? [text.slice(kind.length + 1)] : []));
    if (wanted.length === 0) continue;
    for (const { id, name } of await tx.selectFrom(table).select(["id", "name"]).where("id", "in", wanted).execute())
      names[`${kind}:${id}`] = name;
  }
  return names;
}

type AttemptRow = Selectable<EscalationAttemptTable>;

/** A run as the incident's page shows it. */
export function presentedRun(row: RunRow, attempts: readonly AttemptRow[]): EscalationRun {
  const { ladders } = snapshotOf(row);
  const ladder = ladderOf(ladders, row.ladder);
  return {
    id: row.id,
    incidentId: row.incident_id,
    ...(row.policy_id === null ? {} : { policyId: row.policy_id }),
    policyName: row.policy_name,
    policyVersion: row.policy_version,
    severity: row.severity,
    state: row.state,
    ...(row.result === null ? {} : { result: row.result }),
    ladder: row.ladder,
    round: row.round,
    step: row.step,
    rounds: ladder.rounds,
    startedAt: row.started_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...nextFields(row, ladders),
    attempts: attempts.map(presentedAttempt),
  };
}

type Ladders = ReturnType<typeof snapshotOf>["ladders"];

const ladderOf = (ladders: Ladders, index: number): Ladders[number] => ladders[Math.min(index, ladders.length - 1)] ?? ladders[0];

function nextFields(row: RunRow, ladders: Ladders): Pick<EscalationRun, "nextAt" | "nextTargets" | "isHeld"> {
  if (row.next_at === null) return { nextTargets: [], isHeld: false };
  if (row.state !== "active") return { nextAt: row.next_at, nextTargets: [], isHeld: false };
  const step = ladderOf(ladders, row.ladder).steps[row.step];
  const left = step?.mode === "in-order" ? step.targets.slice(row.target, row.target + 1) : (step?.targets ?? []);
  return { nextAt: row.next_at, nextTargets: [...(left.length > 0 ? left : nextOfRound(row, ladders))], isHeld: row.is_anchored };
}

/** Whom the step after this one, or the next round, begins with. */
function nextOfRound(row: RunRow, ladders: Ladders): readonly StepTarget[] {
  const ladder = ladderOf(ladders, row.ladder);
  const following = ladder.steps[row.step + 1];
  if (following) return firstTold(following);
  const isOver = ladder.rounds !== "until-taken" && row.round + 1 >= ladder.rounds;
  const goesOn = isOver ? (ladders[row.ladder + 1] ?? ladder) : ladder;
  return firstTold(goesOn.steps[0]);
}

/** Whom a step tells first. */
const firstTold = (step: PolicyStep | undefined): readonly StepTarget[] =>
  step?.mode === "in-order" ? step.targets.slice(0, 1) : (step?.targets ?? []);

function presentedAttempt(row: AttemptRow): RunAttempt {
  return {
    ladder: row.ladder,
    round: row.round,
    step: row.step,
    at: row.created_at,
    ...(row.person_id === null ? {} : { personId: row.person_id }),
    ...(row.channel_id === null ? {} : { channelId: row.channel_id }),
    ...(row.medium === null ? {} : { medium: row.medium }),
    state: row.state,
    ...(row.problem === null ? {} : { problem: row.problem }),
    isFallback: row.is_fallback,
  };
}
