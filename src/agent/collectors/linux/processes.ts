import type { Collector, CollectorDeps } from "../collector.ts";

/** The state letter of `/proc/<pid>/stat`. The command name before it is in parentheses and may hold anything, also parentheses. */
export function processState(stat: string): string {
  return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

/** Processes by state. The agent itself is always running while it looks, so it does not count as running. */
export function linuxProcesses({ reader }: CollectorDeps, ownPid: number = process.pid): Collector {
  return {
    name: "processes",
    collect: async () => {
      const pids = (await reader.names("/proc")).filter((name) => /^\d+$/u.test(name));
      let running = 0;
      let zombie = 0;
      let total = 0;
      for (const pid of pids) {
        const stat = await reader.text(`/proc/${pid}/stat`).catch(() => undefined); // it may have ended meanwhile
        if (stat === undefined) continue;
        total += 1;
        const state = processState(stat);
        if (state === "R" && Number(pid) !== ownPid) running += 1;
        else if (state === "Z") zombie += 1;
      }
      return { "custom.processes.total": total, "custom.processes.running": running, "custom.processes.zombie": zombie };
    },
  };
}
