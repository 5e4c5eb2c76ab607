import { asObject, listIn, textIn, v0, ApiFailure, type Api } from "../api.ts";

/** What one organisation holds, read through Mackerel's interface, which source and target both speak. */

export interface HeldRole {
  readonly service: string;
  readonly name: string;
  readonly memo: string;
}

export interface HeldService {
  readonly name: string;
  readonly memo: string;
  readonly roles: readonly HeldRole[];
}

export interface HeldInterface {
  readonly name: string;
  readonly macAddress?: string;
  readonly ipv4Addresses: readonly string[];
  readonly ipv6Addresses: readonly string[];
}

export interface HeldHost {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly customIdentifier: string;
  readonly memo: string;
  readonly status: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly interfaces: readonly HeldInterface[];
  /** `service:role`, sorted. */
  readonly roles: readonly string[];
}

const statuses = ["working", "standby", "maintenance", "poweroff"];

/** Names alone; memos of roles take a call for each service. */
export async function readServices(api: Api): Promise<HeldService[]> {
  const services: HeldService[] = [];
  for (const one of listIn(await api.get("/api/v0/services"), "services")) {
    const name = textIn(one, "name");
    const hasRoles = listIn(one, "roles").length > 0;
    const roles = hasRoles ? listIn(await api.get(v0`services/${name}/roles`), "roles") : [];
    services.push({
      name,
      memo: textIn(one, "memo"),
      roles: roles.map((role) => ({ service: name, name: textIn(role, "name"), memo: textIn(role, "memo") })),
    });
  }
  return services;
}

/** Every host that is not retired. */
export async function readHosts(api: Api): Promise<HeldHost[]> {
  return listIn(await api.get("/api/v0/hosts", { status: statuses }), "hosts").map(hostOf);
}

function hostOf(value: unknown): HeldHost {
  const { createdAt, meta, roles } = asObject(value);
  const named = Object.entries(asObject(roles)).flatMap(([service, list]) =>
    Array.isArray(list) ? list.map((role) => `${service}:${String(role)}`) : [],
  );
  return {
    id: textIn(value, "id"),
    name: textIn(value, "name"),
    displayName: textIn(value, "displayName"),
    customIdentifier: textIn(value, "customIdentifier"),
    memo: textIn(value, "memo"),
    status: textIn(value, "status"),
    createdAt: typeof createdAt === "number" ? Math.floor(createdAt) : 0,
    meta: asObject(meta),
    interfaces: listIn(value, "interfaces").map(interfaceOf),
    roles: named.toSorted(),
  };
}

/** Lists of addresses win over the single ones of older agents. */
function interfaceOf(value: unknown): HeldInterface {
  const addresses = (list: string, single: string): string[] => {
    const many = listIn(value, list).filter((one) => typeof one === "string");
    const one = textIn(value, single);
    return many.length > 0 ? many : one === "" ? [] : [one];
  };
  const macAddress = textIn(value, "macAddress");
  return {
    name: textIn(value, "name"),
    ...(macAddress === "" ? {} : { macAddress }),
    ipv4Addresses: addresses("ipv4Addresses", "ipAddress"),
    ipv6Addresses: addresses("ipv6Addresses", "ipv6Address"),
  };
}

/** The answer, or undefined when there is no such thing. */
export async function ifThere<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiFailure && (error.answered === 404 || error.answered === 410)) return undefined;
    throw error;
  }
}
