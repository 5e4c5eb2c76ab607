import { defaultSlope, type Policy, type PolicyInput, type PolicyStep, type StepTarget } from "#wire/escalation";

/** What a new policy begins with: one after the other, two minutes each, twice. */
export const newStep = (): PolicyStep => ({ afterSeconds: 0, mode: "in-order", medium: "severity", waitSeconds: 120, targets: [] });

export const newPolicy = (): PolicyInput => ({
  name: "",
  memo: "",
  rounds: 2,
  pauseSeconds: 0,
  minOpenSeconds: 0,
  ackTimeoutSeconds: 0,
  slope: defaultSlope,
  steps: [newStep()],
  exhausted: { repeatSeconds: 1800 },
});

/** What of a policy can be edited. */
export function inputOf(policy: Policy): PolicyInput {
  const {
    id: _id,
    version: _version,
    createdAt: _created,
    changedAt: _changed,
    reaches: _reaches,
    problems: _problems,
    bindings: _bindings,
    ...input
  } = policy;
  return input;
}

/** The list with the item at `from` moved to `to`; unchanged when either is outside. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return [...items];
  const rest = items.filter((_, index) => index !== from);
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}

/** One text for each target, for lists to choose from. */
export function keyOfTarget(target: StepTarget): string {
  switch (target.kind) {
    case "person":
      return `person:${target.personId}`;
    case "schedule":
      return `schedule:${target.scheduleId}:${target.who}`;
    case "team":
      return `team:${target.teamId}:${target.how}`;
    case "lead":
      return `lead:${target.teamId}`;
    case "owners":
      return "owners";
    case "channel":
      return `channel:${target.channelId}`;
  }
}

/** The target that `keyOfTarget` made the text of. */
export function targetOfKey(key: string): StepTarget | undefined {
  const [kind = "", id = "", how = ""] = key.split(":");
  switch (kind) {
    case "person":
      return { kind, personId: id };
    case "schedule":
      return { kind, scheduleId: id, who: how === "next" ? "next" : "now" };
    case "team":
      return { kind, teamId: id, how: how === "at-once" ? "at-once" : "in-order" };
    case "lead":
      return { kind, teamId: id };
    case "owners":
      return { kind };
    case "channel":
      return { kind, channelId: id };
    default:
      return undefined;
  }
}

/** The policy as it can be tried: steps without anybody are left out. Undefined: there is nothing to try yet. */
export function triable(draft: PolicyInput): PolicyInput | undefined {
  const steps = draft.steps.filter(({ targets }) => targets.length > 0);
  return steps.length === 0 ? undefined : { ...draft, name: draft.name.trim() === "" ? "-" : draft.name, steps };
}

/** Problems of the server by the step that they are about; those of the whole policy under -1. */
export function problemsByStep(fields: ReadonlyMap<string, string>): ReadonlyMap<number, string[]> {
  const found = new Map<number, string[]>();
  for (const [field, problem] of fields) {
    const step = /^steps\.(\d+)/u.exec(field)?.[1];
    const index = step === undefined ? -1 : Number(step);
    found.set(index, [...(found.get(index) ?? []), problem]);
  }
  return found;
}

/** "HH:MM" of minutes after midnight. */
export const clockText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** Minutes after midnight of "HH:MM"; undefined for anything else. */
export function clockMinute(text: string): number | undefined {
  const [, hour, minute] = /^(\d\d):(\d\d)$/u.exec(text) ?? [];
  const found = Number(hour) * 60 + Number(minute);
  return Number.isNaN(found) || found > 1439 ? undefined : found;
}

/** "0:00", "2:05", "1:02:05" after the beginning. */
export function elapsed(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
