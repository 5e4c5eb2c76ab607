import { addTime, seconds, unixMs, type UnixMs } from "#base/duration";
import type { Medium, Severity } from "#wire/alerting";
import type { Exhausted, PassKind, PolicyInput, PolicyStep, Slope, StepTarget } from "#wire/escalation";

/** One policy of the chain, frozen. */
export interface Ladder {
  /** Undefined: the built-in policy, or the last resort. */
  readonly policyId: string | undefined;
  readonly name: string;
  readonly rounds: number | "until-taken";
  readonly pauseSeconds: number;
  readonly calendarId: string | undefined;
  /** For how long somebody who says that they cannot is left out; absent in runs of older versions: the round. */
  readonly cannot?: "round" | "run" | undefined;
  readonly slope: Slope;
  readonly steps: readonly PolicyStep[];
}

/** A run's policies as they were when it began: structure, order, media. Who is on duty is not frozen. */
export interface Snapshot {
  readonly policyId: string | undefined;
  readonly version: number;
  readonly severity: Severity;
  readonly minOpenSeconds: number;
  readonly ackTimeoutSeconds: number;
  /** The last one is the last resort and goes on until somebody takes the incident. */
  readonly ladders: readonly [Ladder, ...Ladder[]];
}

/** Where a run is: what it does when it falls due. */
export interface Place {
  readonly ladder: number;
  readonly round: number;
  /** The number of steps: all were walked. One more: the last resort was told too. */
  readonly step: number;
  /** Which target of the step is next. */
  readonly target: number;
  /** The time before the step has passed. */
  readonly isDelayed: boolean;
  /** Somebody, or a channel, was told in this round. */
  readonly hasTold: boolean;
}

export const startPlace: Place = { ladder: 0, round: 0, step: 0, target: 0, isDelayed: false, hasTold: false };

/** Everything besides the policy that a decision depends on, as it is at one moment. */
export interface World {
  readonly at: UnixMs;
  /** In their order; empty for a gap, an empty team, or something that was deleted. */
  readonly personsOf: (target: StepTarget) => readonly string[];
  /** Whether the person still is an active member. */
  readonly isMember: (personId: string) => boolean;
  readonly hasChannel: (channelId: string) => boolean;
  readonly isWorking: (calendarId: string) => boolean;
  /** When the calendar's next working time begins; undefined: not within the next weeks. */
  readonly nextWorkingAt: (calendarId: string) => UnixMs | undefined;
  /** In the organisation's time zone. */
  readonly minuteOfDay: number;
  /** How many alerts joined the incident within the last minutes. */
  readonly alertsWithin: (minutes: number) => number;
}

/** What already happened. */
export interface Past {
  /** `person:<id>` and `channel:<id>` that were told or passed over in this step of this round. */
  readonly seen: ReadonlySet<string>;
  /** Whether anybody of the step was told. */
  readonly hasToldInStep: boolean;
  /** Persons who said in this round that they cannot. */
  readonly declined: ReadonlySet<string>;
  /** Persons who said so for the whole run. */
  readonly left: ReadonlySet<string>;
}

export const nothingPast: Past = { seen: new Set(), hasToldInStep: false, declined: new Set(), left: new Set() };

/** Somebody to be told, by all of the media. */
export type Told =
  | { readonly kind: "person"; readonly personId: string; readonly media: readonly Medium[] }
  | { readonly kind: "channel"; readonly channelId: string };

/** Something that happened on the way and that the timeline tells. */
export interface Line {
  readonly kind: PassKind;
  readonly place: Place;
  readonly target?: StepTarget;
  readonly personId?: string;
  readonly channelId?: string;
  readonly until?: UnixMs;
}

/** Whom to tell now. */
export interface Act {
  readonly place: Place;
  /** Which target of the step is told; the first one when all are at once. */
  readonly pos: number;
  readonly tell: readonly [Told, ...Told[]];
}

export interface Decision {
  readonly lines: readonly Line[];
  /** Undefined: nobody is told now. */
  readonly act: Act | undefined;
  /** Where the run is from now on. */
  readonly place: Place;
  /** When it goes on: never undefined, since an incident that nobody has always has a next action. */
  readonly nextAt: UnixMs;
  /** A time of the calendar rather than a length of waiting: a clock that is set does not move it. */
  readonly isAnchored: boolean;
}

interface Move {
  readonly lines: readonly Line[];
  readonly act?: Act;
  readonly place: Place;
  readonly nextAt: UnixMs;
  readonly isAnchored?: boolean;
  /** `person:<id>` of those passed over with a line. */
  readonly passed?: readonly string[];
}

/** Rounds that go on until somebody takes the incident, or in which nobody was told, are at least this far apart. */
const shortestPause = 60;
/** How long whoever is told in place of an empty round has. */
const lastWait = 60;

/**
 * What a run does at `world.at`, and where it goes on when. Pure: the same past and world give the same decision. It walks over steps that
 * do not count or reach nobody without losing time, and ends at the first that tells somebody or has to wait.
 */
export function next(snapshot: Snapshot, from: Place, world: World, past: Past): Decision {
  const lines: Line[] = [];
  let place = from;
  const seen = new Set(past.seen);
  let here: Past = { ...past, seen };
  for (;;) {
    const move = moveFrom(snapshot, place, world, here);
    lines.push(...move.lines);
    for (const passed of move.passed ?? []) seen.add(passed);
    if (move.act || move.nextAt > world.at) {
      return { lines, act: move.act, place: move.place, nextAt: move.nextAt, isAnchored: move.isAnchored ?? false };
    }
    const isSameRound = move.place.ladder === place.ladder && move.place.round === place.round;
    if (!isSameRound || move.place.step !== place.step) seen.clear();
    here = {
      seen,
      hasToldInStep: seen.size > 0 && here.hasToldInStep,
      declined: isSameRound ? here.declined : nothingPast.declined,
      left: here.left,
    };
    place = move.place;
  }
}

function moveFrom(snapshot: Snapshot, place: Place, world: World, past: Past): Move {
  const ladder = ladderAt(snapshot, place.ladder);
  const step = ladder.steps[place.step];
  if (!step) return isOver(snapshot, ladder, place) ? endRound(snapshot, ladder, place, world) : tellLast(snapshot, place, world, past);
  if (!place.isDelayed && step.afterSeconds > 0) {
    return { lines: [], place: { ...place, isDelayed: true }, nextAt: addTime(world.at, seconds(step.afterSeconds)) };
  }
  const isBegun = place.target > 0 || past.seen.size > 0;
  const unmet = isBegun ? undefined : whyNot(step, snapshot.severity, world);
  if (unmet) return { lines: [{ kind: unmet, place }], place: nextStep(place), nextAt: world.at };
  const media = mediaOf(ladder, step, snapshot.severity, world);
  if (media.length === 0) return hold(ladder, place, world);
  return step.mode === "at-once" ? tellAll(step, media, place, world, past) : tellNext(step, media, place, world, past);
}

/** Whether the round has nothing more to do: somebody was told, or the last resort comes at once anyway. */
function isOver(snapshot: Snapshot, ladder: Ladder, place: Place): boolean {
  return place.hasTold || place.step > ladder.steps.length || (isLastRound(ladder, place) && place.ladder === snapshot.ladders.length - 2);
}

const isLastRound = ({ rounds }: Ladder, { round }: Place): boolean => rounds !== "until-taken" && round + 1 >= rounds;

/** Runs that came to the last resort stay there. */
function ladderAt(snapshot: Snapshot, index: number): Ladder {
  return snapshot.ladders[Math.min(index, snapshot.ladders.length - 1)] ?? snapshot.ladders[0];
}

const nextStep = (place: Place): Place => ({ ...place, step: place.step + 1, target: 0, isDelayed: false });

/** The first condition of the step that does not hold. */
function whyNot({ when }: PolicyStep, severity: Severity, world: World): PassKind | undefined {
  if (!when) return undefined;
  if (when.severities && !when.severities.includes(severity)) return "severity";
  if (when.calendar && world.isWorking(when.calendar.calendarId) !== (when.calendar.during === "working")) return "calendar";
  if (when.hours && !isWithin(when.hours, world.minuteOfDay)) return "hours";
  if (when.many && world.alertsWithin(when.many.minutes) < when.many.alerts) return "few-alerts";
  return undefined;
}

function isWithin({ from, until }: { readonly from: number; readonly until: number }, minute: number): boolean {
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}

/** By which media the step tells people now; none: it is held. */
function mediaOf(ladder: Ladder, step: PolicyStep, severity: Severity, world: World): readonly Medium[] {
  if (step.medium !== "severity") return [step.medium];
  const row = ladder.slope[severity];
  const isWorking = ladder.calendarId === undefined || world.isWorking(ladder.calendarId);
  if (isWorking || row.outside.length > 0) return isWorking ? row.working : row.outside;
  // Held, unless no working time is in sight: then waiting would be for ever.
  return heldUntil(ladder, world) === undefined ? row.working : [];
}

function heldUntil({ calendarId }: Ladder, world: World): UnixMs | undefined {
  const until = calendarId === undefined ? undefined : world.nextWorkingAt(calendarId);
  return until !== undefined && until > world.at ? until : undefined;
}

function hold(ladder: Ladder, place: Place, world: World): Move {
  const until = heldUntil(ladder, world) ?? unixMs(world.at + shortestPause * 1000);
  return { lines: [{ kind: "held", place, until }], place, nextAt: until, isAnchored: true };
}

interface Resolved {
  readonly tell: readonly Told[];
  readonly lines: readonly Line[];
  readonly passed: readonly string[];
}

/** Whom of a target can be told now: each at most once in a step. */
function resolve(target: StepTarget, media: readonly Medium[], place: Place, world: World, past: Past): Resolved {
  if (target.kind === "channel") {
    const { channelId } = target;
    const key = `channel:${channelId}`;
    if (past.seen.has(key)) return { tell: [], lines: [], passed: [] };
    if (world.hasChannel(channelId)) return { tell: [{ kind: "channel", channelId }], lines: [], passed: [] };
    return { tell: [], lines: [{ kind: "gone", place, target, channelId }], passed: [key] };
  }
  const persons = world.personsOf(target);
  if (persons.length === 0) return { tell: [], lines: [{ kind: "nobody", place, target }], passed: [] };
  const tell: Told[] = [];
  const lines: Line[] = [];
  const passed: string[] = [];
  for (const personId of new Set(persons)) {
    const key = `person:${personId}`;
    if (past.seen.has(key)) continue;
    const cannot = past.declined.has(personId) || past.left.has(personId);
    const why = world.isMember(personId) ? (cannot ? "declined" : undefined) : "gone";
    if (why === undefined) tell.push({ kind: "person", personId, media });
    else {
      lines.push({ kind: why, place, target, personId });
      passed.push(key);
    }
  }
  return { tell, lines, passed };
}

/** The next of the step's people, or its next channel. */
function tellNext(step: PolicyStep, media: readonly Medium[], place: Place, world: World, past: Past): Move {
  const target = step.targets[place.target];
  if (!target) return { lines: past.hasToldInStep ? [] : [{ kind: "empty", place }], place: nextStep(place), nextAt: world.at };
  const found = resolve(target, media, place, world, past);
  const isGroup = target.kind === "owners" || (target.kind === "team" && target.how === "at-once");
  const [first, ...others] = found.tell;
  if (!first) return { ...found, place: { ...place, target: place.target + 1 }, nextAt: world.at };
  // A schedule or team stays the target until all of its people have been told: whoever is on duty then is next.
  const isDone = isGroup || target.kind === "person" || target.kind === "channel";
  return {
    lines: found.lines,
    passed: found.passed,
    act: { place, pos: place.target, tell: isGroup ? [first, ...others] : [first] },
    place: { ...place, target: isDone ? place.target + 1 : place.target, hasTold: true },
    nextAt: first.kind === "channel" ? world.at : addTime(world.at, seconds(step.waitSeconds)),
  };
}

function tellAll(step: PolicyStep, media: readonly Medium[], place: Place, world: World, past: Past): Move {
  const { tell, lines, passed } = resolveAll(step.targets, media, place, world, past);
  const [first, ...others] = tell;
  if (!first) return { lines: [...lines, { kind: "empty", place }], passed, place: nextStep(place), nextAt: world.at };
  const hasPeople = tell.some(({ kind }) => kind === "person");
  return {
    lines,
    passed,
    act: { place, pos: 0, tell: [first, ...others] },
    place: { ...nextStep(place), hasTold: true },
    nextAt: hasPeople ? addTime(world.at, seconds(step.waitSeconds)) : world.at,
  };
}

function resolveAll(targets: readonly StepTarget[], media: readonly Medium[], place: Place, world: World, past: Past): Resolved {
  const seen = new Set(past.seen);
  const all: { tell: Told[]; lines: Line[]; passed: string[] } = { tell: [], lines: [], passed: [] };
  for (const target of targets) {
    const found = resolve(target, media, place, world, { ...past, seen });
    for (const one of found.tell) seen.add(keyOf(one));
    for (const key of found.passed) seen.add(key);
    all.tell.push(...found.tell);
    all.lines.push(...found.lines);
    all.passed.push(...found.passed);
  }
  return all;
}

/** How {@link Past} names somebody who was told. */
export const keyOf = (told: Told): string => (told.kind === "person" ? `person:${told.personId}` : `channel:${told.channelId}`);

/** A round in which nobody could be told: the last resort is told at once, and if it reaches nobody, all owners. */
function tellLast(snapshot: Snapshot, place: Place, world: World, past: Past): Move {
  const last = ladderAt(snapshot, snapshot.ladders.length - 1).steps[0];
  const isLastLadder = place.ladder >= snapshot.ladders.length - 1;
  const empty = { ...past, seen: new Set<string>() };
  const told = isLastLadder ? [] : resolveAll(last?.targets ?? [], ["mail"], place, world, empty).tell;
  const [first, ...others] =
    told.length > 0
      ? told
      : resolveAll([{ kind: "owners" }], ["mail"], place, world, { ...empty, declined: nothingPast.declined, left: nothingPast.left }).tell;
  const after: Place = { ...nextStep(place), hasTold: true };
  const lines: Line[] = isLastLadder ? [] : [{ kind: "round-empty", place }];
  if (!first) return { lines: [...lines, { kind: "nobody-at-all", place }], place: { ...after, hasTold: false }, nextAt: world.at };
  return { lines, act: { place, pos: 0, tell: [first, ...others] }, place: after, nextAt: addTime(world.at, seconds(lastWait)) };
}

function endRound(snapshot: Snapshot, ladder: Ladder, place: Place, world: World): Move {
  const begin = { step: 0, target: 0, isDelayed: false, hasTold: false };
  const isLast = place.ladder >= snapshot.ladders.length - 1;
  if (!isLast && isLastRound(ladder, place)) {
    const ladderIndex = place.ladder + 1;
    const kind = ladderIndex === snapshot.ladders.length - 1 ? "exhausted" : "next-policy";
    return { lines: [{ kind, place }], place: { ...begin, ladder: ladderIndex, round: 0 }, nextAt: world.at };
  }
  const isEmpty = place.step > ladder.steps.length || !place.hasTold;
  const pause = ladder.rounds === "until-taken" || isEmpty ? Math.max(shortestPause, ladder.pauseSeconds) : ladder.pauseSeconds;
  const until = addTime(world.at, seconds(pause));
  return {
    lines: [{ kind: "round-over", place, until }],
    place: { ...begin, ladder: place.ladder, round: place.round + 1 },
    nextAt: until,
  };
}

/** The longest time in seconds that the policies plan to wait for anything but a calendar. */
export function longestWait(snapshot: Snapshot): number {
  let longest = Math.max(shortestPause, lastWait, snapshot.minOpenSeconds, snapshot.ackTimeoutSeconds);
  for (const { pauseSeconds, steps } of snapshot.ladders) {
    longest = Math.max(longest, pauseSeconds, ...steps.map(({ afterSeconds, waitSeconds }) => Math.max(afterSeconds, waitSeconds)));
  }
  return longest;
}

export interface FrozenPolicy extends Omit<PolicyInput, "memo"> {
  readonly id: string | undefined;
  readonly version: number;
}

/**
 * Freezes the policy, those that go on after it, and the last resort, which never ends.
 * @param find the policy of that id; undefined when it is gone, and then the chain ends before it
 */
export function freeze(policy: FrozenPolicy, severity: Severity, find: (id: string) => FrozenPolicy | undefined): Snapshot {
  const chain: FrozenPolicy[] = [policy];
  for (let one = policy; chain.length < mostChained;) {
    const following = one.exhausted.policyId === undefined ? undefined : find(one.exhausted.policyId);
    if (!following || chain.some(({ id }) => id === following.id)) break;
    chain.push(following);
    one = following;
  }
  const [first, ...others] = chain.map(ladderOf);
  const end = chain.at(-1) ?? policy;
  const last = lastResort(end);
  return {
    policyId: policy.id,
    version: policy.version,
    severity,
    minOpenSeconds: policy.minOpenSeconds,
    ackTimeoutSeconds: policy.ackTimeoutSeconds,
    ladders: first ? [first, ...others, last] : [last],
  };
}

/** Policies that one run can walk one after the other. */
export const mostChained = 5;

function ladderOf(policy: FrozenPolicy): Ladder {
  return {
    policyId: policy.id,
    name: policy.name,
    rounds: policy.rounds,
    pauseSeconds: policy.pauseSeconds,
    calendarId: policy.calendarId,
    cannot: policy.cannot,
    slope: policy.slope,
    steps: policy.steps,
  };
}

function lastResort({ slope, exhausted }: FrozenPolicy): Ladder {
  const targets = lastTargets(exhausted);
  const step: PolicyStep = { afterSeconds: 0, mode: "at-once", medium: "mail", waitSeconds: 10, targets };
  return {
    policyId: undefined,
    name: "",
    rounds: "until-taken",
    pauseSeconds: exhausted.repeatSeconds,
    calendarId: undefined,
    slope,
    steps: [step],
  };
}

/** Who is told when all else is over. */
export function lastTargets({ leadOfTeamId, channelId }: Exhausted): StepTarget[] {
  const targets: StepTarget[] = [];
  if (leadOfTeamId !== undefined) targets.push({ kind: "lead", teamId: leadOfTeamId });
  if (channelId !== undefined) targets.push({ kind: "channel", channelId });
  return targets.length > 0 ? targets : [{ kind: "owners" }];
}
