import type { UnixMs } from "#base/duration";
import { segmentOf } from "#features/receivers";
import { diskNames, interfaceNames, type Emitter } from "./emitter.ts";
import { isSkippedDisk, procStates } from "./procfs.ts";

interface Figure {
  readonly params: readonly string[];
  readonly value: number;
  readonly at: UnixMs;
}

/** Reads a value that is one figure. False: it means nothing that Mackerel's names know. */
type SingleReader = (to: Emitter, figure: Figure) => boolean;

const isWindows = (to: Emitter): boolean => to.host.knowledge.os === "windows";

function emitNamed(to: Emitter, names: Readonly<Record<string, string>>, which: string, value: number): boolean {
  const name = names[which];
  if (name !== undefined) to.emit(name, value);
  return name !== undefined;
}

/** Zabbix tells percent of all cores together; Mackerel's names mean percent of one core each. Nothing before the number of cores is known. */
function emitCpu(to: Emitter, state: string | undefined, percent: number): boolean {
  const { cores } = to.host.knowledge;
  if (state !== undefined && cores !== undefined) to.emit(`cpu.${state}.percentage`, percent * cores);
  return state !== undefined;
}

const cpuName = (state: string): string | undefined => {
  const name = state === "interrupt" ? "irq" : state;
  return procStates.find((known) => known === name);
};
const windowsCpuNames: Readonly<Record<string, string>> = { User: "user", Privileged: "system", Idle: "idle" };
const loadNames = { avg1: "loadavg1", avg5: "loadavg5", avg15: "loadavg15" } as const;
const swapNames = { total: "memory.swap_total", free: "memory.swap_free" } as const;
const pagefileNames = { total: "memory.pagefile_total", free: "memory.pagefile_free" } as const;

const memory: SingleReader = (to, { params: [which = ""], value, at }) => {
  const names = { total: "memory.total", available: isWindows(to) ? "memory.free" : "memory.mem_available" };
  if (!emitNamed(to, names, which, value)) return false;
  const other = to.partner("memory", which, which === "total" ? "available" : "total", { at, value });
  if (other !== undefined) to.emit("memory.used", Math.abs(other - value));
  return true;
};

const filesystem: SingleReader = (to, { params: [path = "", which = ""], value, at }) => {
  if (which !== "used" && which !== "free") return false;
  const device = to.host.knowledge.mounts[path];
  const group = `filesystem.${segmentOf((device ?? path).replace(/^\/dev\//u, ""))}`;
  if (which === "used") to.emit(`${group}.used`, value);
  const other = to.partner(group, which, which === "used" ? "free" : "used", { at, value });
  if (other !== undefined) to.emit(`${group}.size`, value + other);
  return true;
};

const counter =
  (namesOf: (segment: string) => readonly [string, string], which: 0 | 1): SingleReader =>
  (to, { params: [part = ""], value, at }) => {
    if (!isSkippedDisk(part)) to.emitRates([namesOf(segmentOf(part))[which]], at, [value]);
    return true;
  };

const perfCounter: SingleReader = (to, { params: [path = ""], value }) => {
  const processor = /^\\Processor\(_Total\)\\% (\w+) Time$/u.exec(path)?.[1];
  if (processor !== undefined) return emitCpu(to, windowsCpuNames[processor], value);
  const [, drive, kind] = /^\\LogicalDisk\((\w+):\)\\Disk (Reads|Writes)\/sec$/u.exec(path) ?? [];
  if (drive === undefined) return emitNamed(to, { [String.raw`\System\Processor Queue Length`]: "processor_queue_length" }, path, value);
  to.emit(diskNames(segmentOf(drive))[kind === "Reads" ? 0 : 1], value);
  return true;
};

/** By the name in the key. */
export const singleReaders: ReadonlyMap<string, SingleReader> = new Map<string, SingleReader>([
  ["system.cpu.load", (to, { params, value }) => emitNamed(to, loadNames, params[1] ?? "", value)],
  ["system.cpu.util", (to, { params: [, state = ""], value }) => emitCpu(to, cpuName(state), value)],
  ["system.swap.size", (to, { params, value }) => emitNamed(to, isWindows(to) ? pagefileNames : swapNames, params[1] ?? "", value)],
  ["vm.memory.size", memory],
  ["vfs.fs.size", filesystem],
  ["net.if.in", counter(interfaceNames, 0)],
  ["net.if.out", counter(interfaceNames, 1)],
  ["vfs.dev.read", counter(diskNames, 0)],
  ["vfs.dev.write", counter(diskNames, 1)],
  ["perf_counter_en", perfCounter],
]);
