import type { Collector, CollectorDeps, MetricValues } from "../collector.ts";

const states = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"] as const;
type CpuState = (typeof states)[number];

/** Ticks per state since boot, summed over all cores. Older kernels lack the later states. */
export interface CpuTicks {
  readonly cores: number;
  readonly ticks: Readonly<Partial<Record<CpuState, number>>>;
}

/**
 * `/proc/stat`. The kernel counts guest time in user as well, and guest_nice in nice: both are taken out again, so that the states
 * add up to the time that passed.
 */
export function parseProcStat(text: string): CpuTicks {
  let cores = 0;
  let fields: number[] = [];
  for (const line of text.split("\n")) {
    if (/^cpu\d/u.test(line)) cores += 1;
    else if (line.startsWith("cpu ")) fields = line.slice(4).trim().split(/\s+/u).map(Number);
  }
  const ticks: Partial<Record<CpuState, number>> = {};
  for (const [at, state] of states.entries()) {
    const value = fields[at];
    if (value !== undefined) ticks[state] = value;
  }
  const guestNice = fields[states.length] ?? 0;
  if (ticks.guest !== undefined) {
    ticks.user = (ticks.user ?? 0) - ticks.guest;
    ticks.nice = (ticks.nice ?? 0) - guestNice;
    ticks.guest += guestNice;
  }
  return { cores: Math.max(cores, 1), ticks };
}

/** Percent of each state between two samples, times the number of cores: all states add up to 100 x cores. Empty when nothing passed. */
export function cpuPercentages(before: CpuTicks, after: CpuTicks): MetricValues {
  const grown: [CpuState, number][] = [];
  let total = 0;
  for (const state of states) {
    const now = after.ticks[state];
    const then = before.ticks[state];
    if (now === undefined || then === undefined) continue;
    const growth = Math.max(now - then, 0); // the kernel corrects iowait and idle downwards by some ticks now and then
    grown.push([state, growth]);
    total += growth;
  }
  if (total === 0) return {};
  return Object.fromEntries(grown.map(([state, growth]) => [`cpu.${state}.percentage`, (growth / total) * 100 * after.cores]));
}

const sumOf = (cpu: CpuTicks): number => Object.values(cpu.ticks).reduce((sum, ticks) => sum + ticks, 0);

export function linuxCpu({ reader }: CollectorDeps): Collector {
  let before: CpuTicks | undefined;
  return {
    name: "cpu",
    collect: async () => {
      const after = parseProcStat(await reader.text("/proc/stat"));
      const hasShrunk = before !== undefined && sumOf(after) < sumOf(before); // a restored checkpoint counts from anew
      const values = before && !hasShrunk ? cpuPercentages(before, after) : {};
      before = after;
      return values;
    },
  };
}
