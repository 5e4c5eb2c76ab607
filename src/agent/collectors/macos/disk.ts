import { segment, type Collector, type CollectorDeps, type MetricValues } from "../collector.ts";
import { CounterRates } from "../rates.ts";

/**
 * `ioreg -r -w 0 -c IOBlockStorageDriver` as counters of finished reads and writes: each driver's Statistics, then the BSD name of its
 * whole disk below it. `iostat` would be shorter but does not tell reads from writes.
 */
export function parseIoreg(text: string): MetricValues {
  const counters: Record<string, number> = {};
  let statistics: string | undefined;
  for (const line of text.split("\n")) {
    if (line.includes('"Statistics" = {')) statistics = line;
    const disk = /"BSD Name" = "([^"]+)"/u.exec(line)?.[1];
    if (disk === undefined || statistics === undefined) continue;
    const reads = Number(/"Operations \(Read\)"=(\d+)/u.exec(statistics)?.[1]);
    const writes = Number(/"Operations \(Write\)"=(\d+)/u.exec(statistics)?.[1]);
    statistics = undefined; // the names that follow are its partitions
    if (!(reads + writes > 0)) continue;
    counters[`disk.${segment(disk)}.reads.delta`] = reads;
    counters[`disk.${segment(disk)}.writes.delta`] = writes;
  }
  return counters;
}

export function macosDisk({ reader, mono }: CollectorDeps): Collector {
  const rates = new CounterRates();
  return {
    name: "disk",
    collect: async () =>
      rates.perSecond(mono(), parseIoreg(await reader.command("/usr/sbin/ioreg", ["-r", "-w", "0", "-c", "IOBlockStorageDriver"]))),
  };
}
