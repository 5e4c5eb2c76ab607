import { createHash } from "node:crypto";
import { isKnown } from "./facts.ts";
import { keyParam } from "./item-key.ts";
import type { Knowledge } from "./knowledge.ts";

/** An item as an agent is asked for it. */
export interface Item {
  readonly id: number;
  readonly key: string;
  /** In seconds. */
  readonly delay: number;
}

/** How often things are asked for, in seconds. */
export interface Delays {
  /** What graphs are drawn of: a minute, like everybody's. */
  readonly metric: number;
  /** What describes the machine. */
  readonly fact: number;
  /** What describes the machine and comes from the same part of the agent as figures. */
  readonly companion: number;
  /** Items that the agent could not deliver and that others stand in for. */
  readonly probe: number;
}

export const usualDelays: Delays = { metric: 60, fact: 600, companion: 600, probe: 3600 };

/**
 * Agent 2 of 6.0 keeps a queue of its plug-ins by what each has to do next, and does not put it in order again when an item of a minute
 * comes back to a plug-in that otherwise waits for one of ten: such items then wait, too, and minutes are missing. So no plug-in of it
 * gets items of different intervals.
 */
export const delaysOf = (agent: "agent" | "agent2" | "sender", delays: Delays): Delays =>
  agent === "agent2" ? { ...delays, companion: delays.metric, probe: delays.metric } : delays;

/** One way to learn something: its first item must work, else the next way is taken. */
interface Way {
  readonly probe: string;
  readonly metrics: (known: Knowledge) => readonly string[];
  readonly facts: readonly string[];
}

const way = (metrics: readonly string[], facts: readonly string[] = []): Way => ({
  probe: metrics[0] ?? facts[0] ?? "",
  metrics: () => metrics,
  facts,
});

/** A way whose items depend on what `discovery` found. */
const discovered = (discovery: string, metrics: (known: Knowledge) => readonly string[], fixed: readonly string[] = []): Way => ({
  probe: discovery,
  metrics: (known) => [...fixed, ...metrics(known)],
  facts: [discovery],
});

const file = (path: string): Way => way([`vfs.file.contents[${path}]`]);

export const cpuStates = ["user", "nice", "system", "idle", "iowait", "interrupt", "softirq", "steal", "guest"] as const;
const loads = ["avg1", "avg5", "avg15"].map((average) => `system.cpu.load[all,${average}]`);

const classic = {
  load: way(loads),
  cpu: way(["system.cpu.num", ...cpuStates.map((state) => `system.cpu.util[,${state}]`)]),
  memory: way(["vm.memory.size[total]", "vm.memory.size[available]", "system.swap.size[,total]", "system.swap.size[,free]"]),
  network: discovered("net.if.discovery", ({ interfaces }) =>
    interfaces.flatMap((name) => [`net.if.in[${keyParam(name)}]`, `net.if.out[${keyParam(name)}]`]),
  ),
  disk: discovered("vfs.dev.discovery", ({ disks }) =>
    disks.flatMap((name) => [`vfs.dev.read[${keyParam(name)},operations]`, `vfs.dev.write[${keyParam(name)},operations]`]),
  ),
  filesystems: way(["vfs.fs.get"]),
  eachFilesystem: discovered("vfs.fs.discovery", ({ filesystems }) =>
    filesystems.flatMap((path) => [`vfs.fs.size[${keyParam(path)},used]`, `vfs.fs.size[${keyParam(path)},free]`]),
  ),
} as const;

/** Counters of Windows by their English names, which every language of it knows. */
const perfCounter = (path: string): string => `perf_counter_en["${path}"]`;
const windowsCpu = ["User", "Privileged", "Idle"].map((kind) => perfCounter(String.raw`\Processor(_Total)\% ${kind} Time`));
const driveCounters = (drive: string): readonly string[] =>
  ["Reads", "Writes"].map((kind) => perfCounter(String.raw`\LogicalDisk(${drive})\Disk ${kind}/sec`));

/**
 * What is learned from each system, in the order of preference. On Linux whole files of /proc are read: one value then holds what takes
 * dozens of items otherwise, all of one moment, so that the hundred values of an agent's default buffer last longer than ten minutes.
 * Where reading files is not allowed, and elsewhere, the items that every Zabbix user knows are taken.
 */
const waysOf: Readonly<Record<"linux" | "windows" | "other", readonly (readonly Way[])[]>> = {
  linux: [
    [file("/proc/loadavg"), classic.load],
    [file("/proc/stat"), classic.cpu],
    [file("/proc/meminfo"), classic.memory],
    [file("/proc/net/dev"), classic.network],
    [file("/proc/diskstats"), classic.disk],
    [classic.filesystems, classic.eachFilesystem],
  ],
  windows: [
    [way([perfCounter(String.raw`\System\Processor Queue Length`)])],
    [way(["system.cpu.num", ...windowsCpu])],
    [classic.memory],
    [classic.network],
    [discovered("perf_instance_en.discovery[LogicalDisk]", ({ disks }) => disks.flatMap(driveCounters))],
    [classic.filesystems, classic.eachFilesystem],
  ],
  other: [
    [classic.load],
    [classic.cpu],
    [classic.memory],
    [classic.network],
    [classic.disk],
    [classic.filesystems, classic.eachFilesystem],
  ],
};

const everywhere = ["system.uname", "system.hostname", "agent.version", "system.boottime"];
const linuxFacts = ["vfs.file.contents[/proc/mounts]", "vfs.file.contents[/etc/os-release]", "system.hw.cpu[all,model]"];

/**
 * The items for a host, from what is known about it. A way that does not work is asked for once in a while, in case it does again.
 * @param host its name: ids belong to it for good, whatever restarts
 */
export function itemsFor(host: string, known: Knowledge, delays: Delays = usualDelays): readonly Item[] {
  const system = known.os ?? "linux";
  const items = new Map<string, Item>();
  const want = (key: string, delay: number, pace: Pace): void => {
    if ((items.get(key)?.delay ?? delay) >= delay) items.set(key, { id: itemId(host, key, pace), key, delay });
  };
  const slow = (key: string): number => (key.startsWith("vfs.file.") || key.includes("discovery") ? delays.companion : delays.fact);
  // Agent 2 asks for the first time only when the whole interval is over: what is not known yet is asked for each minute.
  const wantFact = (key: string): void => want(key, isKnown(known, key) ? slow(key) : delays.metric, "slow");
  for (const key of system === "linux" ? [...everywhere, ...linuxFacts] : everywhere) wantFact(key);
  for (const ways of waysOf[system]) {
    const { broken, chosen } = choose(ways, known);
    for (const { probe } of broken) want(probe, delays.probe, "slow");
    for (const key of chosen.facts) wantFact(key);
    for (const key of chosen.metrics(known)) want(key, delays.metric, "minutely");
  }
  return [...items.values()];
}

/** Items that an agent cannot deliver and that others stand in for. */
export const replacedItems = (known: Knowledge): ReadonlySet<string> =>
  new Set(waysOf[known.os ?? "linux"].flatMap((ways) => choose(ways, known).broken.map(({ probe }) => probe)));

/** The first way that works, else the last; and those before it. */
function choose(ways: readonly Way[], known: Knowledge): { readonly broken: readonly Way[]; readonly chosen: Way } {
  const works = ways.findIndex(({ probe }) => known.unsupported[probe] === undefined);
  const at = works < 0 ? ways.length - 1 : works;
  return { broken: ways.slice(0, at), chosen: ways[at] ?? way([]) };
}

/** Every item that the host may have been asked for. */
export function keysOf(known: Knowledge): readonly string[] {
  const keys = [...everywhere, ...linuxFacts];
  for (const families of Object.values(waysOf)) {
    for (const ways of families) {
      for (const one of ways) keys.push(one.probe, ...one.facts, ...one.metrics(known));
    }
  }
  return keys;
}

/** Whether an item belongs to those that make up a minute, or is asked for now and then. */
export type Pace = "minutely" | "slow";

const secondsFor = { minutely: { first: 5, count: 30 }, slow: { first: 36, count: 19 } } as const;

/**
 * The number of an item: the same for ever, without being stored. Agents read an item when the seconds of the minute equal its number
 * modulo 60. So the figures of a host are of one moment and come in one post; hosts differ in it; and none is near the turn of the minute,
 * where a late timer would leave a minute out.
 */
export function itemId(host: string, key: string, pace: Pace): number {
  const { first, count } = secondsFor[pace];
  const spreadBy = createHash("sha256")
    .update(pace === "minutely" ? host : `${host}\0${key}`)
    .digest();
  const second = first + (spreadBy.readUInt32BE(5) % count);
  return createHash("sha256").update(`${host}\0${key}`).digest().readUIntBE(0, 5) * 60 + second;
}

/** The keys of all items that the host may have been asked for, by number. */
export function itemNumbers(host: string, known: Knowledge): ReadonlyMap<number, string> {
  const paces = ["minutely", "slow"] as const;
  return new Map(keysOf(known).flatMap((key) => paces.map((pace) => [itemId(host, key, pace), key] as const)));
}

/** A number that changes with the list. Never 0, which agents send before they have one. */
export function revisionOf(items: readonly Item[]): number {
  const text = items.map(({ id, delay }) => `${id}:${delay}`).join(",");
  return createHash("sha256").update(text).digest().readUInt32BE(0) || 1;
}
