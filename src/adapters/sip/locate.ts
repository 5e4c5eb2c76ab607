import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { HinobanError, messageOf } from "#base/errors";
import type { Hop, TransportKind } from "./transport.ts";

/** Whom a line talks to, as people type it. */
export interface Whereabouts {
  /** Name or address of registrar or proxy. */
  readonly host: string;
  readonly port?: number;
  readonly transport: TransportKind;
}

/** Finds the addresses of a server in the order in which they are tried. @throws HinobanError "unavailable" */
export type Locate = (where: Whereabouts) => Promise<readonly Hop[]>;

/** More than a provider names. */
const mostHops = 8;
/** A line asks for its own server, and for where the phones of its calls are. */
const mostNames = 100;

export const usualPort = (transport: TransportKind): number => (transport === "tls" ? 5061 : 5060);
const serviceNames = { udp: "_sip._udp", tcp: "_sip._tcp", tls: "_sips._tcp" } as const;

/** What the name service is asked. */
export interface NameService {
  /** Rejects with `code` as `node:dns` does. */
  srv(name: string): Promise<readonly Service[]>;
  addresses(name: string): Promise<readonly { readonly address: string }[]>;
}

interface Service {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

const system: NameService = {
  srv: (name) => new Resolver({ timeout: 2000, tries: 2 }).resolveSrv(name),
  addresses: (name) => lookup(name, { all: true }),
};

/** RFC 3263 without NAPTR, since the transport is chosen by people: SRV where no port is given, then addresses. */
export function locator(names = system): Locate {
  const services = new Services(names);
  return async ({ host, port, transport }) => {
    const plain = host.replaceAll(/^\[|\]$/gu, "");
    if (isIP(plain) !== 0) return [{ address: plain, port: port ?? usualPort(transport) }];
    const found = port === undefined ? await byService(names, services, plain, transport) : [];
    const hops = found.length > 0 ? found : await byName(names, plain, port ?? usualPort(transport), plain);
    return hops.slice(0, mostHops);
  };
}

async function byService(names: NameService, services: Services, host: string, transport: TransportKind): Promise<readonly Hop[]> {
  const records = await services.of(`${serviceNames[transport]}.${host}`);
  const ordered = records.map((record) => ({ ...record, lot: Math.random() * (record.weight + 1) })); // weight only shares the load
  ordered.sort((a, b) => a.priority - b.priority || b.lot - a.lot);
  const all = await Promise.allSettled(ordered.slice(0, mostHops).map(({ name, port }) => byName(names, name, port, host)));
  const found = all.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  // What stands behind the name itself is something else, often the provider's web server.
  if (found.length === 0 && records.length > 0) throw new HinobanError("unavailable", `No server of ${host} has an address.`);
  return found;
}

/** SRV records, and which names have some. */
class Services {
  readonly #names: NameService;
  readonly #having = new Set<string>();

  constructor(names: NameService) {
    this.#names = names;
  }

  /**
   * None where the name service knows of none, and where it says nothing of a name that never had any: in many networks nobody answers such
   * questions, and names stand in a file. A name that had some still has them. @throws HinobanError "unavailable"
   */
  async of(name: string): Promise<readonly Service[]> {
    try {
      const records = await this.#names.srv(name);
      if (records.length > 0 && this.#having.size < mostNames) this.#having.add(name);
      return records;
    } catch (error) {
      if (isNone(error) || !this.#having.has(name)) return [];
      throw new HinobanError("unavailable", `The servers of ${name} could not be found: ${messageOf(error)}`, {}, { cause: error });
    }
  }
}

const isNone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENODATA" || error.code === "ENOTFOUND");

/** @param certified the name that a certificate has to be for: the one that was typed (RFC 5922 7.1) */
async function byName(names: NameService, name: string, port: number, certified: string): Promise<readonly Hop[]> {
  try {
    const addresses = await names.addresses(name);
    return addresses.map(({ address }) => ({ address, port, name: certified }));
  } catch (error) {
    throw new HinobanError("unavailable", `The address of ${name} could not be found: ${messageOf(error)}`, {}, { cause: error });
  }
}
