import { HinobanError } from "#base/errors";
import type { Collector, CollectorDeps, MetricValues } from "../collector.ts";

/** `/proc/meminfo` by key, in bytes. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([^:]+):\s+(\d+)(?: kB)?\s*$/u.exec(line);
    if (match?.[1] !== undefined) found.set(match[1], Number(match[2]) * 1024);
  }
  return found;
}

/** Mackerel's memory metrics in bytes. Kernels before 3.14 have no MemAvailable and give free, buffers and cached instead. */
export function memoryMetrics(meminfo: ReadonlyMap<string, number>): MetricValues {
  const total = meminfo.get("MemTotal");
  const free = meminfo.get("MemFree");
  if (total === undefined || free === undefined) throw new HinobanError("invalid-input", "/proc/meminfo has no MemTotal or no MemFree.");
  const values: Record<string, number> = { "memory.total": total };
  const available = meminfo.get("MemAvailable");
  if (available === undefined) {
    const buffers = meminfo.get("Buffers") ?? 0;
    const cached = meminfo.get("Cached") ?? 0;
    Object.assign(values, {
      "memory.free": free,
      "memory.buffers": buffers,
      "memory.cached": cached,
      "memory.used": total - free - buffers - cached,
    });
  } else {
    Object.assign(values, { "memory.mem_available": available, "memory.used": Math.max(total - available, 0) });
  }
  for (const [key, name] of [
    ["SwapTotal", "swap_total"],
    ["SwapCached", "swap_cached"],
    ["SwapFree", "swap_free"],
  ] as const) {
    const value = meminfo.get(key);
    if (value !== undefined) values[`memory.${name}`] = value;
  }
  return values;
}

export function linuxMemory({ reader }: CollectorDeps): Collector {
  return { name: "memory", collect: async () => memoryMetrics(parseMeminfo(await reader.text("/proc/meminfo"))) };
}
