import type { DeviceFilters } from "./devices.ts";
import type { Collector, CollectorDeps, MetricValues } from "./collector.ts";
import { linuxCpu } from "./linux/cpu.ts";
import { linuxDisk } from "./linux/disk.ts";
import { linuxFilesystem } from "./linux/filesystem.ts";
import { linuxLoadavg } from "./linux/loadavg.ts";
import { linuxMemory } from "./linux/memory.ts";
import { linuxNetwork } from "./linux/network.ts";
import { linuxProcesses } from "./linux/processes.ts";
import { macosDisk } from "./macos/disk.ts";
import { macosFilesystem } from "./macos/filesystem.ts";
import { osLoadavg } from "./os-loadavg.ts";
import { macosMemory } from "./macos/memory.ts";
import { macosNetwork } from "./macos/network.ts";
import { macosProcesses } from "./macos/processes.ts";
import { osCpu } from "./os-cpu.ts";
import { uptimeCollector } from "./uptime.ts";
import { windowsMetrics } from "./windows/metrics.ts";

/** The collectors of a platform (`process.platform`) without the devices that the configuration leaves out. */
export function collectorsFor(platform: string, deps: CollectorDeps): readonly Collector[] {
  const { devices } = deps;
  const all = collectorsOf(platform, deps);
  if (!devices) return all;
  return all.map((collector) => ({ name: collector.name, collect: async () => withoutIgnored(await collector.collect(), devices()) }));
}

function withoutIgnored(values: MetricValues, { disksIgnored, interfacesIgnored }: DeviceFilters): MetricValues {
  if (!disksIgnored && !interfacesIgnored) return values;
  return Object.fromEntries(
    Object.entries(values).filter(([metric]) => {
      const [kind, name = ""] = metric.split(".");
      return !(kind === "disk" && disksIgnored?.test(name) === true) && !(kind === "interface" && interfacesIgnored?.test(name) === true);
    }),
  );
}

/** An unknown platform gives what node:os knows everywhere. */
function collectorsOf(platform: string, deps: CollectorDeps): readonly Collector[] {
  switch (platform) {
    case "linux":
      return [
        linuxLoadavg(deps),
        linuxCpu(deps),
        linuxMemory(deps),
        linuxDisk(deps),
        linuxNetwork(deps),
        linuxFilesystem(deps),
        linuxProcesses(deps),
        uptimeCollector(deps),
      ];
    case "darwin":
      return [
        osLoadavg(deps),
        osCpu(deps),
        macosMemory(deps),
        macosDisk(deps),
        macosNetwork(deps),
        macosFilesystem(deps),
        macosProcesses(deps),
        uptimeCollector(deps),
      ];
    case "win32":
      return [osCpu(deps), windowsMetrics(deps), uptimeCollector(deps)];
    default:
      return [osLoadavg(deps), osCpu(deps), uptimeCollector(deps)];
  }
}
