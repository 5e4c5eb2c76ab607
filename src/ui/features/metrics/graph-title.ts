import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";

interface Titled {
  readonly name: string;
  readonly kind: "system" | "custom" | "service";
  readonly title: string;
}

/** The graphs that our own agent defines, as it titles them. Under another title they are somebody's own. */
const agentTitles: ReadonlySet<string> = new Set([messages.en.processes, messages.en.uptime]);

/** System graphs and our own agent's in the reader's language; the others, and those this console does not know, as they are titled. */
export function useGraphTitle(): (graph: Titled) => string {
  const m = useMessages(messages);
  const known = new Map<string, string>([
    ["loadavg", m.loadavg],
    ["cpu", m.cpu],
    ["memory", m.memory],
    ["swap", m.swap],
    ["disk", m.disk],
    ["interface", m.interface],
    ["filesystem", m.filesystem],
    // Of our own agent.
    ["custom.processes", m.processes],
    ["custom.uptime", m.uptime],
    // Of roles: one figure over all hosts.
    ["loadavg5", m.loadavg5],
    ["processor_queue_length", m.processorQueue],
    ["cpu%", m.cpu],
    ["cpu.user.percentage", m.cpuUser],
    ["cpu.system.percentage", m.cpuSystem],
    ["cpu.iowait.percentage", m.cpuIowait],
    ["memory%", m.memoryPercent],
    ["memory.used", m.memoryUsed],
    ["interface.rxBytes.delta", m.networkIn],
    ["interface.txBytes.delta", m.networkOut],
    ["disk.reads.delta", m.diskReads],
    ["disk.writes.delta", m.diskWrites],
    ["disk%", m.diskPercent],
  ]);
  return ({ name, kind, title }) =>
    kind === "system" || (kind === "custom" && agentTitles.has(title)) ? (known.get(name) ?? title) : title;
}
