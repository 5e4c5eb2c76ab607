import { toSeconds, unixMs } from "#base/duration";
import { withRaw, type JsonText } from "#http";
import type { HostInterface } from "#wire/inventory";
import { groupedBy, mainAddress } from "./model.ts";
import { interfacesOf, type HostRecord } from "./read-hosts.ts";

/**
 * A host as Mackerel's clients decode it: times in whole seconds (they are read into 32 bits), `roles` an object, and `meta` exactly as
 * the agent sent it, for a wrong type in there stops an agent at its start.
 */
export function v0Host(host: HostRecord): JsonText {
  const interfaces = interfacesOf(host);
  const address = mainAddress(interfaces);
  const plain = {
    id: host.id,
    name: host.name,
    ...(host.display_name === "" ? {} : { displayName: host.display_name }),
    ...(host.custom_identifier === null ? {} : { customIdentifier: host.custom_identifier }),
    createdAt: toSeconds(unixMs(host.created_at)),
    status: host.status,
    memo: host.memo,
    isRetired: host.retired_at !== null,
    ...(host.retired_at === null ? {} : { retiredAt: toSeconds(unixMs(host.retired_at)) }),
    size: "standard",
    ...(address === undefined ? {} : { ipAddress: address }),
    interfaces: interfaces.map(v0Interface),
    roles: rolesOf(host),
  };
  return withRaw(plain, { meta: host.meta });
}

/** `ipAddress` is the only address that `mkr hosts` prints. */
function v0Interface({ name, macAddress, ipv4Addresses, ipv6Addresses }: HostInterface): object {
  const [ipAddress] = ipv4Addresses;
  const [ipv6Address] = ipv6Addresses;
  return {
    name,
    ...(ipAddress === undefined ? {} : { ipAddress }),
    ...(ipv6Address === undefined ? {} : { ipv6Address }),
    ...(macAddress === undefined ? {} : { macAddress }),
    ipv4Addresses,
    ipv6Addresses,
  };
}

const rolesOf = (host: HostRecord): Record<string, string[]> =>
  Object.fromEntries(
    [...groupedBy(host.roles, (role) => role.service)].map(([service, roles]) => [service, roles.map((role) => role.role)]),
  );
