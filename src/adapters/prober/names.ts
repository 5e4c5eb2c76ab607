import { lookup, type LookupAddress } from "node:dns";
import type { AddressRules } from "#base/ip-networks";
import { parseIp } from "#base/ip-networks";
import type { AddressFamily } from "#wire/probe-specs";
import { codeOf, failure } from "./failure.ts";
import type { Trace } from "./trace.ts";

/** Names that are looked up at a time: the system's resolver blocks one of Node's few threads for each, and files need those too. */
const mostAtOnce = 2;
const mostAddresses = 8;

/** Looks names up as every program on this machine does (hosts file, resolver, search list). Who asks for the same name at once shares the answer. */
export class Names {
  readonly #running = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  lookup(host: string): Promise<readonly LookupAddress[]> {
    const running = this.#running.get(host);
    if (running) return running;
    const started = this.#ask(host).finally(() => this.#running.delete(host));
    this.#running.set(host, started);
    return started;
  }

  async #ask(host: string): Promise<readonly LookupAddress[]> {
    if (this.#busy >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      return await new Promise((resolve, reject) => {
        lookup(host, { all: true, verbatim: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
      });
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }
}

/** An IP address to talk to. */
export interface Target {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface ResolveInput {
  readonly host: string;
  readonly family: AddressFamily | undefined;
  /** What `family` means when it is not given. */
  readonly usual: AddressFamily;
}

/**
 * The addresses of a name, of the family asked for, as a step. An address in digits takes no look-up.
 * @throws verdicts name-unknown, name-unanswered, address-denied
 */
export async function resolveHost(trace: Trace, names: Names, rules: AddressRules, input: ResolveInput): Promise<readonly Target[]> {
  const host = input.host.replace(/^\[|\]$/gu, "");
  const wanted = input.family ?? input.usual;
  const literal = parseIp(host);
  if (literal) {
    const target = { address: host, family: literal.family };
    // Whoever writes an address in digits has chosen the family.
    if (input.family !== undefined && !isOf(target, wanted)) throw failure("name-unknown", `${host} is no ${label(wanted)} address`);
    demandAllowed(trace, rules, [target]);
    return [target];
  }
  return trace.step("resolve", { late: () => "name-unanswered" }, async () => {
    const all = await lookupAll(names, host);
    const found = all.filter((target) => isOf(target, wanted)).slice(0, mostAddresses);
    if (found.length === 0) throw failure("name-unknown", `${host} has no ${label(wanted)} address, only ${listed(all)}`);
    demandAllowed(undefined, rules, found);
    return { value: found, detail: listed(found) };
  });
}

const isOf = ({ family }: Target, wanted: AddressFamily): boolean => wanted === "auto" || (wanted === "ipv4" ? 4 : 6) === family;
const label = (family: AddressFamily): string => ({ ipv4: "IPv4", ipv6: "IPv6", auto: "IP" })[family];
const listed = (targets: readonly Target[]): string => targets.map(({ address }) => address).join(", ");

async function lookupAll(names: Names, host: string): Promise<readonly Target[]> {
  try {
    const found = await names.lookup(host);
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOTFOUND" || code === "ENODATA" || code === "EAI_NODATA") throw failure("name-unknown", `${host}: ${code}`);
    throw failure("name-unanswered", `${host}: ${code === "" ? "no answer" : code}`);
  }
}

/** One address that is not allowed forbids all: a name must not be a way around the setting. */
function demandAllowed(trace: Trace | undefined, rules: AddressRules, targets: readonly Target[]): void {
  const denied = targets.find(({ address }) => !rules.allows(address));
  if (!denied) return;
  const detail = `probes of ${denied.address} are not allowed by the settings of the prober`;
  trace?.note("resolve", "address-denied", detail);
  throw failure("address-denied", detail);
}
