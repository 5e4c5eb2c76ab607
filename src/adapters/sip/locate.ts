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

export const usualPort = (transport: TransportKind): number => (transport === "tls" ? 5061 : 5060);
const services = { udp: "_sip._udp", tcp: "_sip._tcp", tls: "_sips._tcp" } as const;

/** RFC 3263 without NAPTR, since the transport is chosen by people: SRV where no port is given, then addresses. */
export const locate: Locate = async ({ host, port, transport }) => {
  const plain = host.replaceAll(/^\[|\]$/gu, "");
  if (isIP(plain) !== 0) return [{ address: plain, port: port ?? usualPort(transport) }];
  const found = port === undefined ? await byService(plain, transport) : [];
  const hops = found.length > 0 ? found : await byName(plain, port ?? usualPort(transport), plain);
  return hops.slice(0, mostHops);
};

async function byService(host: string, transport: TransportKind): Promise<readonly Hop[]> {
  const records = await new Resolver({ timeout: 2000, tries: 2 }).resolveSrv(`${services[transport]}.${host}`).catch(() => []);
  const ordered = records.map((record) => ({ ...record, lot: Math.random() * (record.weight + 1) })); // weight only shares the load
  ordered.sort((a, b) => a.priority - b.priority || b.lot - a.lot);
  const all = await Promise.allSettled(ordered.slice(0, mostHops).map(({ name, port }) => byName(name, port, host)));
  return all.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
}

/** @param certified the name that a certificate has to be for: the one that was typed (RFC 5922 7.1) */
async function byName(name: string, port: number, certified: string): Promise<readonly Hop[]> {
  try {
    const addresses = await lookup(name, { all: true });
    return addresses.map(({ address }) => ({ address, port, name: certified }));
  } catch (error) {
    throw new HinobanError("unavailable", `The address of ${name} could not be found: ${messageOf(error)}`, {}, { cause: error });
  }
}
