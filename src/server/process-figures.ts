import { monitorEventLoopDelay } from "node:perf_hooks";
import { version } from "#base/version";
import type { Figure } from "#http";

/** Figures about the server's own process. */
export function processFigures(): Figure[] {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return [
    {
      name: "hinoban_build_info",
      type: "gauge",
      help: "The version that runs.",
      value: () => [{ labels: { version, node: process.version }, value: 1 }],
    },
    { name: "process_resident_memory_bytes", type: "gauge", help: "Resident memory in bytes.", value: () => process.memoryUsage.rss() },
    {
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "Processor time of all threads in seconds.",
      value: () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    },
    { name: "process_uptime_seconds", type: "gauge", help: "Seconds since the start.", value: () => process.uptime() },
    {
      name: "hinoban_event_loop_delay_p99_seconds",
      type: "gauge",
      help: "99th percentile of how late the event loop was since the last scrape.",
      value: () => {
        const p99 = delay.percentile(99) / 1e9;
        delay.reset();
        return p99;
      },
    },
  ];
}
