import { BlockList, isIP } from "node:net";

/** What is wrong with an address or a network in CIDR notation, or undefined. */
export function networkProblem(network: string): string | undefined {
  const [address = "", prefix, ...more] = network.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return "Use an address such as 192.0.2.7 or a network such as 192.0.2.0/24.";
  if (prefix === undefined) return undefined;
  const longest = family === 4 ? 32 : 128;
  return /^\d{1,3}$/u.test(prefix) && Number(prefix) <= longest ? undefined : `The length behind the slash is 0 to ${longest}.`;
}

/** Whether `address` lies in one of `networks`; with no networks, always. */
export function isInside(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const allowed = new BlockList();
  for (const network of networks) addNetwork(allowed, network);
  const plain = address.replace(/^::ffff:(?=\d+\.)/iu, "").replace(/%.*$/u, ""); // an IPv4 caller of a dual-stack socket; the zone of a link-local address
  const family = isIP(plain);
  return family !== 0 && allowed.check(plain, family === 4 ? "ipv4" : "ipv6");
}

function addNetwork(list: BlockList, network: string): void {
  const [address = "", prefix] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}
