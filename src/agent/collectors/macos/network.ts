import { segment, type Collector, type CollectorDeps, type MetricValues } from "../collector.ts";
import { CounterRates } from "../rates.ts";

/** `netstat -ibn` as counters of bytes. Only the link rows count: the address rows repeat them. The address column may be empty, so fields count from the end. */
export function parseNetstat(text: string): MetricValues {
  const counters: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/u);
    const name = (fields[0] ?? "").replace(/\*$/u, ""); // * marks an interface that is down
    if (!fields[2]?.startsWith("<Link#") || name.startsWith("lo")) continue;
    const received = Number(fields.at(-5));
    const sent = Number(fields.at(-2));
    if (!Number.isFinite(received) || !Number.isFinite(sent) || received + sent === 0) continue;
    counters[`interface.${segment(name)}.rxBytes.delta`] = received;
    counters[`interface.${segment(name)}.txBytes.delta`] = sent;
  }
  return counters;
}

export function macosNetwork({ reader, mono }: CollectorDeps): Collector {
  const rates = new CounterRates();
  return {
    name: "interface",
    collect: async () => rates.perSecond(mono(), parseNetstat(await reader.command("/usr/sbin/netstat", ["-ibn"]))),
  };
}
