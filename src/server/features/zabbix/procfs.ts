import { segmentOf } from "#features/receivers";

// The texts of Linux' /proc as agents read them, under the rules of the own agent: the same machine gives the same names and numbers.

/** Mackerel's states of a processor, in the order of /proc/stat. */
export const procStates = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"] as const;

/** Ticks since boot of all cores together, by {@link procStates}; 0 where the kernel is too old to tell. */
export interface CpuTicks {
  readonly cores: number;
  readonly ticks: readonly number[];
}

/** `/proc/stat`. Guest time is counted in user and guest_nice in nice as well: both are taken out, so that the states add up. */
export function readStat(text: string): CpuTicks | undefined {
  let cores = 0;
  let fields: number[] | undefined;
  for (const line of text.split("\n")) {
    if (/^cpu\d/u.test(line)) cores += 1;
    else if (line.startsWith("cpu ")) fields = line.slice(4).trim().split(/\s+/u).map(Number);
  }
  if (!fields || fields.length < 4 || !fields.every(Number.isFinite)) return undefined;
  const at = (index: number): number => fields[index] ?? 0;
  const guest = at(8);
  const guestNice = at(9);
  const ticks = [at(0) - guest, at(1) - guestNice, at(2), at(3), at(4), at(5), at(6), at(7), guest + guestNice];
  return { cores: Math.max(cores, 1), ticks };
}

/** Percent of each state times the number of cores; empty when nothing passed or the machine restarted. */
export function cpuPercentages(before: readonly number[], { cores, ticks }: CpuTicks): readonly (readonly [string, number])[] {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  if (before.length !== ticks.length || sum(ticks) < sum(before)) return [];
  const growth = ticks.map((now, index) => Math.max(now - (before[index] ?? 0), 0)); // the kernel corrects idle and iowait downwards by some ticks
  const total = sum(growth);
  return total === 0 ? [] : procStates.map((state, index) => [state, ((growth[index] ?? 0) / total) * 100 * cores] as const);
}

/** `/proc/loadavg`: `0.20 0.18 0.12 1/80 11206`. */
export function readLoadavg(text: string): readonly [number, number, number] | undefined {
  const [one, five, fifteen] = text.trim().split(/\s+/u).map(Number);
  return one !== undefined && five !== undefined && fifteen !== undefined && Number.isFinite(one + five + fifteen)
    ? [one, five, fifteen]
    : undefined;
}

/** `/proc/meminfo` under Mackerel's names, in bytes. Kernels before 3.14 tell no MemAvailable. */
export function readMeminfo(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([^:]+):\s+(\d{1,15})(?: kB)?\s*$/u.exec(line);
    if (match?.[1] !== undefined) found.set(match[1], Number(match[2]) * 1024);
  }
  const values = new Map<string, number>();
  const total = found.get("MemTotal");
  const free = found.get("MemFree");
  if (total === undefined || free === undefined) return values;
  values.set("memory.total", total);
  const available = found.get("MemAvailable");
  if (available === undefined) {
    const [buffers, cached] = [found.get("Buffers") ?? 0, found.get("Cached") ?? 0];
    values.set("memory.free", free).set("memory.buffers", buffers).set("memory.cached", cached);
    values.set("memory.used", total - free - buffers - cached);
  } else values.set("memory.mem_available", available).set("memory.used", Math.max(total - available, 0));
  for (const [key, name] of [
    ["SwapTotal", "swap_total"],
    ["SwapCached", "swap_cached"],
    ["SwapFree", "swap_free"],
  ] as const) {
    const value = found.get(key);
    if (value !== undefined) values.set(`memory.${name}`, value);
  }
  return values;
}

/** Two counters of a part of the machine. */
export interface CounterPair {
  readonly name: string;
  readonly first: number;
  readonly second: number;
}

/** More interfaces or disks than this are not a machine's own. */
const mostPairs = 200;

/** Interfaces that tell nothing about the machine: its own loop, and the ends of container pairs, thousands a week. */
export const isSkippedInterface = (name: string): boolean => /^(?:lo\d*$|veth)/u.test(name);

/** `/proc/net/dev` as bytes received and sent; interfaces that never moved a byte are left out. */
export function readNetDev(text: string): readonly CounterPair[] {
  const pairs: CounterPair[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*([^\s:]+(?::\d+)?):\s*(\d.*)$/u.exec(line);
    if (!match) continue;
    const [, name = "", rest = ""] = match;
    const fields = rest.trim().split(/\s+/u).map(Number);
    const [first, second] = [fields[0], fields[8]];
    if (isSkippedInterface(name) || first === undefined || second === undefined || !(first + second > 0)) continue;
    pairs.push({ name, first, second });
  }
  return pairs.slice(0, mostPairs);
}

/** dm-* are the same blocks as the disks below them; loop* and ram* are files and memory. */
export const isSkippedDisk = (name: string): boolean => /^(?:dm-|loop\d|ram\d)/u.test(name);

/** `/proc/diskstats` as finished reads and writes of whole disks; those that never did anything are left out. */
export function readDiskstats(text: string): readonly CounterPair[] {
  const pairs: CounterPair[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/u);
    const name = fields[2];
    if (name === undefined || isSkippedDisk(name)) continue;
    const numbers = fields.slice(3).map(Number);
    const [first, second] = [numbers[0], numbers[4]];
    if (first === undefined || second === undefined || !Number.isFinite(first + second)) continue;
    pairs.push({ name, first, second });
  }
  const names = new Set(pairs.map(({ name }) => name));
  return pairs.filter(({ name, first, second }) => first + second > 0 && !isPartition(name, names)).slice(0, mostPairs);
}

/** Whether the name is a partition of a disk that is listed, too: sda1 of sda, nvme0n1p1 of nvme0n1. Its operations are those of the disk. */
function isPartition(name: string, names: ReadonlySet<string>): boolean {
  const match = /^(.*\D)\d+$/u.exec(name);
  const stem = match?.[1] ?? "";
  if (stem === "") return false;
  return (!/\d$/u.test(stem) && names.has(stem)) || (/\dp$/u.test(stem) && names.has(stem.slice(0, -1)));
}

/** Images are always full: they would keep "fullest file system" at 100 % for ever. */
const images = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs"]);
const mostMounts = 500;

/** The block devices of `/proc/mounts` by where they are mounted; a device mounted several times counts at its shortest path. */
export function readMounts(text: string): Record<string, string> {
  const byDevice = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [device, path, type] = line.split(" ").map(unescape);
    if (!device?.startsWith("/dev/") || path === undefined || type === undefined || images.has(type)) continue;
    const known = byDevice.get(device);
    if (known === undefined ? byDevice.size < mostMounts : path.length < known.length) byDevice.set(device, path);
  }
  return Object.fromEntries([...byDevice].map(([device, path]) => [path, device]));
}

/** The kernel writes blanks, tabs, line feeds and backslashes as three octal digits. */
const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The segment of a metric name for a block device: `/dev/mapper/vg-root` is `mapper_vg-root`. */
export const deviceSegment = (device: string): string => segmentOf(device.replace(/^\/dev\//u, ""));

/** `/etc/os-release`: the distribution's name and version. */
export function readOsRelease(text: string): { readonly name: string | undefined; readonly version: string | undefined } {
  const value = (key: string): string | undefined => new RegExp(`^${key}=["']?([^"'\\n]*)["']?$`, "mu").exec(text)?.[1];
  return { name: value("NAME"), version: value("VERSION_ID") };
}
