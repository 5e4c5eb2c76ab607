import type { Clock } from "#base/clock";
import { hours, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { Receivers } from "#features/receivers";
import type { Access, Visitor } from "./access.ts";
import { learnSupport } from "./facts.ts";
import { agentName, interfacesOf } from "./host-facts.ts";
import type { HostPages } from "./host-pages.ts";
import type { AgentKind, HostState, HostStates } from "./host-states.ts";
import { delaysOf, itemsFor, revisionOf, type Delays } from "./items.ts";
import type { ActiveChecks, Client, Heartbeat, ItemValue, Message, ValuesMessage } from "./message.ts";
import { Reading, type Outcome } from "./reading.ts";
import type { Refusals } from "./refusals.ts";

/** An answer, before it is put into a packet. */
export type Answer = Readonly<Record<string, unknown>>;

export interface Receiving {
  readonly clock: Clock;
  readonly receivers: Receivers;
  readonly access: Access;
  readonly states: HostStates;
  readonly refusals: Refusals;
  readonly pages: HostPages;
  readonly delays: Delays;
}

export const failed = (info: string): Answer => ({ response: "failed", info });

/** As with Mackerel: what is more than a day off, in the past or in the future, is not kept. */
const acceptedWithin = hours(24);
/** Hosts of one post that are worked on at a time. */
const hostsAtOnce = 50;

/** Answers one request. @throws nothing that a client caused; what the database or the store throws becomes "failed", and agents try again */
export async function answer(deps: Receiving, visitor: Visitor, message: Message): Promise<Answer> {
  switch (message.kind) {
    case "active checks":
      return activeChecks(deps, visitor, message);
    case "heartbeat":
      return heartbeat(deps, visitor, message);
    case "agent data":
    case "sender data":
      return takeValues(deps, visitor, message);
  }
}

/** The host that a visitor may speak for under that name; undefined when there is none, which is noted for the console. */
async function hostOf(
  { access, receivers, refusals }: Receiving,
  visitor: Visitor,
  name: string,
  client: Client,
): Promise<string | undefined> {
  const { organisationId } = visitor;
  const mayRegister = visitor.mayRegister;
  const meta = { "agent-name": agentName(kindOf(client), client.version) };
  const first = { meta: JSON.stringify(meta), interfaces: interfacesOf(visitor.address) };
  const maySpeak = access.maySpeakFor(visitor, name);
  const hostId = maySpeak
    ? await receivers.hostOf({ kind: "system", organisationId, name: "zabbix" }, { kind: "zabbix", name, mayRegister, first })
    : undefined;
  if (hostId === undefined) refusals.add(organisationId, visitor.address, maySpeak ? "unknown-host" : "other-host", name);
  return hostId;
}

/** Agent 2 of 6.0 tells its version, the C agent does not; since 7.0 both say which they are. */
function kindOf({ version, variant }: Client): AgentKind {
  if (variant !== undefined) return variant === 2 ? "agent2" : "agent";
  return version === undefined ? "agent" : "agent2";
}

function meet(state: HostState, now: UnixMs, visitor: Visitor, client: Client): void {
  state.greet(now, visitor);
  state.agent = kindOf(client);
  // Agent 2 tells "6.0", its item "6.0.14". An older item is of before an upgrade.
  const told = state.knowledge.facts["agent.version"];
  state.version = client.version !== undefined && told?.startsWith(client.version) !== true ? client.version : (told ?? state.version);
}

const notFound = (name: string): Answer => failed(`host [${name}] not found`);

async function activeChecks(deps: Receiving, visitor: Visitor, message: ActiveChecks): Promise<Answer> {
  const hostId = await hostOf(deps, visitor, message.host, message);
  if (hostId === undefined) return notFound(message.host);
  deps.receivers.touch(visitor.organisationId, [hostId]);
  return deps.states.with(visitor.organisationId, message.host, hostId, async (state) => {
    meet(state, deps.clock.now(), visitor, message);
    state.metadata = message.metadata ?? state.metadata;
    const items = itemsFor(message.host, state.knowledge, delaysOf(state.agent, deps.delays));
    const revision = revisionOf(items);
    const revised = message.revision === undefined ? {} : { config_revision: revision };
    if (message.revision === revision) return { response: "success", ...revised };
    const data = items.map(({ id, key, delay }) => ({ key, itemid: id, delay: `${delay}s`, lastlogsize: 0, mtime: 0 }));
    return { response: "success", ...revised, data };
  });
}

async function heartbeat(deps: Receiving, visitor: Visitor, message: Heartbeat): Promise<Answer> {
  const hostId = await hostOf(deps, visitor, message.host, message);
  if (hostId === undefined) return notFound(message.host);
  deps.receivers.touch(visitor.organisationId, [hostId]);
  await deps.states.with(visitor.organisationId, message.host, hostId, async (state) => {
    meet(state, deps.clock.now(), visitor, message);
    state.heartbeatAt = deps.clock.now();
    state.heartbeatEvery = message.every;
  });
  return { response: "success" };
}

async function takeValues(deps: Receiving, visitor: Visitor, message: ValuesMessage): Promise<Answer> {
  const begun = deps.clock.mono();
  const byHost = new Map<string, ItemValue[]>();
  for (const value of message.values) {
    const values = byHost.get(value.host);
    if (values) values.push(value);
    else byHost.set(value.host, [value]);
  }
  const hosts = [...byHost];
  const results: PromiseSettledResult<number>[] = [];
  // New names are bound one after the other for everybody: one post with very many of them takes its turns like others.
  for (let from = 0; from < hosts.length; from += hostsAtOnce) {
    const some = hosts.slice(from, from + hostsAtOnce);
    results.push(...(await Promise.allSettled(some.map(([host, values]) => takeOfHost(deps, visitor, message, host, values)))));
  }
  const stored = results.filter((result) => result.status === "fulfilled").map((result) => result.value);
  const failure = results.find((result) => result.status === "rejected");
  if (failure && stored.length === 0) return failed(`nothing could be stored: ${reasonOf(failure.reason)}`);
  const total = message.values.length + message.malformed;
  const processed = stored.reduce((sum, count) => sum + count, 0);
  const spent = ((deps.clock.mono() - begun) / 1000).toFixed(6);
  const info = `processed: ${processed}; failed: ${total - processed}; total: ${total}; seconds spent: ${spent}`;
  return { response: "success", info };
}

/** What the outside may hear of a failure of ours. */
const reasonOf = (error: unknown): string => (error instanceof HinobanError ? messageOf(error) : "the server has a problem, see its log");

/** @returns how many values were processed */
async function takeOfHost(
  deps: Receiving,
  visitor: Visitor,
  message: ValuesMessage,
  host: string,
  values: readonly ItemValue[],
): Promise<number> {
  const { organisationId } = visitor;
  const hostId = await hostOf(deps, visitor, host, message);
  if (hostId === undefined) {
    deps.receivers.countUnknown(organisationId, values.length, host);
    return 0;
  }
  return deps.states.with(organisationId, host, hostId, async (state) => {
    const now = deps.clock.now();
    const batch = deps.receivers.batch();
    const reading = new Reading(state, batch);
    const taking = new Taking(state, reading, message, now);
    const processed = taking.read(values);
    await deps.receivers.append(organisationId, batch);
    reading.commit();
    taking.commit();
    deps.receivers.countLate(organisationId, "too-old", taking.tooOld);
    deps.receivers.countLate(organisationId, "too-new", taking.tooNew);
    if (message.kind === "agent data") meet(state, now, visitor, message);
    else state.greet(now, visitor);
    state.dataAt = now;
    const sentAt = message.sentAt ?? taking.newestAt;
    if (sentAt !== undefined) state.clockOffset = sentAt - now;
    await deps.pages.update(organisationId, state);
    return processed;
  });
}

/** The values of one host in one post. */
class Taking {
  readonly #state: HostState;
  readonly #reading: Reading;
  readonly #message: ValuesMessage;
  readonly #now: UnixMs;
  #newestId = -1;
  #texts = 0;
  tooOld = 0;
  tooNew = 0;
  /** Time of the newest value: stands in for the clock of agent 2, which tells none when it sends. Right to the seconds that it gathers. */
  newestAt: UnixMs | undefined;

  constructor(state: HostState, reading: Reading, message: ValuesMessage, now: UnixMs) {
    this.#state = state;
    this.#reading = reading;
    this.#message = message;
    this.#now = now;
  }

  /** Reads what was not read before. Facts come first: names of figures depend on them. @returns how many were processed */
  read(values: readonly ItemValue[]): number {
    const fresh = values.filter((value) => !this.#isKnown(value));
    const timely = fresh.filter((value) => this.#isTimely(value));
    const named = timely.map((value) => ({ value, key: this.#keyOf(value) }));
    if (this.#message.kind === "agent data") {
      for (const { value, key } of named) if (key !== undefined) this.#learn(key, value);
    }
    const outcomes = named
      .toSorted((a, b) => this.#timeOf(a.value) - this.#timeOf(b.value))
      .map(({ value, key }) => this.#readOne(key, value));
    const repeated = values.length - fresh.length;
    return repeated + outcomes.filter((outcome) => outcome === "stored" || outcome === "learned").length;
  }

  commit(): void {
    if (this.#message.session !== undefined && this.#newestId >= 0) this.#state.sessions.take(this.#message.session, this.#newestId);
    this.#state.textValues += this.#texts;
    this.#state.lateValues += this.tooOld + this.tooNew;
  }

  #isKnown({ id }: ItemValue): boolean {
    if (id === undefined || this.#message.session === undefined) return false;
    this.#newestId = Math.max(this.#newestId, id);
    return this.#state.sessions.has(this.#message.session, id);
  }

  #timeOf({ at }: ItemValue): UnixMs {
    return at ?? this.#now;
  }

  #isTimely(value: ItemValue): boolean {
    if (value.at !== undefined && value.at > (this.newestAt ?? 0)) this.newestAt = value.at;
    const age = this.#now - this.#timeOf(value);
    if (age > acceptedWithin) this.tooOld += 1;
    else if (age < -acceptedWithin) this.tooNew += 1;
    else return true;
    return false;
  }

  #keyOf({ item }: ItemValue): string | undefined {
    return typeof item === "string" ? item : this.#state.keyOf(item);
  }

  #learn(key: string, { text, isUnsupported }: ItemValue): void {
    if (!this.#state.isAskedFor(key)) return;
    this.#state.knowledge = learnSupport(this.#state.knowledge, key, isUnsupported ? (text ?? "") : undefined, this.#now);
    if (!isUnsupported && text !== undefined) this.#reading.learn(key, text);
  }

  #readOne(key: string | undefined, value: ItemValue): Outcome {
    const { text } = value;
    if (key === undefined) return "unnamed";
    // That an item does not work is news, too; and a log item may only tell how far it read.
    if (value.isUnsupported || text === undefined) return "learned";
    const at = this.#timeOf(value);
    const isOurs = this.#message.kind === "agent data" && this.#state.isAskedFor(key);
    const outcome = isOurs ? this.#reading.read(key, text, at) : this.#reading.custom(key, text, at);
    if (outcome === "text") this.#texts += 1;
    return outcome;
  }
}
