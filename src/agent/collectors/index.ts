import type { Collector, CollectorDeps } from "./collector.ts";
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

/** The collectors of a platform (`process.platform`). An unknown one gives what node:os knows everywhere. */
export function collectorsFor(platform: string, deps: CollectorDeps): readonly Collector[] {
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
