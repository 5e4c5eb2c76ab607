import { unixMs, type UnixMs } from "#base/duration";
import { defaultSlope, type PolicyStep, type StepTarget } from "#wire/escalation";
import {
  keyOf,
  next,
  startPlace,
  type Decision,
  type FrozenPolicy,
  type Past,
  type Place,
  type Snapshot,
  type World,
} from "../../src/server/features/escalation/model.ts";

/** When every walk begins: on a Friday. */
export const began = unixMs(Date.UTC(2026, 10, 20, 9, 0, 0));

export const person = (personId: string): StepTarget => ({ kind: "person", personId });
export const step = (targets: readonly StepTarget[], more: Partial<PolicyStep> = {}): PolicyStep => ({
  afterSeconds: 0,
  mode: "in-order",
  medium: "mail",
  waitSeconds: 120,
  targets: [...targets],
  ...more,
});
export const policy = (more: Partial<FrozenPolicy> = {}): FrozenPolicy => ({
  id: "p",
  version: 1,
  name: "Policy",
  rounds: 1,
  pauseSeconds: 0,
  minOpenSeconds: 0,
  ackTimeoutSeconds: 0,
  slope: defaultSlope,
  steps: [step([person("a"), person("b"), person("c")])],
  exhausted: { repeatSeconds: 900 },
  ...more,
});

const owners = ["owner"];
export const quietWorld = (at: UnixMs, more: Partial<World> = {}): World => ({
  at,
  personsOf: (target) => (target.kind === "person" ? [target.personId] : target.kind === "owners" ? owners : []),
  isMember: () => true,
  hasChannel: () => true,
  isWorking: () => true,
  nextWorkingAt: () => undefined,
  minuteOfDay: 540,
  alertsWithin: () => 1,
  ...more,
});

export interface Told {
  /** Seconds since the beginning. */
  readonly after: number;
  readonly who: string;
  readonly place: Place;
}

/** Walks like the worker does: what was told or passed over in a step is remembered as long as the step lasts. */
export function walk(
  snapshot: Snapshot,
  worldAt: (at: UnixMs) => World,
  acts: number,
  declines: (told: readonly Told[]) => ReadonlySet<string> = () => new Set(),
) {
  const told: Told[] = [];
  const decisions: (Decision & { readonly at: UnixMs })[] = [];
  let place = startPlace;
  let at: UnixMs = began;
  const memory = new Memory();
  for (let turn = 0; turn < 2000 && decisions.filter(({ act }) => act).length < acts; turn += 1) {
    const decision = next(snapshot, place, worldAt(at), memory.pastOf(place, declines(told)));
    decisions.push({ ...decision, at });
    memory.keep(decision);
    for (const one of decision.act?.tell ?? []) {
      const who = one.kind === "person" ? one.personId : `#${one.channelId}`;
      told.push({ after: (at - began) / 1000, who, place: decision.act?.place ?? place });
    }
    place = decision.place;
    at = decision.nextAt;
  }
  return { told, decisions };
}

/** What the tables keep for real runs: who was told or passed over in each step. */
class Memory {
  readonly #seen = new Map<string, Set<string>>();
  readonly #told = new Set<string>();

  pastOf(place: Place, declined: ReadonlySet<string>): Past {
    const key = stepKey(place);
    return { seen: this.#seen.get(key) ?? new Set(), hasToldInStep: this.#told.has(key), declined, left: new Set() };
  }

  keep({ lines, act }: Decision): void {
    for (const { place, personId, channelId } of lines) {
      if (personId !== undefined) this.#remember(place, `person:${personId}`);
      if (channelId !== undefined) this.#remember(place, `channel:${channelId}`);
    }
    for (const one of act?.tell ?? []) {
      this.#remember(act?.place ?? startPlace, keyOf(one));
      this.#told.add(stepKey(act?.place ?? startPlace));
    }
  }

  #remember(place: Place, who: string): void {
    const key = stepKey(place);
    this.#seen.set(key, (this.#seen.get(key) ?? new Set()).add(who));
  }
}

export const stepKey = ({ ladder, round, step: index }: Place): string => `${ladder}.${round}.${index}`;
export const brief = (told: readonly Told[]): string[] => told.map(({ after, who }) => `${after} ${who}`);
