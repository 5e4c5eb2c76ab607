import type { Collector, CollectorDeps } from "./collector.ts";

/** Seconds since the machine started, on every platform. */
export function uptimeCollector({ reader }: CollectorDeps): Collector {
  return { name: "uptime", collect: async () => ({ "custom.uptime.seconds": Math.floor(reader.os.uptime()) }) };
}
