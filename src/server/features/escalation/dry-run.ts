import { addTime, seconds, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Duty } from "#features/duty";
import { findService } from "#features/inventory";
import type { Tx } from "#store";
import type { BodyOf, ResponseOf } from "#wire/contract";
import type { dryRun, DryRunLine, PolicyInput } from "#wire/escalation";
import { freeze, next, startPlace, type Decision, type FrozenPolicy, type Past, type Place, type Snapshot } from "./model.ts";
import { openBook, type PolicyBook } from "./policy-store.ts";
import { namesFor, textOfTarget } from "./present.ts";
import { reachOf } from "./reach.ts";
import { keysOf } from "./telling.ts";
import { loadWorld } from "./world.ts";

type Asked = BodyOf<typeof dryRun>;
type Answer = ResponseOf<typeof dryRun>;

const mostLines = 300;
const mostTurns = 400;

/** What a policy would do if nobody took the incident and every message arrived, from `at` on. Tells nobody. @throws "not-found" */
export async function dryRunOf(tx: Tx, duty: Duty, asked: Asked, now: UnixMs): Promise<Answer> {
  const at = asked.at === undefined ? now : addTime(now, seconds((asked.at - now) / 1000));
  const book = await openBook(tx);
  const serviceIds = asked.service === undefined ? [] : [(await findService(tx, asked.service)).id];
  const policy = policyOf(book, asked, serviceIds);
  const { problems } = await reachOf(tx, duty, policy, at);
  const { lines, endsAs } = await walk(tx, duty, freeze(policy, asked.severity, book.find), at);
  const names = await namesFor(tx, lines.flatMap(mentioned));
  return { policyName: policy.name, startsAt: at, lines, endsAs, problems: [...problems], names };
}

function policyOf(book: PolicyBook, { policyId, draft, severity }: Asked, serviceIds: readonly string[]): FrozenPolicy {
  if (draft) return draftOf(draft);
  if (policyId === undefined) return book.holdingFor(serviceIds, severity);
  const found = book.find(policyId);
  if (!found) throw new HinobanError("not-found", `There is no escalation policy ${policyId}.`, { id: policyId });
  return found;
}

function draftOf(draft: PolicyInput): FrozenPolicy {
  const { memo: _memo, ...input } = draft;
  return { ...input, id: undefined, version: 0 };
}

async function walk(tx: Tx, duty: Duty, snapshot: Snapshot, startsAt: UnixMs): Promise<Pick<Answer, "lines" | "endsAs">> {
  const lines: DryRunLine[] = [];
  const memory = new Memory();
  const scribe = (decision: Decision, at: UnixMs): void => void lines.push(...linesOf(snapshot, decision, at, startsAt));
  let place = startPlace;
  let at = addTime(startsAt, seconds(snapshot.minOpenSeconds));
  if (at > startsAt) lines.push({ ...head(snapshot, place, startsAt, startsAt), kind: "young", until: at });
  for (let turn = 0; turn < mostTurns && lines.length < mostLines; turn += 1) {
    const world = await loadWorld(tx, duty, { ladders: snapshot.ladders, at });
    const decision = next(snapshot, place, world, memory.pastOf(place));
    memory.keep(place, decision);
    scribe(decision, at);
    const isLastResort = decision.place.ladder >= snapshot.ladders.length - 1 && decision.place.round > 0;
    if (isLastResort) return { lines: lines.slice(0, mostLines), endsAs: "repeats" };
    place = decision.place;
    at = decision.nextAt;
    // Rounds without end show themselves once and a second time; the third is like them.
    const ladder = snapshot.ladders[place.ladder];
    if (ladder?.rounds === "until-taken" && place.round >= 2) return { lines, endsAs: "repeats" };
  }
  return { lines: lines.slice(0, mostLines), endsAs: "cut" };
}

/** Who was told or passed over in the step that is being walked, as the tables keep it for real runs. */
class Memory {
  #key = "";
  #seen = new Set<string>();
  #hasTold = false;

  pastOf(place: Place): Past {
    this.#turnTo(place);
    return { seen: this.#seen, hasToldInStep: this.#hasTold, declined: new Set(), left: new Set() };
  }

  keep(from: Place, { act, lines }: Decision): void {
    this.#turnTo(from);
    for (const { place, personId, channelId } of lines) {
      this.#turnTo(place);
      if (personId !== undefined) this.#seen.add(`person:${personId}`);
      if (channelId !== undefined) this.#seen.add(`channel:${channelId}`);
    }
    if (!act) return;
    this.#turnTo(act.place);
    for (const key of keysOf(act)) this.#seen.add(key);
    this.#hasTold = true;
  }

  #turnTo({ ladder, round, step }: Place): void {
    const key = `${ladder}.${round}.${step}`;
    if (key === this.#key) return;
    this.#key = key;
    this.#seen = new Set();
    this.#hasTold = false;
  }
}

function head(snapshot: Snapshot, { ladder, round, step }: Place, at: UnixMs, startsAt: UnixMs): Omit<DryRunLine, "kind"> {
  return { at, afterSeconds: Math.round((at - startsAt) / 1000), ladder, round, step, policyName: snapshot.ladders[ladder]?.name ?? "" };
}

function linesOf(snapshot: Snapshot, decision: Decision, at: UnixMs, startsAt: UnixMs): DryRunLine[] {
  const turns = decision.lines.map((line): DryRunLine => {
    const { kind, place, target, personId, channelId, until } = line;
    return {
      ...head(snapshot, place, at, startsAt),
      kind,
      ...(target ? { target } : {}),
      ...(personId === undefined ? {} : { personId }),
      ...(channelId === undefined ? {} : { channelId }),
      ...(until === undefined ? {} : { until }),
    };
  });
  const { act } = decision;
  if (!act) return turns;
  const target = snapshot.ladders[act.place.ladder]?.steps[act.place.step]?.targets[act.pos];
  const isOne = snapshot.ladders[act.place.ladder]?.steps[act.place.step]?.mode === "in-order";
  const told = act.tell.map((one): DryRunLine => ({
    ...head(snapshot, act.place, at, startsAt),
    kind: "told",
    ...(isOne && target ? { target } : {}),
    ...(one.kind === "person" ? { personId: one.personId, media: [...one.media] } : { channelId: one.channelId }),
  }));
  return [...turns, ...told];
}

function mentioned({ personId, channelId, target }: DryRunLine): string[] {
  return [
    ...(personId === undefined ? [] : [`person:${personId}`]),
    ...(channelId === undefined ? [] : [`channel:${channelId}`]),
    ...(target ? [textOfTarget(target)] : []),
  ].filter((text) => text !== "");
}
