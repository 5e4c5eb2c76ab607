import type { CpuInfo } from "../system.ts";
import type { Collector, CollectorDeps, MetricValues } from "./collector.ts";

interface CpuTimes {
  readonly cores: number;
  readonly user: number;
  readonly system: number;
  readonly idle: number;
}

const sum = (cpus: readonly CpuInfo[]): CpuTimes => {
  const times = { cores: cpus.length, user: 0, system: 0, idle: 0 };
  for (const cpu of cpus) {
    times.user += cpu.times.user + cpu.times.nice;
    times.system += cpu.times.sys + cpu.times.irq;
    times.idle += cpu.times.idle;
  }
  return times;
};

/** `cpu.{user,system,idle}.percentage` from node:os, x cores: the three states that macOS and Windows tell apart. */
export function osCpu({ reader }: CollectorDeps): Collector {
  let before: CpuTimes | undefined;
  return {
    name: "cpu",
    collect: async () => {
      const after = sum(reader.os.cpus());
      const values = before ? percentages(before, after) : {};
      before = after;
      return values;
    },
  };
}

function percentages(before: CpuTimes, after: CpuTimes): MetricValues {
  const user = after.user - before.user;
  const system = after.system - before.system;
  const idle = after.idle - before.idle;
  const total = user + system + idle;
  if (total <= 0 || user < 0 || system < 0 || idle < 0) return {};
  const percent = (part: number): number => (part / total) * 100 * after.cores;
  return { "cpu.user.percentage": percent(user), "cpu.system.percentage": percent(system), "cpu.idle.percentage": percent(idle) };
}
