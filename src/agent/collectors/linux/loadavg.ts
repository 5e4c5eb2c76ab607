import { HinobanError } from "#base/errors";
import type { Collector, CollectorDeps, MetricValues } from "../collector.ts";

/** `/proc/loadavg`: `0.20 0.18 0.12 1/80 11206`. */
export function parseLoadavg(text: string): MetricValues {
  const [one, five, fifteen] = text.trim().split(/\s+/u).map(Number);
  if (one === undefined || five === undefined || fifteen === undefined)
    throw new HinobanError("invalid-input", "/proc/loadavg has fewer than 3 fields.");
  return { loadavg1: one, loadavg5: five, loadavg15: fifteen };
}

export function linuxLoadavg({ reader }: CollectorDeps): Collector {
  return { name: "loadavg", collect: async () => parseLoadavg(await reader.text("/proc/loadavg")) };
}
