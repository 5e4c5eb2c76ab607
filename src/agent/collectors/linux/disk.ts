import { segment, type Collector, type CollectorDeps, type MetricValues } from "../collector.ts";
import { CounterRates } from "../rates.ts";

// dm-* are the same blocks as the disks below them; loop* and ram* are files and memory.
const skipped = /^(?:dm-|loop\d|ram\d)/u;

/**
 * `/proc/diskstats` as counters of finished reads and writes, under the names of their rates. Disks that never did anything are left out.
 * @param wholeDisks names of `/sys/block`; partitions are left out, because their operations are those of their disk. Empty: take all.
 */
export function parseDiskstats(text: string, wholeDisks: ReadonlySet<string>): MetricValues {
  const counters: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/u);
    const device = fields[2];
    if (device === undefined || skipped.test(device)) continue;
    if (wholeDisks.size > 0 && !wholeDisks.has(device.replaceAll("/", "!"))) continue; // cciss/c0d0 is cciss!c0d0 in /sys
    const numbers = fields.slice(3).map(Number);
    const reads = numbers[0];
    const writes = numbers[4];
    if (reads === undefined || writes === undefined || numbers.every((n) => n === 0)) continue;
    counters[`disk.${segment(device)}.reads.delta`] = reads;
    counters[`disk.${segment(device)}.writes.delta`] = writes;
  }
  return counters;
}

export function linuxDisk({ reader, mono }: CollectorDeps): Collector {
  const rates = new CounterRates();
  return {
    name: "disk",
    collect: async () => {
      const wholeDisks = await reader.names("/sys/block").catch(() => []);
      const counters = parseDiskstats(await reader.text("/proc/diskstats"), new Set(wholeDisks));
      return rates.perSecond(mono(), counters);
    },
  };
}
