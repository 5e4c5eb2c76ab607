import type { Collector, CollectorDeps } from "./collector.ts";

export function osLoadavg({ reader }: CollectorDeps): Collector {
  return {
    name: "loadavg",
    collect: async () => {
      const [loadavg1 = 0, loadavg5 = 0, loadavg15 = 0] = reader.os.loadavg();
      return { loadavg1, loadavg5, loadavg15 };
    },
  };
}
