import type { Collector, CollectorDeps, MetricValues } from "../collector.ts";

/** `ps -axo state=`: one line per process, its state first. `ps` itself is among the running and is taken out. */
export function parseProcessStates(text: string): MetricValues {
  const states = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const count = (letter: string): number => states.filter((state) => state.startsWith(letter)).length;
  return {
    "custom.processes.total": states.length,
    "custom.processes.running": Math.max(count("R") - 1, 0),
    "custom.processes.zombie": count("Z"),
  };
}

export function macosProcesses({ reader }: CollectorDeps): Collector {
  return { name: "processes", collect: async () => parseProcessStates(await reader.command("/bin/ps", ["-axo", "state="])) };
}
