import { HinobanError } from "#base/errors";
import type { Collector, CollectorDeps, MetricValues } from "../collector.ts";

/** `vm_stat`: bytes by line title. The page size stands in the first line (4 KiB on Intel, 16 KiB on Apple silicon). */
export function parseVmStat(text: string): ReadonlyMap<string, number> {
  const pageSize = Number(/page size of (\d+) bytes/u.exec(text)?.[1]);
  if (!Number.isFinite(pageSize)) throw new HinobanError("invalid-input", "vm_stat does not say its page size.");
  const found = new Map<string, number>();
  for (const match of text.matchAll(/^"?([^":\n]+)"?:\s+(\d+)\.?$/gmu)) found.set(match[1] ?? "", Number(match[2]) * pageSize);
  return found;
}

/** `sysctl -n vm.swapusage`: `total = 2048.00M  used = 823.50M  free = 1224.50M  (encrypted)`. */
export function parseSwapUsage(text: string): MetricValues {
  const bytes = (key: string): number | undefined => {
    const match = new RegExp(`${key} = ([\\d.]+)([KMG])`, "u").exec(text);
    return match
      ? Number(match[1]) * { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] === "G" ? "G" : match[2] === "M" ? "M" : "K"]
      : undefined;
  };
  const total = bytes("total");
  const free = bytes("free");
  return total === undefined || free === undefined ? {} : { "memory.swap_total": total, "memory.swap_free": free };
}

/** Memory that programs can have without swapping: free, inactive and read-ahead pages. Used is the rest. */
export function macosMemoryMetrics(total: number, pages: ReadonlyMap<string, number>): MetricValues {
  const of = (title: string): number => pages.get(title) ?? 0;
  const available = of("Pages free") + of("Pages inactive") + of("Pages speculative");
  return {
    "memory.total": total,
    "memory.mem_available": available,
    "memory.used": Math.max(total - available, 0),
    "memory.cached": of("File-backed pages"),
  };
}

export function macosMemory({ reader }: CollectorDeps): Collector {
  return {
    name: "memory",
    collect: async () => {
      const pages = parseVmStat(await reader.command("/usr/bin/vm_stat", []));
      const swap = await reader.command("/usr/sbin/sysctl", ["-n", "vm.swapusage"]).then(parseSwapUsage, () => ({}));
      return { ...macosMemoryMetrics(reader.os.totalmem(), pages), ...swap };
    },
  };
}
