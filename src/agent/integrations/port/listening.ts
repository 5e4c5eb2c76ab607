/** A port on which this machine listens. */
export interface ListeningPort {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** `0.0.0.0`, `127.0.0.1`, `::`, `fd00::1` … */
  readonly address: string;
}

const mostPorts = 10_000;
const listening = "0A";
const unconnected = "07"; // a UDP socket that takes from anybody

/**
 * The listening sockets of a table such as `/proc/net/tcp6` (proc_pid_net(5)): the kernel writes addresses as 32-bit words in the machine's byte
 * order, and ports in hexadecimal.
 */
export function parseSocketTable(text: string, protocol: "tcp" | "udp"): readonly ListeningPort[] {
  const wanted = protocol === "tcp" ? listening : unconnected;
  const found: ListeningPort[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*\d+: ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) ([\dA-F]{2}) /u.exec(line);
    if (!match || match[4] !== wanted || (protocol === "udp" && match[3] !== "0000") || found.length >= mostPorts) continue;
    const port = Number.parseInt(match[2] ?? "", 16);
    if (port > 0) found.push({ protocol, port, address: addressOf(match[1] ?? "") });
  }
  return found;
}

/** Words of little-endian machines; big-endian ones that run Node (s390x) write them the other way round, which only changes what is shown. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/gu) ?? []).flatMap((word) => (word.match(/../gu) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number.parseInt(`${bytes[index * 2] ?? ""}${bytes[index * 2 + 1] ?? ""}`, 16));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xff_ff)
    return bytes
      .slice(12)
      .map((byte) => Number.parseInt(byte, 16))
      .join(".");
  return compressed(groups);
}

/** RFC 5952: the longest run of zeros becomes `::`. */
function compressed(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?:$|:)/gu)].map(([run]) => run).sort((a, b) => b.length - a.length);
  const [longest] = runs;
  return longest === undefined ? text : text.replace(longest, "::");
}

/** `tcp/443`: how ports are written in options and messages. */
export const nameOf = ({ protocol, port }: Pick<ListeningPort, "protocol" | "port">): string => `${protocol}/${port}`;

/** A set of ports as options write it: `tcp/443`, `udp/*`, `tcp/32768-60999`. */
export interface PortRange {
  readonly protocol: "tcp" | "udp";
  readonly from: number;
  readonly to: number;
}

/** @returns undefined when the text is no range */
export function parsePortRange(text: string): PortRange | undefined {
  const match = /^(tcp|udp)\/(?:(\*)|(\d{1,5})(?:-(\d{1,5}))?)$/u.exec(text);
  if (!match) return undefined;
  const protocol = match[1] === "udp" ? "udp" : "tcp";
  if (match[2] !== undefined) return { protocol, from: 1, to: 65_535 };
  const from = Number(match[3]);
  const to = match[4] === undefined ? from : Number(match[4]);
  return from >= 1 && from <= to && to <= 65_535 ? { protocol, from, to } : undefined;
}

export const isIn = (ranges: readonly PortRange[], { protocol, port }: Pick<ListeningPort, "protocol" | "port">): boolean =>
  ranges.some((range) => range.protocol === protocol && port >= range.from && port <= range.to);
