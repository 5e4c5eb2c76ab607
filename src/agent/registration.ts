import type { Clock } from "#base/clock";
import { minutes, seconds, type Millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import { parseHost, parseHosts, type ApiClient, type HostRecord, type Outcome } from "./api.ts";
import { backoff } from "./backoff.ts";
import { instanceKey } from "./hostinfo/describe.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { Log } from "./log.ts";
import type { StateFolder } from "./state.ts";

export interface RegistrationDeps {
  readonly api: ApiClient;
  readonly state: StateFolder;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly customIdentifier: string | undefined;
  /** The id that another agent of this machine left, for example mackerel-agent. */
  readonly inherited?: () => Promise<string | undefined>;
  /** The host as POST takes it, carrying the installation's random name. */
  readonly describe: (instance: string) => Promise<JsonObject>;
  /** Called with the sentence for the operator while registration does not succeed. */
  readonly onTrouble: (trouble: string) => void;
}

type Try = { readonly host: HostRecord } | { readonly trouble: string; readonly isAway: boolean; readonly wait?: Millis | undefined };

const whileAway = { first: seconds(1), longest: minutes(1) };
const whileRefused = { first: seconds(10), longest: minutes(5) };

/**
 * Finds out which host this is, or makes it, trying for ever: the server may be away for days, and a key or right may be repaired there.
 * Resolves undefined when `signal` is aborted first.
 * @throws HinobanError "gone" when the host was retired
 */
export async function register(deps: RegistrationDeps, signal: AbortSignal): Promise<HostRecord | undefined> {
  let last = "";
  for (let tries = 1; !signal.aborted; tries += 1) {
    const result = await tryOnce(deps);
    if ("host" in result) {
      if (result.host.isRetired) throw retired(deps.state, result.host);
      return result.host;
    }
    if (result.trouble !== last) deps.log[result.isAway ? "warn" : "error"](result.trouble);
    last = result.trouble;
    deps.onTrouble(result.trouble);
    const wait = result.wait ?? backoff(tries, result.isAway ? whileAway : whileRefused, deps.random);
    await deps.clock.sleep("agent.register", wait, signal).catch(() => undefined);
  }
  return undefined;
}

const retired = (state: StateFolder, host: HostRecord): HinobanError =>
  new HinobanError(
    "gone",
    `Host ${host.id} (${host.name}) was retired, and a retired host does not come back. To watch this machine as a new host, remove ${state.idPath} and start the agent again.`,
    { hostId: host.id },
  );

async function tryOnce(deps: RegistrationDeps): Promise<Try> {
  const id = await deps.state.readId();
  if (id !== undefined) return knownHost(deps, id);
  const existing = await findExisting(deps);
  if (existing && "kind" in existing) return trouble(existing, "");
  if (existing) {
    await deps.state.writeId(existing.id);
    deps.log.info("This machine is known to the server already and goes on as that host.", { host: existing.id, name: existing.name });
    return { host: existing };
  }
  const { name: instance } = await deps.state.instance();
  const input = await deps.describe(instance);
  const outcome = await deps.api.createHost(input);
  if (outcome.kind !== "ok") return trouble(outcome, "Check roles, host_name and custom_identifier of this agent.");
  const created = isJsonObject(outcome.value) ? outcome.value["id"] : undefined;
  if (typeof created !== "string" || created === "")
    return { trouble: "The server answered the registration without a host id.", isAway: true };
  await deps.state.writeId(created);
  deps.log.info("Registered this machine as a new host.", { host: created });
  return { host: { id: created, name: String(input["name"]), status: "", isRetired: false, meta: {} } };
}

async function knownHost(deps: RegistrationDeps, id: string): Promise<Try> {
  const outcome = await deps.api.findHost(id);
  if (outcome.kind !== "ok") {
    return trouble(
      outcome,
      `The server does not know host ${id}. If it was deleted on purpose, remove ${deps.state.idPath} and start the agent again.`,
    );
  }
  const host = parseHost(isJsonObject(outcome.value) ? outcome.value["host"] : undefined);
  return host?.id === id ? { host } : { trouble: "The server answered with something that is not this host.", isAway: true };
}

/** The host that has our custom identifier, or that an earlier try of this installation made although its answer never arrived. */
async function findExisting(deps: RegistrationDeps): Promise<HostRecord | Exclude<Outcome, { kind: "ok" }> | undefined> {
  const inherited = await findInherited(deps);
  if (inherited) return inherited;
  if (deps.customIdentifier !== undefined) {
    const outcome = await deps.api.listHosts("customIdentifier", deps.customIdentifier);
    if (outcome.kind !== "ok") return outcome;
    const found = parseHosts(outcome.value)[0];
    if (found) return found;
  }
  const { name: instance, isNew } = await deps.state.instance();
  if (isNew) return undefined;
  const input = await deps.describe(instance);
  const outcome = await deps.api.listHosts("name", String(input["name"]));
  if (outcome.kind !== "ok") return outcome;
  return parseHosts(outcome.value).find((host) => host.meta[instanceKey] === instance);
}

/** A host that mackerel-agent reported to this server until now. An id that the server does not know is another server's. */
async function findInherited(deps: RegistrationDeps): Promise<HostRecord | Exclude<Outcome, { kind: "ok" }> | undefined> {
  const id = await deps.inherited?.();
  if (id === undefined) return undefined;
  const outcome = await deps.api.findHost(id);
  if (outcome.kind === "refused") return undefined;
  if (outcome.kind !== "ok") return outcome;
  const host = parseHost(isJsonObject(outcome.value) ? outcome.value["host"] : undefined);
  return host?.id === id && !host.isRetired ? host : undefined;
}

/** The sentence for the operator. */
function trouble(outcome: Exclude<Outcome, { kind: "ok" }>, whenRefused: string): Try {
  switch (outcome.kind) {
    case "away":
      return { trouble: `The server does not answer properly (${outcome.why}); trying again.`, isAway: true, wait: outcome.retryAfter };
    case "denied":
      return { trouble: deniedSentence(outcome.why), isAway: false };
    case "refused":
      return { trouble: `The server refused this host (${outcome.why}). ${whenRefused} Trying again.`.replace("  ", " "), isAway: false };
  }
}

/** What to do about 401 and 403, for registration and delivery alike. */
export const deniedSentence = (why: string): string =>
  `The server does not accept the API key (${why}). Make a key with the rights Read and Write on the server's screen "Keys", check its allowed networks, and put it into this agent's configuration. Metrics are kept and sent afterwards.`;
