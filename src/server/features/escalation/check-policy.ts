import { invalidInput, type FieldProblem } from "#base/errors";
import type { UnixMs } from "#base/duration";
import { standingOf } from "#features/identity";
import type { Tx } from "#store";
import type { PolicyInput, StepTarget } from "#wire/escalation";
import type { EscalationContext } from "./context.ts";
import { allPolicies, chainProblem, frozenOf } from "./policy-store.ts";
import { reachOf } from "./reach.ts";
import { channelStates } from "./world.ts";

interface Checked {
  /** Undefined for a policy that is not kept yet. */
  readonly id: string | undefined;
  readonly input: PolicyInput;
  /** Somebody saw that a step reaches nobody and wants it so. */
  readonly isConfirmed: boolean;
}

/**
 * Refuses a policy that names what does not exist, that comes back to itself, or of which a step reaches nobody, unless that was confirmed.
 * @throws "invalid-input" that names every field
 */
export async function checkPolicy({ duty }: EscalationContext, tx: Tx, { id, input, isConfirmed }: Checked, at: UnixMs): Promise<void> {
  const problems = [...ruleProblems(input), ...(await unknownProblems(tx, input)), ...(await chainProblems(tx, id, input))];
  if (problems.length > 0) throw invalidInput(problems);
  if (isConfirmed) return;
  const reach = await reachOf(tx, duty, input, at);
  if (reach.emptySteps.length === 0) return;
  throw invalidInput(
    reach.emptySteps.map((index) => {
      const why = reach.problems.filter(({ field }) => field.startsWith(`steps.${index}.`)).map(({ problem }) => problem);
      return {
        field: `steps.${index}`,
        problem: `step ${index + 1} reaches nobody: ${[...new Set(why)].join(", ")}; confirm to save it nevertheless`,
      };
    }),
  );
}

/** What is wrong with a policy by itself. */
export function ruleProblems({ rounds, pauseSeconds, steps, name }: PolicyInput): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (name.trim() === "") problems.push({ field: "name", problem: "must not be blank" });
  if (rounds === "until-taken" && pauseSeconds < 60) {
    problems.push({ field: "pauseSeconds", problem: "must be at least 60 when rounds go on until somebody takes the incident" });
  }
  for (const [index, { when }] of steps.entries()) {
    if (when?.hours && when.hours.from === when.hours.until) {
      problems.push({ field: `steps.${index}.when.hours`, problem: "must begin and end at different times" });
    }
  }
  return problems;
}

async function chainProblems(tx: Tx, id: string | undefined, { exhausted }: PolicyInput): Promise<FieldProblem[]> {
  if (exhausted.policyId === undefined) return [];
  const policies = new Map((await allPolicies(tx)).map((row) => [row.id, frozenOf(row)]));
  const field = "exhausted.policyId";
  if (!policies.has(exhausted.policyId)) return [{ field, problem: "there is no such escalation policy" }];
  switch (chainProblem(id, exhausted.policyId, (one) => policies.get(one))) {
    case "circle":
      return [{ field, problem: "policies that go on after each other must not come back to the first one" }];
    case "long":
      return [{ field, problem: "at most five policies can go on after each other" }];
    case undefined:
      return [];
  }
}

/** Targets and calendars that do not exist. People who left are known: they reach nobody, which is told otherwise. */
async function unknownProblems(tx: Tx, input: PolicyInput): Promise<FieldProblem[]> {
  const wanted: (Reference & { readonly field: string })[] = [];
  const want = (field: string, kind: Reference["kind"], id: string | undefined): void => {
    if (id !== undefined) wanted.push({ field, kind, id });
  };
  want("calendarId", "calendar", input.calendarId);
  want("exhausted.leadOfTeamId", "team", input.exhausted.leadOfTeamId);
  want("exhausted.channelId", "channel", input.exhausted.channelId);
  for (const [index, step] of input.steps.entries()) {
    want(`steps.${index}.when.calendar.calendarId`, "calendar", step.when?.calendar?.calendarId);
    for (const [position, target] of step.targets.entries()) {
      const reference = referenceOf(target);
      if (reference) want(`steps.${index}.targets.${position}`, reference.kind, reference.id);
    }
  }
  const known = await knownAmong(tx, wanted);
  return wanted
    .filter(({ kind, id }) => !known.has(`${kind}:${id}`))
    .map(({ field, kind }) => ({ field, problem: `there is no such ${kind}` }));
}

export interface Reference {
  readonly kind: "person" | "schedule" | "team" | "channel" | "calendar";
  readonly id: string;
}

/** What a target refers to; owners are no reference. */
export function referenceOf(target: StepTarget): Reference | undefined {
  switch (target.kind) {
    case "person":
      return { kind: "person", id: target.personId };
    case "schedule":
      return { kind: "schedule", id: target.scheduleId };
    case "team":
    case "lead":
      return { kind: "team", id: target.teamId };
    case "channel":
      return { kind: "channel", id: target.channelId };
    case "owners":
      return undefined;
  }
}

async function knownAmong(tx: Tx, references: readonly Reference[]): Promise<Set<string>> {
  const known = new Set(["calendar:weekdays", "calendar:business-days"]);
  const idsOf = (kind: Reference["kind"]): string[] => [...new Set(references.filter((one) => one.kind === kind).map(({ id }) => id))];
  for (const id of (await standingOf(tx, idsOf("person"))).keys()) known.add(`person:${id}`);
  for (const id of (await channelStates(tx, idsOf("channel"))).keys()) known.add(`channel:${id}`);
  const tables = [
    ["schedule", "duty_schedule"],
    ["team", "duty_team"],
    ["calendar", "duty_calendar"],
  ] as const;
  for (const [kind, table] of tables) {
    const ids = idsOf(kind);
    if (ids.length === 0) continue;
    const rows = await tx.selectFrom(table).select("id").where("id", "in", ids).where("deleted_at", "is", null).execute();
    for (const { id } of rows) known.add(`${kind}:${id}`);
  }
  return known;
}
