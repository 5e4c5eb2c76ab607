import type { UnixMs } from "#base/duration";
import type { Duty } from "#features/duty";
import { standingOf } from "#features/identity";
import type { Tx } from "#store";
import type { PolicyInput, ReachProblem, StepTarget } from "#wire/escalation";
import { lastTargets } from "./model.ts";
import { channelStates, personsOf } from "./world.ts";

export interface Reach {
  readonly reaches: "all" | "some" | "nobody";
  readonly problems: readonly ReachProblem[];
  /** Steps of which no target reaches anybody, counted from 0. */
  readonly emptySteps: readonly number[];
}

/** Whether each step of a policy reaches somebody as things stand now; times at which it does not count are not looked at. */
export async function reachOf(
  tx: Tx,
  duty: Duty,
  { steps, exhausted }: Pick<PolicyInput, "steps" | "exhausted">,
  at: UnixMs,
): Promise<Reach> {
  const known = new Map<string, Promise<string | undefined>>();
  const problemOf = (target: StepTarget): Promise<string | undefined> => {
    const key = JSON.stringify(target);
    const found = known.get(key) ?? whyNobody(tx, duty, target, at);
    known.set(key, found);
    return found;
  };
  const problems: ReachProblem[] = [];
  const emptySteps: number[] = [];
  for (const [index, step] of steps.entries()) {
    let reached = 0;
    for (const [position, target] of step.targets.entries()) {
      const problem = await problemOf(target);
      if (problem === undefined) reached += 1;
      else problems.push({ field: `steps.${index}.targets.${position}`, problem });
    }
    if (reached > 0) continue;
    emptySteps.push(index);
    problems.push({ field: `steps.${index}`, problem: `step ${index + 1} reaches nobody` });
  }
  for (const target of lastTargets(exhausted)) {
    const problem = await problemOf(target);
    if (problem !== undefined)
      problems.push({ field: target.kind === "channel" ? "exhausted.channelId" : "exhausted.leadOfTeamId", problem });
  }
  const reaches = emptySteps.length === 0 ? "all" : emptySteps.length === steps.length ? "nobody" : "some";
  return { reaches, problems, emptySteps };
}

/** Why a target reaches nobody; undefined: it does. */
async function whyNobody(tx: Tx, duty: Duty, target: StepTarget, at: UnixMs): Promise<string | undefined> {
  if (target.kind === "channel") {
    const state = (await channelStates(tx, [target.channelId])).get(target.channelId);
    if (!state) return "there is no such channel";
    return state.isSuspended ? `the channel ${state.name} is suspended` : undefined;
  }
  const persons = new Set(await personsOf(tx, duty, target, at));
  // On a schedule somebody else may be on duty when it comes to it.
  if (target.kind === "schedule") {
    const other = target.who === "now" ? "next" : "now";
    for (const id of await personsOf(tx, duty, { ...target, who: other }, at)) persons.add(id);
  }
  const standings = await standingOf(tx, [...persons]);
  return [...persons].some((id) => standings.get(id)?.state === "active") ? undefined : emptyText[target.kind];
}

const emptyText: Readonly<Record<Exclude<StepTarget["kind"], "channel">, string>> = {
  person: "this person is no active member",
  schedule: "nobody is on duty on this schedule, now or later",
  team: "the team has no active member",
  lead: "the team has no lead",
  owners: "the organisation has no active owner",
};
