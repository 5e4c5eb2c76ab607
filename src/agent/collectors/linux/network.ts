import { segment, type Collector, type CollectorDeps, type MetricValues } from "../collector.ts";
import { CounterRates } from "../rates.ts";

// veth* come and go with containers, thousands a week; lo never leaves the machine.
const skipped = /^(?:lo$|veth)/u;

/** `/proc/net/dev` as counters of bytes, under the names of their rates. Interfaces that never moved a byte are left out. */
export function parseNetDev(text: string): MetricValues {
  const counters: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const match = /^\s*(\S+?):\s*(\d.*)$/u.exec(line);
    if (!match) continue;
    const [, name = "", rest = ""] = match;
    const fields = rest.trim().split(/\s+/u).map(Number);
    const received = fields[0];
    const sent = fields[8];
    if (skipped.test(name) || received === undefined || sent === undefined || received + sent === 0) continue;
    counters[`interface.${segment(name)}.rxBytes.delta`] = received;
    counters[`interface.${segment(name)}.txBytes.delta`] = sent;
  }
  return counters;
}

export function linuxNetwork({ reader, mono }: CollectorDeps): Collector {
  const rates = new CounterRates();
  return { name: "interface", collect: async () => rates.perSecond(mono(), parseNetDev(await reader.text("/proc/net/dev"))) };
}
