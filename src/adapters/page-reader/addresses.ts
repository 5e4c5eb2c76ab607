import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * Where no request of ours goes unless somebody allows it: link-local networks and the few addresses under which clouds hand out
 * credentials to whoever asks from inside a machine.
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

/** Tells which addresses are denied, however they are written. */
export class AddressPolicy {
  readonly #denied = new BlockList();

  constructor(networks: readonly string[] = deniedNetworks) {
    for (const network of networks) {
      const [address = "", bits = ""] = network.split("/");
      this.#denied.addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
    }
  }

  /** @param address an IP address as text */
  isDenied(address: string): boolean {
    const bare = address.split("%")[0] ?? "";
    const inside = embeddedIPv4(bare);
    if (inside !== undefined && this.#denied.check(inside, "ipv4")) return true;
    return isIPv4(bare) ? this.#denied.check(bare, "ipv4") : this.#denied.check(bare, "ipv6");
  }
}

/** The IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96), compatible (::/96), NAT64 (64:ff9b::/96) or 6to4 (2002::/16). */
function embeddedIPv4(address: string): string | undefined {
  const words = wordsOf(address);
  if (!words) return undefined;
  const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");
  if (words[0] === 0x2002) return dotted(words[1] ?? 0, words[2] ?? 0);
  const head = words.slice(0, 6).map(String).join(":");
  const isCompatible = head === "0:0:0:0:0:0" && words[6] !== 0; // ::1 is no such address
  const isEmbedded = isCompatible || head === "0:0:0:0:0:65535" || head === "100:65435:0:0:0:0";
  return isEmbedded ? dotted(words[6] ?? 0, words[7] ?? 0) : undefined;
}

/** The eight words of an IPv6 address. */
function wordsOf(address: string): number[] | undefined {
  if (!isIPv6(address)) return undefined;
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/u, (_all, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(":"),
  );
  const [left = "", right] = plain.split("::");
  const parse = (text: string): number[] => (text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16)));
  const [first, last] = [parse(left), right === undefined ? [] : parse(right)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
