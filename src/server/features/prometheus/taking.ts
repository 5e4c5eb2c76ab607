import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Intake, ReceiverKind, Receivers, SeriesBudget } from "#features/receivers";
import type { Actor } from "#http";
import { describe, factsOf, type Descriptions, type HostFacts } from "./host-facts.ts";
import type { Plan } from "./mapping.ts";
import type { Samples } from "./samples.ts";

/** What became of the samples of one post or scrape. */
export interface Taken {
  /** Points that were stored. */
  readonly points: number;
  /** Samples left out by a rule or because nothing is made of such series. */
  readonly leftOut: number;
  /** Samples of series over their host's limit. */
  readonly refused: number;
  /** Samples of hosts that are unknown and not registered, retired, or not named. */
  readonly unknownHost: number;
  /** Points from more than a day away. */
  readonly outOfTime: number;
}

export interface TakingDeps {
  readonly receivers: Receivers;
  readonly budget: SeriesBudget;
  readonly descriptions: Descriptions;
}

export interface TakeInput {
  readonly actor: Actor;
  readonly kind: ReceiverKind;
  readonly samples: Samples;
  readonly mayRegister: boolean;
  readonly seriesPerHost: number;
}

type Fate = "taken" | "leftOut" | "refused" | "unknownHost";

/**
 * Stores samples by their plans. Resolves when all is durable.
 * @throws "unavailable" | "storage-full" and then nothing was stored: the same samples may come again
 */
export async function takeSamples(deps: TakingDeps, input: TakeInput): Promise<Taken> {
  const { actor, samples, seriesPerHost } = input;
  const facts = factsOf(samples.facts);
  const sources = await sourcesOf(deps, input, facts);
  const intake = await deps.receivers.intake(actor.organisationId);
  const counts: Record<Fate, number> = { taken: 0, leftOut: 0, refused: 0, unknownHost: 0 };
  const { plans } = samples;
  // Samples of one source mostly follow each other.
  let key = "";
  let source: string | undefined;
  for (let index = 0; index < plans.length; index += 1) {
    const plan = plans[index];
    if (!plan) continue;
    if (plan.source !== key) source = sources.get((key = plan.source));
    counts[takeSample({ intake, source, budget: deps.budget, seriesPerHost }, plan, samples, index)] += 1;
  }
  const report = await intake.commit();
  deps.receivers.countUnknown(actor.organisationId, counts.unknownHost, "");
  for (const [name, fact] of facts) {
    const hostId = sources.get(`host:${name}`);
    // A description that could not be written is written with the next post; the points are safe already.
    if (hostId !== undefined) await deps.descriptions.note(actor, hostId, fact).catch(() => undefined);
  }
  return {
    points: report.accepted,
    leftOut: counts.leftOut,
    refused: counts.refused,
    unknownHost: counts.unknownHost,
    outOfTime: report.tooOld + report.tooNew,
  };
}

/** The sources of all plans, with their budgets open. Only hosts that get points are registered. */
async function sourcesOf(deps: TakingDeps, input: TakeInput, facts: ReadonlyMap<string, HostFacts>): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const asked = new Set<string>();
  let last = "";
  for (const plan of input.samples.plans) {
    const key = plan.source;
    if (key === last || plan.outputs.length === 0 || asked.has(key)) continue;
    last = key;
    asked.add(key);
    const source = plan.outcome === "service" ? await serviceOf(deps, input, plan.service) : await hostOf(deps, input, plan, facts);
    if (source === undefined) continue;
    sources.set(key, source);
    await deps.budget.open(source);
  }
  return sources;
}

async function hostOf(
  { receivers }: TakingDeps,
  { actor, kind, mayRegister }: TakeInput,
  plan: Plan,
  facts: ReadonlyMap<string, HostFacts>,
): Promise<string | undefined> {
  const known = facts.get(plan.host);
  const first = { ...(known ? describe(known) : {}), ...(plan.joins ? { roles: [plan.joins] } : {}) };
  return unlessForbidden(receivers.hostOf(actor, { kind, name: plan.host, mayRegister, first }));
}

const serviceOf = ({ receivers }: TakingDeps, { actor }: TakeInput, name: string): Promise<string | undefined> =>
  unlessForbidden(receivers.serviceOf(actor, name, true));

/** A key that may post but not register: its unknown hosts are left out, and the others' points still count. */
async function unlessForbidden(found: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof HinobanError && error.code === "forbidden") return undefined;
    throw error;
  }
}

interface Taking {
  readonly intake: Intake;
  /** Undefined when the host is unknown and may not be registered, or retired. */
  readonly source: string | undefined;
  readonly budget: SeriesBudget;
  readonly seriesPerHost: number;
}

function takeSample({ intake, source, budget, seriesPerHost }: Taking, plan: Plan, samples: Samples, index: number): Fate {
  if (plan.outcome === "nameless") return "unknownHost";
  if (plan.outputs.length === 0) return "leftOut";
  if (source === undefined) return "unknownHost";
  const began = samples.startedAt(index);
  const sample = {
    source,
    series: plan.id,
    at: unixMs(samples.at(index)),
    value: samples.value(index),
    startedAt: began > 0 ? unixMs(began) : undefined,
  };
  let fate: Fate = "taken";
  for (const output of plan.outputs) {
    if (plan.outcome === "system" || budget.admits(source, output.name, seriesPerHost)) intake.feed(output, sample);
    else fate = "refused";
  }
  return fate;
}
