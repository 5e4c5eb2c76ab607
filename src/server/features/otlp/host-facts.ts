import type { Reporter } from "#features/receivers";
import type { Attributes } from "./model.ts";

const mostInterfaces = 50;

/** What is known about a host when it registers: its system, architecture and addresses, where the resource tells. */
export function firstFacts(
  attributes: Attributes,
  joins: { readonly service: string; readonly role: string } | undefined,
): NonNullable<Reporter["first"]> {
  const known = (names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(names).flatMap(([key, name]) => {
        const value = attributes.get(name) ?? "";
        return value === "" ? [] : [[key, value.slice(0, 500)]];
      }),
    );
  const kernel = known({
    os: "os.type",
    platform_name: "os.name",
    platform_version: "os.version",
    version: "os.description",
    machine: "host.arch",
  });
  const addresses = listOf(attributes.get("host.ip"));
  const hardware = listOf(attributes.get("host.mac"));
  const interfaces =
    addresses.length === 0 && hardware.length === 0
      ? []
      : [
          {
            name: "host",
            ...(hardware[0] === undefined ? {} : { macAddress: hardware[0] }),
            ipv4Addresses: addresses.filter((address) => /^\d+(?:\.\d+){3}$/u.test(address)),
            ipv6Addresses: addresses.filter((address) => address.includes(":")),
          },
        ];
  return {
    meta: JSON.stringify({ "agent-name": "opentelemetry", ...(Object.keys(kernel).length > 0 ? { kernel } : {}) }),
    interfaces,
    ...(joins ? { roles: [joins] } : {}),
  };
}

/** Lists come as JSON texts, since attributes are kept as texts. A text may begin like one and be none: `[2001:db8::1]`. */
function listOf(text: string | undefined): string[] {
  if (text === undefined || !text.startsWith("[")) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.filter((one) => typeof one === "string").slice(0, mostInterfaces) : [];
  } catch {
    return [];
  }
}
