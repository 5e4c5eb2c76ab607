/**
 * Where no request that somebody typed goes unless the operator allows it: the networks of the own wire, and the few addresses under which
 * clouds hand out credentials to whoever asks from inside a machine.
 */
export const deniedNetworks: readonly string[] = [
  "169.254.0.0/16", // link-local; 169.254.169.254 is the metadata service of most clouds
  "fe80::/10", // link-local
  "fd00:ec2::254/128", // AWS
  "fd20:ce::254/128", // Google Cloud
  "100.100.100.200/32", // Alibaba Cloud
  "192.0.0.192/32", // Oracle Cloud
  "168.63.129.16/32", // Azure's host
  "0.0.0.0/8",
  "::/128",
  "224.0.0.0/4", // multicast
  "ff00::/8",
  "255.255.255.255/32",
];

/** The machine itself: what listens there often trusts everybody who can reach it. */
export const loopbackNetworks: readonly string[] = ["127.0.0.0/8", "::1/128"];

/** An address as bits: 32 of them for IPv4, 128 for IPv6. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** @returns undefined for what is no IP address; a zone (`%eth0`) is left out */
export function parseIp(text: string): IpAddress | undefined {
  const bare = text.split("%")[0] ?? "";
  return bare.includes(":") ? parseIpv6(bare) : parseIpv4(bare);
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part) && Number(part) <= 255)) return undefined;
  return { family: 4, bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) };
}

function parseIpv6(text: string): IpAddress | undefined {
  const tail = text.lastIndexOf(":") + 1;
  const dotted = text.slice(tail).includes(".") ? parseIpv4(text.slice(tail)) : undefined;
  if (text.slice(tail).includes(".") && !dotted) return undefined;
  const words = dotted ? `${text.slice(0, tail)}${(dotted.bits >> 16n).toString(16)}:${(dotted.bits & 0xffffn).toString(16)}` : text;
  const halves = words.split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = [...left, ...(right ?? [])];
  if (!given.every((word) => /^[0-9a-f]{1,4}$/iu.test(word))) return undefined;
  if (right === undefined ? given.length !== 8 : given.length > 7) return undefined;
  const all = right === undefined ? given : [...left, ...Array.from({ length: 8 - given.length }, () => "0"), ...right];
  return { family: 6, bits: all.reduce((bits, word) => (bits << 16n) | BigInt(`0x${word}`), 0n) };
}

/** The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96), compatible (::/96), NAT64 (64:ff9b::/96) or 6to4 (2002::/16). */
export function embeddedIpv4({ family, bits }: IpAddress): IpAddress | undefined {
  if (family === 4) return undefined;
  const low = bits & 0xffff_ffffn;
  const high = bits >> 32n;
  if (bits >> 112n === 0x2002n) return { family: 4, bits: (bits >> 80n) & 0xffff_ffffn };
  const isCompatible = high === 0n && low > 0xffffn; // ::1 is no such address
  if (isCompatible || high === 0xffffn || high === 0x64_ff9b_0000_0000_0000_0000n) return { family: 4, bits: low };
  return undefined;
}

/** A set of networks, `10.0.0.0/8` or single addresses. */
export class IpNetworks {
  readonly #networks: readonly { readonly family: 4 | 6; readonly prefix: bigint; readonly shift: bigint }[];

  /** What is no network is left out; ask {@link isNetwork} first where somebody typed it. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map(parseNetwork).filter((network) => network !== undefined);
  }

  /** Also when the address is an IPv4 address inside an IPv6 one. */
  has(address: IpAddress): boolean {
    const inside = embeddedIpv4(address);
    return this.#hasBits(address) || (inside !== undefined && this.#hasBits(inside));
  }

  #hasBits({ family, bits }: IpAddress): boolean {
    return this.#networks.some((network) => network.family === family && bits >> network.shift === network.prefix);
  }
}

function parseNetwork(text: string): { readonly family: 4 | 6; readonly prefix: bigint; readonly shift: bigint } | undefined {
  const [address = "", length, ...rest] = text.trim().split("/");
  const ip = parseIp(address);
  const width = ip?.family === 4 ? 32 : 128;
  if (!ip || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/u.test(length)) || Number(length ?? 0) > width) return undefined;
  const shift = BigInt(width - Number(length ?? width));
  return { family: ip.family, prefix: ip.bits >> shift, shift };
}

export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

/** Which addresses requests may go to: all that is not denied, and what the operator allows in spite of it. */
export class AddressRules {
  readonly #denied: IpNetworks;
  readonly #allowed: IpNetworks;

  constructor(rules: { readonly denied: readonly string[]; readonly allowed?: readonly string[] }) {
    this.#denied = new IpNetworks(rules.denied);
    this.#allowed = new IpNetworks(rules.allowed ?? []);
  }

  /** @param address an IP address as text, however it is written; what is none is not allowed */
  allows(address: string): boolean {
    const ip = parseIp(address);
    if (!ip) return false;
    return this.#allowed.has(ip) || !this.#denied.has(ip);
  }
}
