import type { UnixMs } from "#base/duration";
import { segmentOf } from "#features/receivers";
import { diskNames, interfaceNames, type Emitter } from "./emitter.ts";
import { learn } from "./facts.ts";
import { readFilesystems } from "./filesystems.ts";
import { cpuPercentages, readDiskstats, readLoadavg, readMeminfo, readNetDev, readStat, type CounterPair } from "./procfs.ts";

/** Reads a value that holds many figures. False: it cannot be understood. */
type WholeReader = (to: Emitter, text: string, at: UnixMs) => boolean;

/** The shares of the states of a processor since an older sample than this, in ms, say nothing about one minute. */
const longestWindow = 15 * 60_000;

const loadNames = ["loadavg1", "loadavg5", "loadavg15"] as const;

function loadavg(to: Emitter, text: string): boolean {
  const loads = readLoadavg(text);
  for (const [index, load] of (loads ?? []).entries()) to.emit(loadNames[index] ?? "", load);
  return loads !== undefined;
}

function stat(to: Emitter, text: string, at: UnixMs): boolean {
  const now = readStat(text);
  if (!now) return false;
  to.host.knowledge = learn(to.host.knowledge, "cores", "system.cpu.num", String(now.cores));
  const before = to.exchange("cpu", { at, values: now.ticks });
  if (!before || at - before.at > longestWindow) return true;
  for (const [state, percent] of cpuPercentages(before.values, now)) to.emit(`cpu.${state}.percentage`, percent);
  return true;
}

function meminfo(to: Emitter, text: string): boolean {
  const values = readMeminfo(text);
  for (const [name, value] of values) to.emit(name, value);
  const total = values.get("memory.total");
  if (total !== undefined) to.host.knowledge = learn(to.host.knowledge, "text", "vm.memory.size[total]", String(total));
  return values.size > 0;
}

function filesystems(to: Emitter, text: string): boolean {
  const found = readFilesystems(text, to.host.knowledge);
  for (const { segment, size, used } of found ?? []) {
    to.emit(`filesystem.${segment}.size`, size);
    to.emit(`filesystem.${segment}.used`, used);
  }
  return found !== undefined;
}

const pairs =
  (read: (text: string) => readonly CounterPair[], namesOf: (segment: string) => readonly string[]): WholeReader =>
  (to, text, at) => {
    for (const { name, first, second } of read(text)) to.emitRates(namesOf(segmentOf(name)), at, [first, second]);
    return true;
  };

/** By key. */
export const wholeReaders: ReadonlyMap<string, WholeReader> = new Map<string, WholeReader>([
  ["vfs.file.contents[/proc/loadavg]", loadavg],
  ["vfs.file.contents[/proc/stat]", stat],
  ["vfs.file.contents[/proc/meminfo]", meminfo],
  ["vfs.file.contents[/proc/net/dev]", pairs(readNetDev, interfaceNames)],
  ["vfs.file.contents[/proc/diskstats]", pairs(readDiskstats, diskNames)],
  ["vfs.fs.get", filesystems],
]);
